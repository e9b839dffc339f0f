package dev.sheaf.models.table;

/**
 * The type of a feature, which says how its raw values enter a model.
 *
 * <p>Every feature is one input of the model, of shape {@code [N,1]}: {@code string} for text
 * categories, {@code double} for everything else. What is made of it (codes, indicator columns,
 * parts of a date) is made inside the model.
 */
public enum FeatureType {
  /** Whole numbers; NaN is missing. */
  INTEGER,
  /** Numbers with a fraction, decimal or binary; NaN is missing. */
  FLOAT,
  /** False and true, which enter as 0 and 1; NaN is missing. */
  BOOLEAN,
  /** Categories that are text; empty text is missing. */
  TEXT_CATEGORY,
  /** Categories that are whole numbers, up to 2^53; NaN is missing. */
  INTEGER_CATEGORY,
  /** Dates, which enter as whole days since 1970-01-01; NaN is missing. */
  DATE,
  /**
   * Dates with a time of day, which enter as seconds since 1970-01-01T00:00 on the column's own
   * clock (for instants: UTC); NaN is missing.
   */
  DATE_TIME;

  /** Whether the model's input is text. */
  public boolean isText() {
    return this == TEXT_CATEGORY;
  }

  /** Whether the values are names of something, between which no order or distance counts. */
  public boolean isCategory() {
    return this == TEXT_CATEGORY || this == INTEGER_CATEGORY;
  }

  /** Whether the values are points in time. */
  public boolean isCalendar() {
    return this == DATE || this == DATE_TIME;
  }
}
