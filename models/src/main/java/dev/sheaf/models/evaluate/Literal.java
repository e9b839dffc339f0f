package dev.sheaf.models.evaluate;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;

/** A literal of the kind of the column that it is compared with. */
sealed interface Literal extends Serializable {
  /** The order of the value relative to the literal, as {@code value.compareTo(literal)}. */
  int compare(Object value);

  /**
   * Reads a literal.
   *
   * @throws IllegalArgumentException if it does not fit the kind
   */
  static Literal parse(String trimmed, String exact, ColumnKind kind) {
    try {
      return switch (kind) {
        case INTEGER, DECIMAL, FLOAT -> Numeric.of(new BigDecimal(trimmed), kind);
        case BOOLEAN -> new Flag(flag(trimmed));
        case TEXT -> new Text(exact);
        case DATE -> new Chronological(LocalDate.parse(trimmed), kind);
        case TIME -> new Chronological(LocalTime.parse(trimmed), kind);
        case DATE_TIME -> new Chronological(dateTime(trimmed), kind);
        case INSTANT -> new Chronological(instant(trimmed), kind);
      };
    } catch (NumberFormatException | DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static boolean flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static LocalDateTime dateTime(String text) {
    return text.length() <= "2015-06-01".length()
        ? LocalDate.parse(text).atStartOfDay()
        : LocalDateTime.parse(text.replace(' ', 'T'));
  }

  private static Instant instant(String text) {
    boolean zoned = text.matches(".*(?:[Zz]|[+-]\\d\\d(?::?\\d\\d)?)") && text.contains(":");
    return zoned
        ? OffsetDateTime.parse(text.replaceFirst(" (?=\\d)", "T").replace(" ", "")).toInstant()
        : dateTime(text).toInstant(ZoneOffset.UTC);
  }

  /** A number, compared exactly with whole numbers and decimals and as a double with doubles. */
  record Numeric(BigDecimal decimal, double binary, float single, ColumnKind kind)
      implements Literal {
    static Numeric of(BigDecimal decimal, ColumnKind kind) {
      return new Numeric(decimal, decimal.doubleValue(), decimal.floatValue(), kind);
    }

    @Override
    public int compare(Object value) {
      if (value instanceof BigDecimal number) {
        return number.compareTo(decimal);
      }
      if (value instanceof BigInteger number) {
        return new BigDecimal(number).compareTo(decimal);
      }
      if (value instanceof Double number) {
        return Double.compare(number + 0.0, binary);
      }
      if (value instanceof Float number) {
        return Float.compare(number + 0.0f, single);
      }
      if (value instanceof Number number) {
        return BigDecimal.valueOf(number.longValue()).compareTo(decimal);
      }
      throw RowOrder.mismatch(value, kind);
    }
  }

  /** False or true. */
  record Flag(boolean flag) implements Literal {
    @Override
    public int compare(Object value) {
      if (value instanceof Boolean other) {
        return Boolean.compare(other, flag);
      }
      throw RowOrder.mismatch(value, ColumnKind.BOOLEAN);
    }
  }

  /** Text; the order of UTF-8 bytes is that of code points. */
  record Text(String text) implements Literal {
    @Override
    public int compare(Object value) {
      if (value instanceof String other) {
        return other.equals(text) ? 0 : Arrays.compareUnsigned(utf8(other), utf8(text));
      }
      throw RowOrder.mismatch(value, ColumnKind.TEXT);
    }

    private static byte[] utf8(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A date, a time, both, or a point in time. */
  record Chronological(Serializable moment, ColumnKind kind) implements Literal {
    @Override
    public int compare(Object value) {
      if (kind == ColumnKind.INSTANT && moment instanceof Instant instant) {
        return RowOrder.instantOf(value).compareTo(instant);
      }
      if (value instanceof LocalDate date && moment instanceof LocalDate literal) {
        return date.compareTo(literal);
      }
      if (value instanceof LocalTime time && moment instanceof LocalTime literal) {
        return time.compareTo(literal);
      }
      if (value instanceof LocalDateTime both && moment instanceof LocalDateTime literal) {
        return both.compareTo(literal);
      }
      throw RowOrder.mismatch(value, kind);
    }
  }
}
