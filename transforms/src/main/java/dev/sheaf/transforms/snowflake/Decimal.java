package dev.sheaf.transforms.snowflake;

/** Reads decimal text as numbers, and writes it. */
final class Decimal {
  /** Every integer of so many digits, and every such power of ten, is a double. */
  private static final int EXACT_DIGITS = 15;

  private static final long SHORT_POWER = 1_000_000;
  private static final double SHORT_LIMIT = 1e9;

  private static final long[] POWERS = new long[19];
  private static final double[] DOUBLE_POWERS = new double[EXACT_DIGITS + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
    for (int i = 0; i < DOUBLE_POWERS.length; i++) {
      DOUBLE_POWERS[i] = POWERS[i];
    }
  }

  private Decimal() {}

  /** Ten to the power of 0 to 18. */
  static long power(int exponent) {
    return POWERS[exponent];
  }

  /**
   * The double nearest to a number, or to a sum {@code t+d} of two.
   *
   * <p>Short plain numbers take the exact path of Clinger, "How to Read Floating Point Numbers
   * Accurately" (1990): one correctly rounded division of two exact doubles.
   */
  static double parseDouble(String line, int start, int end) {
    boolean negative = line.charAt(start) == '-';
    int first = negative ? start + 1 : start;
    if (end - first > EXACT_DIGITS + 1) {
      return parseAny(line.substring(start, end));
    }
    long digits = 0;
    int point = -1;
    for (int i = first; i < end; i++) {
      char c = line.charAt(i);
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
      } else if (c == '.' && point < 0) {
        point = i;
      } else {
        return parseAny(line.substring(start, end));
      }
    }
    int count = point < 0 ? end - first : end - first - 1;
    if (count == 0 || count > EXACT_DIGITS) {
      return parseAny(line.substring(start, end));
    }
    double value = point < 0 ? digits : digits / DOUBLE_POWERS[end - point - 1];
    return negative ? -value : value;
  }

  /**
   * Appends a number that has up to six decimal places and nine digits before them, and tells
   * whether it was one. The quotient of two exact doubles is the double nearest to the decimal, so
   * that the text reads back as the same number.
   */
  static boolean appendShort(double number, StringBuilder text) {
    if (!(Math.abs(number) < SHORT_LIMIT) || number == 0) {
      return false;
    }
    long digits = Math.round(number * SHORT_POWER);
    if (digits / (double) SHORT_POWER != number) {
      return false;
    }
    if (digits < 0) {
      text.append('-');
      digits = -digits;
    }
    text.append(digits / SHORT_POWER);
    long fraction = digits % SHORT_POWER;
    if (fraction != 0) {
      text.append('.');
      for (long power = SHORT_POWER / 10; fraction != 0; power /= 10) {
        text.append((char) ('0' + fraction / power));
        fraction %= power;
      }
    }
    return true;
  }

  private static double parseAny(String text) {
    int plus = text.indexOf('+', 1);
    while (plus > 0 && (text.charAt(plus - 1) == 'e' || text.charAt(plus - 1) == 'E')) {
      plus = text.indexOf('+', plus + 1);
    }
    if (plus > 0) {
      double near = parseOne(text.substring(0, plus));
      double difference = parseOne(text.substring(plus + 1));
      // A difference from infinity or from no number is no number.
      return Double.isNaN(difference) ? near : near + difference;
    }
    return parseOne(text);
  }

  private static double parseOne(String text) {
    String bare = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    double value;
    if (bare.equalsIgnoreCase("inf") || bare.equalsIgnoreCase("infinity")) {
      value = Double.POSITIVE_INFINITY;
    } else if (bare.equalsIgnoreCase("nan")) {
      return Double.NaN;
    } else {
      value = Double.parseDouble(bare);
    }
    return text.startsWith("-") ? -value : value;
  }
}
