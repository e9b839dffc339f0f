package dev.sheaf.models.store;

/** What was decided about a key when a version was published. */
public enum EntryStatus {
  /** Stored with no verdict: nobody asked for the version to be served. */
  STORED,
  /** Serves the key from this version on. */
  PROMOTED,
  /** Stored, but the key keeps the model that served it before. */
  REJECTED,
  /** Stored and refused, while nothing served the key before: it goes on without a model. */
  WITHHELD,
  /** The version has no model for the key; it keeps the one that served it before. */
  KEPT
}
