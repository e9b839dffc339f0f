package dev.sheaf.transforms.snowflake;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/** Reads one field out of a line, without copying it where that is possible. */
abstract class FieldDecoder {
  private static final int DATE_LENGTH = 10;
  private static final int TIME_LENGTH = 18;
  private static final int DATE_TIME_LENGTH = DATE_LENGTH + 1 + TIME_LENGTH;
  private static final int LONG_DIGITS = 18;
  private static final int NANO_DIGITS = 9;

  static FieldDecoder of(ColumnType type) {
    return switch (type.kind()) {
      case NUMBER -> type.fitsLong() ? new Longs() : new Decimals(type.scale());
      case FLOAT -> new Doubles();
      case VARCHAR, VARIANT, OBJECT, ARRAY -> new Texts();
      case BOOLEAN -> new Booleans();
      case BINARY -> new Bytes();
      case DATE -> new Dates();
      case TIME -> new Times();
      case TIMESTAMP_NTZ -> new LocalTimestamps();
      case TIMESTAMP_LTZ -> new Instants();
      case TIMESTAMP_TZ -> new OffsetTimestamps();
    };
  }

  /** Whether the field is NULL. */
  boolean absent(String line, int start, int end) {
    return start == end;
  }

  /** The value of a field that is not NULL. */
  abstract Object decode(String line, int start, int end);

  private static final class Longs extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return Long.parseLong(line, start, end, 10);
    }
  }

  private static final class Decimals extends FieldDecoder {
    private final int scale;

    Decimals(int scale) {
      this.scale = scale;
    }

    @Override
    Object decode(String line, int start, int end) {
      if (end - start <= LONG_DIGITS) {
        if (scale == 0) {
          return BigDecimal.valueOf(Long.parseLong(line, start, end, 10));
        }
        int point = end - scale - 1;
        if (point > start && line.charAt(point) == '.' && line.charAt(point - 1) != '-') {
          long whole = Long.parseLong(line, start, point, 10);
          long fraction = Long.parseLong(line, point + 1, end, 10);
          long power = Decimal.power(scale);
          boolean negative = line.charAt(start) == '-';
          return BigDecimal.valueOf(whole * power + (negative ? -fraction : fraction), scale);
        }
      }
      BigDecimal value = new BigDecimal(line.substring(start, end));
      return value.scale() == scale ? value : value.setScale(scale);
    }
  }

  private static final class Doubles extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return Decimal.parseDouble(line, start, end);
    }
  }

  private static final class Texts extends FieldDecoder {
    @Override
    boolean absent(String line, int start, int end) {
      return end - start == 2
          && line.charAt(start) == RowProjection.ESCAPE
          && line.charAt(start + 1) == RowProjection.NULL;
    }

    @Override
    Object decode(String line, int start, int end) {
      int escape = line.indexOf(RowProjection.ESCAPE, start);
      if (escape < 0 || escape >= end) {
        return line.substring(start, end);
      }
      StringBuilder text = new StringBuilder(end - start);
      int position = start;
      while (escape >= 0 && escape < end) {
        text.append(line, position, escape);
        text.append((char) Integer.parseInt(line, escape + 1, escape + 3, 16));
        position = escape + 3;
        escape = line.indexOf(RowProjection.ESCAPE, position);
      }
      return text.append(line, position, end).toString();
    }
  }

  private static final class Booleans extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return switch (line.charAt(start)) {
        case 't', 'T', '1' -> true;
        case 'f', 'F', '0' -> false;
        default -> throw new IllegalArgumentException("neither true nor false");
      };
    }
  }

  private static final class Bytes extends FieldDecoder {
    @Override
    boolean absent(String line, int start, int end) {
      return end - start == 1;
    }

    @Override
    Object decode(String line, int start, int end) {
      return HexFormat.of().parseHex(line, start, end);
    }
  }

  private static final class Dates extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return LocalDate.ofEpochDay(Long.parseLong(line, start, end, 10));
    }
  }

  private static final class Times extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return time(line, start, end);
    }
  }

  private static final class LocalTimestamps extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      return timestamp(line, start, end);
    }
  }

  private static final class Instants extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      // Nanoseconds since 1970, which may be more than a long holds.
      boolean negative = line.charAt(start) == '-';
      int first = negative ? start + 1 : start;
      int point = Math.max(first, end - NANO_DIGITS);
      long seconds = point == first ? 0 : Long.parseLong(line, first, point, 10);
      long nanos = Long.parseLong(line, point, end, 10);
      return negative
          ? Instant.ofEpochSecond(-seconds, -nanos)
          : Instant.ofEpochSecond(seconds, nanos);
    }
  }

  private static final class OffsetTimestamps extends FieldDecoder {
    @Override
    Object decode(String line, int start, int end) {
      int zone = start + DATE_TIME_LENGTH;
      String offset = line.substring(zone, end).strip();
      return timestamp(line, start, zone).atOffset(ZoneOffset.of(offset));
    }
  }

  private static LocalDateTime timestamp(String line, int start, int end) {
    int time = start + DATE_LENGTH + 1;
    LocalDate date =
        LocalDate.of(
            number(line, start, start + 4),
            number(line, start + 5, start + 7),
            number(line, start + 8, start + DATE_LENGTH));
    return LocalDateTime.of(date, time(line, time, end));
  }

  private static LocalTime time(String line, int start, int end) {
    if (end - start != TIME_LENGTH) {
      throw new IllegalArgumentException("expected HH:MM:SS.nnnnnnnnn");
    }
    return LocalTime.of(
        number(line, start, start + 2),
        number(line, start + 3, start + 5),
        number(line, start + 6, start + 8),
        number(line, start + 9, end));
  }

  private static int number(String line, int start, int end) {
    return Integer.parseInt(line, start, end, 10);
  }
}
