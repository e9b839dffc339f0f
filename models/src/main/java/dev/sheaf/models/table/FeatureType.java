package dev.sheaf.models.table;

/**
 * The type of a feature's source column.
 *
 * <p>Every feature is trained and scored as a double, with NaN for a missing value; the type is
 * kept for those who read a model's metadata.
 */
public enum FeatureType {
  /** Whole numbers. */
  INTEGER,
  /** Numbers with a fraction, decimal or binary. */
  FLOAT,
  /** False and true, which enter as 0 and 1. */
  BOOLEAN
}
