package dev.sheaf.models.evaluate;

/**
 * How far predictions are off, in the label's unit.
 *
 * @param rows the number of rows compared, at least 1
 * @param rmse the root of the mean squared error
 * @param mae the mean absolute error
 */
public record RegressionMetrics(long rows, double rmse, double mae) {
  /**
   * Compares predictions with what happened.
   *
   * <p>Errors are scaled by the largest one before they are squared and their sums are compensated
   * (Neumaier), so that neither huge labels nor many rows cost digits. A NaN among the arguments
   * makes both metrics NaN; an infinite error makes both infinite.
   *
   * @param actual the labels, at least one
   * @param predicted as many predictions
   */
  public static RegressionMetrics of(double[] actual, double[] predicted) {
    int n = actual.length;
    if (n == 0 || n != predicted.length) {
      throw new IllegalArgumentException(
          "cannot compare "
              + n
              + " labels with "
              + predicted.length
              + " predictions: as many of both are needed, and at least one");
    }
    double largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - predicted[i]));
    }
    if (largest == 0 || Double.isNaN(largest) || Double.isInfinite(largest)) {
      return new RegressionMetrics(n, largest, largest);
    }
    CompensatedSum squares = new CompensatedSum();
    CompensatedSum absolutes = new CompensatedSum();
    for (int i = 0; i < n; i++) {
      double error = Math.abs(actual[i] - predicted[i]) / largest;
      squares.add(error * error);
      absolutes.add(error);
    }
    return new RegressionMetrics(
        n, largest * Math.sqrt(squares.value() / n), largest * (absolutes.value() / n));
  }

  /** Neumaier's sum: the rounding error of each addition is kept and added at the end. */
  private static final class CompensatedSum {
    private double sum;
    private double lost;

    void add(double value) {
      double next = sum + value;
      lost += sum >= value ? (sum - next) + value : (value - next) + sum;
      sum = next;
    }

    double value() {
      return sum + lost;
    }
  }
}
