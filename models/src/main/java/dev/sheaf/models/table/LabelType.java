package dev.sheaf.models.table;

/** What a label is. */
public enum LabelType {
  /** A number to come close to. */
  NUMBER,
  /** One of some classes: text, or a boolean or whole number as text. */
  CLASS
}
