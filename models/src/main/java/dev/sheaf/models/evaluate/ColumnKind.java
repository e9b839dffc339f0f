package dev.sheaf.models.evaluate;

/** What a column's values are, as far as comparing them goes. */
public enum ColumnKind {
  /** {@code Byte, Short, Integer, Long, BigInteger}, and {@code BigDecimal} without a fraction. */
  INTEGER("a whole number"),
  /** {@code BigDecimal}, or any other number. */
  DECIMAL("a number"),
  /** {@code Double, Float}, or any other number; NaN counts as missing. */
  FLOAT("a number"),
  /** {@code Boolean}; false comes before true. */
  BOOLEAN("true or false"),
  /** {@code String}, compared by code points. */
  TEXT("text"),
  /** {@code java.time.LocalDate}. */
  DATE("a date such as 2015-06-01"),
  /** {@code java.time.LocalTime}. */
  TIME("a time such as 09:30:00"),
  /** {@code java.time.LocalDateTime}: a date and time without a zone. */
  DATE_TIME("a date and time such as 2015-06-01T09:30:00"),
  /** {@code java.time.Instant, OffsetDateTime, ZonedDateTime}: a point in time. */
  INSTANT("a point in time such as 2015-06-01T09:30:00Z");

  private final String description;

  ColumnKind(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }
}
