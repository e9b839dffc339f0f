package dev.sheaf.models.evaluate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What the kinds of {@link Holdout} share: checks, quoting, arithmetic. */
final class Holdouts {
  private static final Pattern PLAIN_COLUMN = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$ .-]*");
  private static final Pattern PLAIN_VALUE = Pattern.compile("[\\p{L}\\p{N}_+.:-]+");

  private Holdouts() {}

  static void checkFraction(double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "cannot hold out a fraction of " + fraction + ": it must be above 0 and below 1");
    }
  }

  static void checkColumn(String column) {
    if (column.isEmpty()) {
      throw new IllegalArgumentException("cannot hold out by a column with an empty name");
    }
  }

  static String quoteColumn(String column) {
    return PLAIN_COLUMN.matcher(column).matches() && column.equals(column.strip())
        ? column
        : '"' + column.replace("\"", "\"\"") + '"';
  }

  static String quoteValue(String value) {
    return PLAIN_VALUE.matcher(value).matches() ? value : "'" + value.replace("'", "''") + "'";
  }

  /**
   * A hash as a number in [0, 1): its bits are mixed first (the finalizer of SplitMix64, Steele et
   * al. 2014), so that a weak hash does as well, and the upper 53 are used.
   */
  static double unit(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    mixed ^= mixed >>> 31;
    return (mixed >>> 11) * 0x1.0p-53;
  }

  static Split last(long[] orders, double fraction) {
    int n = orders.length;
    int wanted =
        BigDecimal.valueOf(fraction)
            .multiply(BigDecimal.valueOf(n))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    if (wanted == 0 || wanted == n) {
      return Split.of(n, row -> false);
    }
    long[] sorted = orders.clone();
    Arrays.sort(sorted);
    int first = n - wanted;
    boolean whole = sorted[first - 1] < sorted[first];
    long boundary = sorted[first];
    return Split.of(n, row -> whole ? orders[row] >= boundary : orders[row] > boundary);
  }
}
