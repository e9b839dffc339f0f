package dev.sheaf.models.evaluate;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/** Turns a column's value into a long that sorts as the value does, for holdouts by order. */
public final class RowOrder {
  private static final BigInteger LARGEST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final long MICROS_PER_SECOND = 1_000_000L;

  private RowOrder() {}

  /**
   * Refuses a column that has no order to hold out the last rows by; a holdout that is not
   * {@linkplain Holdout#isByOrder() by order} takes any.
   *
   * @throws IllegalArgumentException if the column holds text
   */
  public static void check(Holdout holdout, ColumnKind kind) {
    if (holdout.isByOrder() && kind == ColumnKind.TEXT) {
      throw new IllegalArgumentException(
          "cannot hold out by '"
              + holdout
              + "': column "
              + holdout.column().orElseThrow()
              + " is text; a column of numbers, dates, times, timestamps or booleans is needed");
    }
  }

  /**
   * A long that sorts as the value does among values of the same kind.
   *
   * <p>Points in time count in microseconds, so that two within one microsecond tie; decimals sort
   * by their nearest double. Whole numbers beyond a long are clamped.
   *
   * @param value null, which sorts first, or a value of one of the kind's classes
   * @throws IllegalArgumentException for text, or a value of another class than the kind's
   */
  public static long orderOf(@Nullable Object value, ColumnKind kind) {
    if (value == null) {
      return Long.MIN_VALUE;
    }
    long order =
        switch (kind) {
          case INTEGER -> value instanceof Number number ? whole(number) : refuse(value, kind);
          case DECIMAL, FLOAT ->
              value instanceof Number number ? sortable(number.doubleValue()) : refuse(value, kind);
          case BOOLEAN -> value instanceof Boolean flag ? (flag ? 1 : 0) : refuse(value, kind);
          case DATE -> value instanceof LocalDate date ? date.toEpochDay() : refuse(value, kind);
          case TIME -> value instanceof LocalTime time ? time.toNanoOfDay() : refuse(value, kind);
          case DATE_TIME ->
              value instanceof LocalDateTime local
                  ? micros(local.toInstant(ZoneOffset.UTC))
                  : refuse(value, kind);
          case INSTANT -> micros(instantOf(value));
          case TEXT -> refuse(value, kind);
        };
    return Math.max(order, Long.MIN_VALUE + 1);
  }

  /** Whether {@link #orderOf} gave the order to null or NaN. */
  public static boolean isMissing(long order, ColumnKind kind) {
    boolean real = kind == ColumnKind.FLOAT || kind == ColumnKind.DECIMAL;
    return order == Long.MIN_VALUE || (real && order == sortable(Double.NaN));
  }

  /**
   * The value that {@link #orderOf} gave the order, as text: dates and times in ISO 8601, to the
   * microsecond; decimals as their nearest double.
   *
   * @throws IllegalArgumentException if the order is that of null, or for text, which has none
   */
  public static String textOf(long order, ColumnKind kind) {
    if (order == Long.MIN_VALUE) {
      throw new IllegalArgumentException("cannot write a missing value as text");
    }
    return switch (kind) {
      case INTEGER -> Long.toString(order);
      case DECIMAL, FLOAT ->
          Double.toString(Double.longBitsToDouble(order >= 0 ? order : order ^ Long.MAX_VALUE));
      case BOOLEAN -> Boolean.toString(order == 1);
      case DATE -> LocalDate.ofEpochDay(order).toString();
      case TIME -> LocalTime.ofNanoOfDay(order).toString();
      case DATE_TIME -> LocalDateTime.ofInstant(instantOf(order), ZoneOffset.UTC).toString();
      case INSTANT -> instantOf(order).toString();
      case TEXT -> throw new IllegalArgumentException("text has no order that is a number");
    };
  }

  private static Instant instantOf(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
  }

  static Instant instantOf(Object value) {
    if (value instanceof Instant instant) {
      return instant;
    }
    if (value instanceof OffsetDateTime moment) {
      return moment.toInstant();
    }
    if (value instanceof ZonedDateTime moment) {
      return moment.toInstant();
    }
    throw mismatch(value, ColumnKind.INSTANT);
  }

  static IllegalArgumentException mismatch(Object value, ColumnKind kind) {
    return new IllegalArgumentException(
        "cannot compare a "
            + value.getClass().getSimpleName()
            + " in a column of kind "
            + kind
            + ", whose values are each "
            + kind.description());
  }

  private static long refuse(Object value, ColumnKind kind) {
    throw mismatch(value, kind);
  }

  private static long whole(Number number) {
    BigInteger big;
    if (number instanceof BigDecimal decimal) {
      big = decimal.toBigInteger();
    } else if (number instanceof BigInteger integer) {
      big = integer;
    } else {
      return number.longValue();
    }
    return big.abs().compareTo(LARGEST) <= 0 ? big.longValue() : big.signum() * Long.MAX_VALUE;
  }

  /** The bits of a double, turned so that they sort as the doubles do; 0.0 and -0.0 are one. */
  private static long sortable(double value) {
    long bits = Double.doubleToLongBits(value + 0.0);
    return bits >= 0 ? bits : bits ^ Long.MAX_VALUE;
  }

  /** No overflow: the seconds of an Instant are within 3.2e16, and clamped to what a long holds. */
  private static long micros(Instant instant) {
    long most = Long.MAX_VALUE / MICROS_PER_SECOND - 1;
    long seconds = Math.max(-most, Math.min(most, instant.getEpochSecond()));
    return seconds * MICROS_PER_SECOND + instant.getNano() / 1_000;
  }
}
