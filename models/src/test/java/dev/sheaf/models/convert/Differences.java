package dev.sheaf.models.convert;

/** The largest relative difference between two tables of numbers. */
final class Differences {
  private Differences() {}

  /** Relative to the expected number; a number that equals the expected one counts 0. */
  static double largest(double[][] expected, double[][] found) {
    return largest(expected, found, 0);
  }

  /** Relative to the expected number or, if that is larger, to a number that sums begin with. */
  static double largest(double[][] expected, double[][] found, double least) {
    if (expected.length != found.length) {
      throw new AssertionError(expected.length + " rows expected, " + found.length + " found");
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i].length != found[i].length) {
        throw new AssertionError(
            expected[i].length + " columns expected, " + found[i].length + " found");
      }
      for (int k = 0; k < expected[i].length; k++) {
        double e = expected[i][k];
        double f = found[i][k];
        if (Double.compare(e, f) != 0 && e != f) {
          double relative = Math.abs(e - f) / Math.max(least, Math.abs(e));
          largest = Double.isNaN(relative) ? Double.POSITIVE_INFINITY : Math.max(largest, relative);
        }
      }
    }
    return largest;
  }
}
