package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The values bound to one question mark: one value, or one for each row of a batch.
 *
 * @param type the driver's name of their type, such as FIXED or TEXT
 * @param batch whether the statement runs once for each value
 */
public record BoundValue(String type, List<@Nullable String> values, boolean batch) {
  private static final BigInteger BILLION = BigInteger.valueOf(1_000_000_000L);
  private static final LocalDate FIRST_NANOS = LocalDate.of(1677, 9, 23);
  private static final LocalDate LAST_NANOS = LocalDate.of(2262, 4, 10);

  /** The literal for DuckDB of the value for row {@code row}. */
  String literal(int row) {
    String value = values.get(row);
    if (value == null) {
      return "NULL";
    }
    return cast(Token.string(text(value)), text(value));
  }

  /** Values of a whole batch: what to append to a text column. */
  @Nullable String appended(int row) {
    String value = values.get(row);
    return value == null ? null : text(value);
  }

  /** The expression that reads such a text column. */
  String readAppended(String column) {
    String sample = null;
    int scale = 0;
    for (int i = 0; i < values.size(); i++) {
      String value = appended(i);
      if (value != null) {
        int point = value.indexOf('.');
        scale = Math.max(scale, point < 0 ? 0 : value.length() - point - 1);
        boolean beyondNanos = type.equals("TIMESTAMP_NTZ") && !nanosFit(value);
        if (sample == null || value.length() > sample.length() || beyondNanos) {
          sample = value;
        }
      }
    }
    if (type.equals("FIXED")) {
      return "CAST(" + column + " AS DECIMAL(38," + Math.min(scale, 37) + "))";
    }
    return cast(column, sample == null ? "" : sample);
  }

  private String cast(String expression, String sample) {
    return switch (type) {
      case "FIXED" -> number(sample);
      case "REAL" -> "CAST(" + expression + " AS DOUBLE)";
      case "BOOLEAN" -> "CAST(" + expression + " AS BOOLEAN)";
      case "DATE" -> "CAST(" + expression + " AS DATE)";
      case "TIME" -> "CAST(" + expression + " AS TIME_NS)";
      case "TIMESTAMP_NTZ" ->
          "CAST(" + expression + " AS " + (nanosFit(sample) ? "TIMESTAMP_NS)" : "TIMESTAMP)");
      case "TIMESTAMP", "TIMESTAMP_LTZ" -> "sf_ltz(" + expression + ")";
      case "TIMESTAMP_TZ" -> "sf_tz(" + expression + ")";
      case "BINARY" -> "unhex(" + expression + ")";
      case "VARIANT", "OBJECT", "ARRAY" -> "parse_json(" + expression + ")";
      default -> expression;
    };
  }

  private static String number(String text) {
    return text.startsWith("-") ? "(" + text + ")" : text;
  }

  /** The number without an exponent, which DuckDB would take for a double's. */
  private static String plain(String value) {
    try {
      return new BigDecimal(value.strip()).toPlainString();
    } catch (NumberFormatException e) {
      throw new SnowflakeException(
          100038, "22018", "Numeric value '" + value + "' is not recognized", e);
    }
  }

  private static boolean nanosFit(String timestamp) {
    if (!timestamp.matches("\\d{4}-\\d\\d-\\d\\d.*")) {
      return false;
    }
    try {
      LocalDate day = LocalDate.parse(timestamp.substring(0, 10));
      return day.isAfter(FIRST_NANOS) && day.isBefore(LAST_NANOS);
    } catch (DateTimeParseException e) {
      return false; // DuckDB says what is wrong with it.
    }
  }

  /** The value as text that DuckDB casts to its type. */
  private String text(String value) {
    return switch (type) {
      case "FIXED" -> plain(value);
      case "BOOLEAN" ->
          value.equals("1") || value.toLowerCase(Locale.ROOT).equals("true") ? "true" : "false";
      case "DATE" ->
          value.matches("-?\\d+") ? day(Math.floorDiv(Long.parseLong(value), 86_400_000L)) : value;
      case "TIME" -> value.matches("\\d+") ? time(Long.parseLong(value)) : value;
      case "TIMESTAMP_NTZ" -> value.matches("-?\\d+") ? timestamp(new BigInteger(value), 0) : value;
      case "TIMESTAMP", "TIMESTAMP_LTZ" ->
          value.matches("-?\\d+") ? timestamp(new BigInteger(value), 0) + "+0000" : value;
      case "TIMESTAMP_TZ" -> zoned(value);
      case "REAL" -> value.equals("Infinity") ? "inf" : value.equals("-Infinity") ? "-inf" : value;
      default -> value;
    };
  }

  private static String zoned(String value) {
    String[] parts = value.split(" ", -1);
    if (parts.length != 2 || !parts[0].matches("-?\\d+")) {
      return value;
    }
    int minutes = Integer.parseInt(parts[1]) - 1440;
    int size = Math.abs(minutes);
    String zone =
        String.format(Locale.ROOT, "%s%02d%02d", minutes < 0 ? "-" : "+", size / 60, size % 60);
    return timestamp(new BigInteger(parts[0]), minutes) + zone;
  }

  private static String day(long epochDay) {
    return LocalDate.ofEpochDay(epochDay).toString();
  }

  private static String time(long nanos) {
    LocalTime time = LocalTime.ofNanoOfDay(nanos);
    return String.format(
        Locale.ROOT,
        "%02d:%02d:%02d.%09d",
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano());
  }

  private static String timestamp(BigInteger nanos, int minutes) {
    BigInteger[] parts = nanos.divideAndRemainder(BILLION);
    Instant instant =
        Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact())
            .plusSeconds(minutes * 60L);
    var utc = instant.atOffset(ZoneOffset.UTC);
    return utc.toLocalDate() + " " + time(utc.toLocalTime().toNanoOfDay());
  }
}
