package dev.sheaf.sandbox.snowflake.results;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads a value from DuckDB as the text that the wire protocol carries. */
@FunctionalInterface
interface ValueText {
  /** The text of column {@code index}, counted from 1, of the current row; null for NULL. */
  @Nullable String read(ResultSet rows, int index) throws SQLException;

  /** How values of a DuckDB type are read. */
  static ValueText of(String duckType) {
    if (duckType.startsWith("DECIMAL(")) {
      return ValueText::decimal;
    }
    return switch (duckType) {
      case "BOOLEAN" -> ValueText::bool;
      case "DOUBLE", "FLOAT" -> ValueText::real;
      case "DATE" -> ValueText::date;
      case "TIME", "TIME_NS" -> ValueText::time;
      case "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS" -> ValueText::timestamp;
      case "TIMESTAMP WITH TIME ZONE" -> ValueText::zoned;
      case "BLOB" -> ValueText::binary;
      default -> ResultSet::getString;
    };
  }

  private static @Nullable String decimal(ResultSet rows, int index) throws SQLException {
    BigDecimal value = rows.getBigDecimal(index);
    return value == null ? null : value.toPlainString();
  }

  private static @Nullable String bool(ResultSet rows, int index) throws SQLException {
    boolean value = rows.getBoolean(index);
    return rows.wasNull() ? null : value ? "1" : "0";
  }

  private static @Nullable String real(ResultSet rows, int index) throws SQLException {
    double value = rows.getDouble(index);
    if (rows.wasNull()) {
      return null;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return Double.toString(value);
  }

  private static @Nullable String date(ResultSet rows, int index) throws SQLException {
    LocalDate value = rows.getObject(index, LocalDate.class);
    return value == null ? null : Long.toString(value.toEpochDay());
  }

  private static @Nullable String time(ResultSet rows, int index) throws SQLException {
    LocalTime value = rows.getObject(index, LocalTime.class);
    return value == null ? null : nanos(0, value.toNanoOfDay());
  }

  private static @Nullable String timestamp(ResultSet rows, int index) throws SQLException {
    LocalDateTime value = rows.getObject(index, LocalDateTime.class);
    return value == null
        ? null
        : nanos(value.toLocalDate().toEpochDay() * 86_400, value.toLocalTime().toNanoOfDay());
  }

  private static @Nullable String zoned(ResultSet rows, int index) throws SQLException {
    OffsetDateTime value = rows.getObject(index, OffsetDateTime.class);
    return value == null ? null : seconds(value.toEpochSecond(), value.getNano());
  }

  private static @Nullable String binary(ResultSet rows, int index) throws SQLException {
    byte[] value = rows.getBytes(index);
    return value == null ? null : HexFormat.of().withUpperCase().formatHex(value);
  }

  /** A decimal number of seconds; below zero as a negative number, not as a floor. */
  private static String seconds(long seconds, int nanos) {
    if (seconds < 0 && nanos > 0) {
      return "-" + -(seconds + 1) + fraction(1_000_000_000 - nanos);
    }
    return seconds + fraction(nanos);
  }

  private static String nanos(long seconds, long nanos) {
    return seconds(seconds + nanos / 1_000_000_000, (int) (nanos % 1_000_000_000));
  }

  private static String fraction(int nanos) {
    String digits = Integer.toString(nanos);
    return "." + "0".repeat(9 - digits.length()) + digits;
  }

  /**
   * The text of a stored TIMESTAMP_LTZ or TIMESTAMP_TZ that comes as {@code micros nanos [minutes]}
   * since the epoch, in UTC.
   */
  static ValueText instant() {
    return (rows, index) -> {
      String value = rows.getString(index);
      if (value == null) {
        return null;
      }
      String[] parts = value.split(" ", -1);
      long micros = Long.parseLong(parts[0]);
      long seconds = Math.floorDiv(micros, 1_000_000L);
      int nanos = (int) Math.floorMod(micros, 1_000_000L) * 1000 + Integer.parseInt(parts[1]);
      String text = seconds(seconds, nanos);
      return parts.length < 3 ? text : text + " " + (Integer.parseInt(parts[2]) + 1440);
    };
  }
}
