package dev.sheaf.models.evaluate;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far predictions of numbers are off.
 *
 * <p>Below, {@code y} is a label, {@code p} its prediction, {@code e = y - p}, and sums and means
 * are weighted by the rows' weights where there are any.
 *
 * @param rows the number of rows compared, at least 1; rows of weight 0 are left out
 * @param rmse the root of the mean squared error, in the label's unit; 0 is best
 * @param mae the mean absolute error, in the label's unit; 0 is best
 * @param wape the weighted absolute percentage error as a fraction, {@code sum|e| / sum|y|}; 0 is
 *     best. Where every label is 0 it is 0 without an error and infinite with one
 * @param smape the symmetric mean absolute percentage error as a fraction, the mean of {@code 2|e|
 *     / (|y| + |p|)} with 0 where both are 0: from 0, the best, to 2
 * @param r2 the coefficient of determination, {@code 1 - sum(e^2) / sum((y - mean(y))^2)}; 1 is
 *     best. Where all labels are equal it is 1 without an error and 0 with one, as in scikit-learn
 * @param shortfall the mean of {@code max(e, 0)}: by how much predictions are too low, in the
 *     label's unit
 * @param excess the mean of {@code max(-e, 0)}: by how much predictions are too high, in the
 *     label's unit
 */
public record RegressionMetrics(
    long rows,
    double rmse,
    double mae,
    double wape,
    double smape,
    double r2,
    double shortfall,
    double excess) {

  /**
   * Compares predictions with what happened, every row counting the same; see {@link #of(double[],
   * double[], double[])}.
   */
  public static RegressionMetrics of(double[] actual, double[] predicted) {
    return of(actual, predicted, null);
  }

  /**
   * Compares predictions with what happened.
   *
   * <p>Errors are scaled by the largest one before they are squared and sums are compensated
   * (Neumaier), so that neither huge labels nor many rows cost digits. A NaN among the arguments
   * makes every metric NaN; an infinite error makes {@code rmse}, {@code mae} and {@code wape}
   * infinite, {@code r2} minus infinity and its own part of {@code smape} 2.
   *
   * @param actual the labels, at least one
   * @param predicted as many predictions
   * @param weights as many weights, finite and not negative, one of them above 0; null for all 1
   * @throws IllegalArgumentException if the lengths differ, there is no row, or a weight is none
   */
  public static RegressionMetrics of(
      double[] actual, double[] predicted, double @Nullable [] weights) {
    int n = actual.length;
    if (n == 0 || n != predicted.length) {
      throw new IllegalArgumentException(
          "cannot compare "
              + n
              + " labels with "
              + predicted.length
              + " predictions: as many of both are needed, and at least one");
    }
    return new RegressionSums(actual, predicted, RowWeights.of(weights, n)).metrics();
  }

  /**
   * The pinball loss of the predictions as a quantile, {@code level * shortfall + (1 - level) *
   * excess}, in the label's unit; 0 is best.
   *
   * @param level above 0 and below 1
   */
  public double pinball(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "cannot tell the pinball loss at level " + level + ": it must be above 0 and below 1");
    }
    return level * shortfall + (1 - level) * excess;
  }

  /**
   * The metrics by name: {@code mae}, {@code r2}, {@code rmse}, {@code smape}, {@code wape}; those
   * that are NaN are left out.
   */
  public SortedMap<String, Double> values() {
    return Collections.unmodifiableSortedMap(named());
  }

  /** {@link #values()} and, as {@code pinball}, the pinball loss at the level. */
  public SortedMap<String, Double> values(double level) {
    SortedMap<String, Double> values = named();
    put(values, "pinball", pinball(level));
    return Collections.unmodifiableSortedMap(values);
  }

  private SortedMap<String, Double> named() {
    SortedMap<String, Double> values = new TreeMap<>();
    put(values, "rmse", rmse);
    put(values, "mae", mae);
    put(values, "wape", wape);
    put(values, "smape", smape);
    put(values, "r2", r2);
    return values;
  }

  static void put(SortedMap<String, Double> values, String name, double value) {
    if (!Double.isNaN(value)) {
      values.put(name, value);
    }
  }
}
