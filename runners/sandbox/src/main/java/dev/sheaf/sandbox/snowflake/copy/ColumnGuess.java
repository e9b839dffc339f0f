package dev.sheaf.sandbox.snowflake.copy;

import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;

/**
 * The type that fits all values of a column: NUMBER(38,0) for integers, FLOAT for decimals and
 * exponents, DATE, TIMESTAMP_NTZ, BOOLEAN, else VARCHAR.
 *
 * <p>A number with a needless leading zero or a plus sign is text, as it may be a code.
 */
public final class ColumnGuess {
  private static final int INTEGER = 1;
  private static final int FLOAT = 2;
  private static final int DATE = 4;
  private static final int TIMESTAMP = 8;
  private static final int BOOLEAN = 16;
  private static final int DATE_LENGTH = 10;
  private static final int FIRST_YEAR = 1678;
  private static final int LAST_YEAR = 2261;

  private int possible = INTEGER | FLOAT | DATE | TIMESTAMP | BOOLEAN;
  private boolean seen;
  private boolean quotedEmpty;

  /** Takes the value of a row into account. */
  public void add(char[] text, int start, int end, boolean quoted) {
    if (start == end) {
      quotedEmpty |= quoted;
      return;
    }
    seen = true;
    if (possible != 0) {
      possible &= kinds(text, start, end);
    }
  }

  /** Whether a value was an empty text in quotes. */
  public boolean hasQuotedEmpty() {
    return quotedEmpty;
  }

  /** The narrowest type that fits. */
  public SnowflakeType type() {
    if (!seen || possible == 0) {
      return SnowflakeType.TEXT;
    }
    if ((possible & INTEGER) != 0) {
      return SnowflakeType.number(38, 0);
    }
    if ((possible & FLOAT) != 0) {
      return SnowflakeType.REAL;
    }
    if ((possible & DATE) != 0) {
      return SnowflakeType.DATE;
    }
    return (possible & TIMESTAMP) != 0 ? SnowflakeType.NTZ : SnowflakeType.BOOLEAN;
  }

  private static int kinds(char[] text, int start, int end) {
    char first = text[start];
    boolean digit = first >= '0' && first <= '9';
    if (digit && end - start >= DATE_LENGTH && text[start + 4] == '-') {
      return time(text, start, end);
    }
    if (digit || first == '-' || first == '.') {
      return number(text, start, end);
    }
    String word = end - start > 9 ? "" : new String(text, start, end - start);
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "true", "false" -> BOOLEAN;
      case "nan", "inf", "infinity" -> FLOAT;
      default -> 0;
    };
  }

  private static int number(char[] text, int start, int end) {
    int i = text[start] == '-' ? start + 1 : start;
    int whole = i;
    i = digits(text, i, end);
    int wholeDigits = i - whole;
    if (wholeDigits > 1 && text[whole] == '0') {
      return 0;
    }
    if (i == end) {
      return wholeDigits == 0
          ? infinity(text, whole, end)
          : wholeDigits <= 38 ? INTEGER | FLOAT : 0;
    }
    int fraction = 0;
    if (text[i] == '.') {
      int from = ++i;
      i = digits(text, i, end);
      fraction = i - from;
    }
    if (wholeDigits + fraction == 0) {
      return infinity(text, whole, end);
    }
    if (i < end && (text[i] == 'e' || text[i] == 'E')) {
      i++;
      if (i < end && (text[i] == '-' || text[i] == '+')) {
        i++;
      }
      int from = i;
      i = digits(text, i, end);
      if (i == from) {
        return 0;
      }
    }
    return i == end ? FLOAT : 0;
  }

  private static int infinity(char[] text, int start, int end) {
    String word = end - start > 8 ? "" : new String(text, start, end - start);
    return word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity") ? FLOAT : 0;
  }

  private static int digits(char[] text, int from, int end) {
    int i = from;
    while (i < end && text[i] >= '0' && text[i] <= '9') {
      i++;
    }
    return i;
  }

  private static int time(char[] text, int start, int end) {
    int year = two(text, start) * 100 + two(text, start + 2);
    int month = two(text, start + 5);
    int day = two(text, start + 8);
    if (text[start + 7] != '-' || year < 0 || month < 0 || day < 0 || !isDay(year, month, day)) {
      return 0;
    }
    boolean stored = year >= FIRST_YEAR && year <= LAST_YEAR;
    int length = end - start;
    if (length == DATE_LENGTH) {
      return stored ? DATE | TIMESTAMP : DATE;
    }
    char separator = text[start + DATE_LENGTH];
    if ((separator != ' ' && separator != 'T') || !stored) {
      return 0;
    }
    return isClock(text, start + DATE_LENGTH + 1, end) ? TIMESTAMP : 0;
  }

  /** {@code HH:MM}, {@code HH:MM:SS} or {@code HH:MM:SS.fffffffff}. */
  private static boolean isClock(char[] text, int start, int end) {
    int length = end - start;
    if (length < 5 || text[start + 2] != ':' || outside(two(text, start), 23)) {
      return false;
    }
    if (outside(two(text, start + 3), 59)) {
      return false;
    }
    if (length == 5) {
      return true;
    }
    if (length < 8 || text[start + 5] != ':' || outside(two(text, start + 6), 59)) {
      return false;
    }
    if (length == 8) {
      return true;
    }
    return text[start + 8] == '.'
        && length > 9
        && length <= 18
        && digits(text, start + 9, end) == end;
  }

  private static boolean outside(int value, int last) {
    return value < 0 || value > last;
  }

  private static int two(char[] text, int start) {
    int tens = text[start] - '0';
    int ones = text[start + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -10_000 : tens * 10 + ones;
  }

  private static boolean isDay(int year, int month, int day) {
    if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1) {
      return false;
    }
    if (day <= 28) {
      return true;
    }
    try {
      LocalDate.of(year, month, day);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
