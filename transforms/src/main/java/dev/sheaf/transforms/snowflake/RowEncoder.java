package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows as lines of CSV for COPY INTO with {@code FIELD_OPTIONALLY_ENCLOSED_BY='''}: NULL is
 * an empty field, text is quoted with doubled quotes, and a value that its column would round or
 * cut is refused.
 */
final class RowEncoder implements Serializable {
  private static final char QUOTE = '\'';
  private static final int LAST_YEAR = 9999;

  private final List<Column> columns;

  /** Encodes rows whose fields, in order, go to these columns. */
  RowEncoder(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Appends a row without its line break. */
  void encode(Row row, StringBuilder csv) {
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        csv.append(',');
      }
      @Nullable Object value = row.getValue(i);
      if (value != null) {
        append(value, columns.get(i), csv);
      }
    }
    if (columns.size() == 1) {
      // A NULL alone would be a blank line.
      csv.append(',');
    }
  }

  private static void append(Object value, Column column, StringBuilder csv) {
    switch (column.type().kind()) {
      case NUMBER -> appendNumber(value, column, csv);
      case FLOAT -> appendFloat(value, column, csv);
      case VARCHAR, VARIANT, OBJECT, ARRAY -> appendText((String) value, column, csv);
      case BOOLEAN -> csv.append((boolean) value);
      case BINARY -> csv.append(QUOTE).append(hex((byte[]) value)).append(QUOTE);
      case DATE -> appendDate((LocalDate) value, column, csv);
      case TIME -> appendTime((LocalTime) value, column, csv);
      case TIMESTAMP_NTZ -> appendTimestamp((LocalDateTime) value, column, csv);
      case TIMESTAMP_LTZ, TIMESTAMP_TZ -> {
        OffsetDateTime time = moment(value);
        appendTimestamp(time.toLocalDateTime(), column, csv);
        csv.append(' ');
        appendOffset(time.getOffset(), column, csv);
      }
    }
  }

  private static void appendNumber(Object value, Column column, StringBuilder csv) {
    if (value instanceof BigDecimal decimal) {
      int scale = column.type().scale();
      try {
        BigDecimal fitted =
            decimal.scale() > scale ? decimal.setScale(scale, RoundingMode.UNNECESSARY) : decimal;
        csv.append(fitted.toPlainString());
      } catch (ArithmeticException e) {
        throw refusal(column, value, "it has more than " + scale + " decimal places", e);
      }
    } else {
      csv.append(((Number) value).longValue());
    }
  }

  private static void appendFloat(Object value, Column column, StringBuilder csv) {
    double number = ((Number) value).doubleValue();
    if (value instanceof Long exact && ((long) number != exact || exact == Long.MAX_VALUE)) {
      throw refusal(column, value, "a FLOAT holds integers of up to 53 bits exactly", null);
    }
    if (Double.isNaN(number)) {
      csv.append("NaN");
    } else if (Double.isInfinite(number)) {
      csv.append(number > 0 ? "inf" : "-inf");
    } else if (!Decimal.appendShort(number, csv)) {
      csv.append(number);
    }
  }

  private static void appendText(String text, Column column, StringBuilder csv) {
    csv.append(QUOTE);
    int done = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == QUOTE) {
        csv.append(text, done, i + 1).append(QUOTE);
        done = i + 1;
      } else if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw refusal(column, text, "half of a surrogate pair is no Unicode text", null);
        }
        i++;
      }
    }
    csv.append(text, done, text.length()).append(QUOTE);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }

  private static void appendDate(LocalDate date, Column column, StringBuilder csv) {
    int year = date.getYear();
    if (year < 1 || year > LAST_YEAR) {
      throw refusal(column, date, "years are 1 to " + LAST_YEAR, null);
    }
    appendDigits(year, 1000, csv);
    csv.append('-');
    appendDigits(date.getMonthValue(), 10, csv);
    csv.append('-');
    appendDigits(date.getDayOfMonth(), 10, csv);
  }

  private static void appendTime(LocalTime time, Column column, StringBuilder csv) {
    int scale = column.type().scale();
    int nanos = time.getNano();
    if (scale < ColumnType.NANOS_SCALE
        && nanos % Decimal.power(ColumnType.NANOS_SCALE - scale) != 0) {
      throw refusal(column, time, "it has more than " + scale + " decimals of a second", null);
    }
    appendDigits(time.getHour(), 10, csv);
    csv.append(':');
    appendDigits(time.getMinute(), 10, csv);
    csv.append(':');
    appendDigits(time.getSecond(), 10, csv);
    if (nanos != 0) {
      csv.append('.');
      appendDigits(nanos, 100_000_000, csv);
    }
  }

  private static void appendTimestamp(LocalDateTime time, Column column, StringBuilder csv) {
    appendDate(time.toLocalDate(), column, csv);
    csv.append(' ');
    appendTime(time.toLocalTime(), column, csv);
  }

  private static OffsetDateTime moment(Object value) {
    if (value instanceof OffsetDateTime time) {
      return time;
    }
    Instant instant =
        value instanceof Instant java
            ? java
            : Instant.ofEpochMilli(((org.joda.time.ReadableInstant) value).getMillis());
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static void appendOffset(ZoneOffset offset, Column column, StringBuilder csv) {
    int seconds = offset.getTotalSeconds();
    if (seconds % 60 != 0) {
      throw refusal(column, offset, "an offset has whole minutes", null);
    }
    int minutes = Math.abs(seconds) / 60;
    csv.append(seconds < 0 ? '-' : '+');
    appendDigits(minutes / 60, 10, csv);
    csv.append(':');
    appendDigits(minutes % 60, 10, csv);
  }

  private static void appendDigits(int number, int highest, StringBuilder csv) {
    for (int power = highest; power > 0; power /= 10) {
      csv.append((char) ('0' + number / power % 10));
    }
  }

  private static IllegalArgumentException refusal(
      Column column, Object value, String rule, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "Cannot write column "
            + column.name()
            + " of type "
            + column.type()
            + ": "
            + rule
            + ", found "
            + value,
        cause);
  }
}
