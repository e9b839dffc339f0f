package dev.sheaf.models.evaluate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** What the kinds of {@link Holdout} share: checks, quoting, arithmetic. */
final class Holdouts {
  private static final Pattern PLAIN_COLUMN = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$ .-]*");
  private static final Pattern PLAIN_VALUE = Pattern.compile("[\\p{L}\\p{N}_+.:-]+");

  /** Keeps the second split apart from the first; never to be changed. */
  private static final long AGAIN = 0x9e3779b97f4a7c15L;

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

  static void checkFolds(int folds, double fraction) {
    if (folds < 1) {
      throw new IllegalArgumentException(
          "cannot roll over " + folds + " windows: at least 1 is needed");
    }
    checkFraction(fraction);
    if (BigDecimal.valueOf(fraction).multiply(BigDecimal.valueOf(folds)).compareTo(BigDecimal.ONE)
        >= 0) {
      throw new IllegalArgumentException(
          ("cannot hold out %d windows of a fraction of %s: together they must be below 1, so that"
                  + " there are rows to train on")
              .formatted(folds, fraction));
    }
  }

  /** A hash as a number in [0, 1): its mixed bits, of which the upper 53 are used. */
  static double unit(long hash) {
    return (mix(hash) >>> 11) * 0x1.0p-53;
  }

  /**
   * A hash whose bits are mixed (the finalizer of SplitMix64, Steele et al. 2014), so that a weak
   * hash does as well. Different hashes stay different.
   */
  static long mix(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** A hash mixed twice with a salt in between: another, unrelated number for each salt. */
  static long mix(long hash, long salt) {
    return mix(mix(hash) + salt);
  }

  /** The last part of the rows by salted hash; rows with equal hashes on one side. */
  static Split lastBySaltedHash(long[] hashes, double fraction) {
    long[] orders = new long[hashes.length];
    Arrays.setAll(orders, row -> mix(hashes[row], AGAIN));
    return last(orders, fraction);
  }

  /** The last part of the rows by order; rows with equal orders on one side. */
  static Split last(long[] orders, double fraction) {
    int n = orders.length;
    int wanted = part(n, fraction);
    if (wanted == n) {
      return Split.of(n, row -> false);
    }
    long[] sorted = orders.clone();
    Arrays.sort(sorted);
    return between(orders, sorted, cut(sorted, n - wanted), n);
  }

  /** The windows at the end by order, the earliest first; the last one even if it is empty. */
  static List<Split> rolling(long[] orders, int folds, double fraction) {
    int n = orders.length;
    long wanted = part(n, fraction);
    long[] sorted = orders.clone();
    Arrays.sort(sorted);
    Deque<Split> splits = new ArrayDeque<>();
    splits.add(last(orders, fraction));
    int end = wanted < n ? cut(sorted, (int) (n - wanted)) : 0;
    for (int fold = 2; fold <= folds && n - fold * wanted > 0; fold++) {
      int start = cut(sorted, (int) (n - fold * wanted));
      if (start < end) {
        splits.addFirst(between(orders, sorted, start, end));
      }
      end = start;
    }
    return List.copyOf(splits);
  }

  private static int part(int rows, double fraction) {
    return BigDecimal.valueOf(fraction)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.CEILING)
        .intValueExact();
  }

  /** The index itself, or the first after it that does not part equal values. */
  private static int cut(long[] sorted, int index) {
    int cut = index;
    while (cut > 0 && cut < sorted.length && sorted[cut - 1] == sorted[cut]) {
      cut++;
    }
    return cut;
  }

  /**
   * Trains on the rows before a place in the order and holds out those from it on, up to another
   * place; both places are {@linkplain #cut cuts}.
   */
  private static Split between(long[] orders, long[] sorted, int start, int end) {
    if (start == sorted.length) {
      return Split.of(orders.length, row -> false);
    }
    long first = sorted[start];
    long last = sorted[end - 1];
    return Split.of(orders.length, row -> orders[row] >= first, row -> orders[row] <= last);
  }
}
