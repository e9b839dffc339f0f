package dev.sheaf.transforms.snowflake;

/** What a write does with the rows that a table already has. */
public enum WriteMode {
  /** Keeps them. */
  APPEND,
  /** Replaces them, in the same transaction that loads the new ones. */
  TRUNCATE,
  /** Fails if there are any. */
  EMPTY
}
