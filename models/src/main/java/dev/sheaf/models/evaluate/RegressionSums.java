package dev.sheaf.models.evaluate;

/** The sums behind {@link RegressionMetrics}. */
final class RegressionSums {
  private final double[] actual;
  private final double[] predicted;
  private final RowWeights weights;

  RegressionSums(double[] actual, double[] predicted, RowWeights weights) {
    this.actual = actual;
    this.predicted = predicted;
    this.weights = weights;
  }

  RegressionMetrics metrics() {
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        largest = Math.max(largest, Math.abs(actual[i] - predicted[i]));
      }
    }
    long rows = weights.rows();
    if (largest == 0) {
      return new RegressionMetrics(rows, 0, 0, 0, 0, 1, 0, 0);
    }
    if (Double.isNaN(largest)) {
      return new RegressionMetrics(
          rows, largest, largest, largest, largest, largest, largest, largest);
    }
    if (Double.isInfinite(largest)) {
      return infinite();
    }
    CompensatedSum squares = new CompensatedSum();
    CompensatedSum absolutes = new CompensatedSum();
    CompensatedSum shortfalls = new CompensatedSum();
    for (int i = 0; i < actual.length; i++) {
      double weight = weights.at(i);
      if (weight > 0) {
        double error = (actual[i] - predicted[i]) / largest;
        squares.add(weight * (error * error));
        absolutes.add(weight * Math.abs(error));
        shortfalls.add(weight * Math.max(error, 0));
      }
    }
    double total = weights.total();
    double low = shortfalls.value();
    return new RegressionMetrics(
        rows,
        largest * Math.sqrt(squares.value() / total),
        largest * (absolutes.value() / total),
        wape(largest, absolutes.value()),
        smape(),
        determination(largest, squares.value()),
        largest * (low / total),
        largest * (Math.max(absolutes.value() - low, 0) / total));
  }

  /** Plain sums: the compensation of an infinite one would be NaN. */
  private RegressionMetrics infinite() {
    double shortfall = 0;
    double excess = 0;
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        double error = weights.at(i) * (actual[i] - predicted[i]);
        shortfall += Math.max(error, 0);
        excess += Math.max(-error, 0);
      }
    }
    double endless = Double.POSITIVE_INFINITY;
    double total = weights.total();
    return new RegressionMetrics(
        weights.rows(),
        endless,
        endless,
        endless,
        smape(),
        -endless,
        shortfall / total,
        excess / total);
  }

  private double largestLabel() {
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        largest = Math.max(largest, Math.abs(actual[i]));
      }
    }
    return largest;
  }

  /**
   * The sum of the errors over that of the labels.
   *
   * @param largest the largest error, above 0
   * @param absolutes the sum of the absolute errors, each over the largest
   */
  private double wape(double largest, double absolutes) {
    double largestLabel = largestLabel();
    if (largestLabel == 0) {
      return Double.POSITIVE_INFINITY;
    }
    CompensatedSum labels = new CompensatedSum();
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        labels.add(weights.at(i) * (Math.abs(actual[i]) / largestLabel));
      }
    }
    return largest / largestLabel * (absolutes / labels.value());
  }

  private double smape() {
    CompensatedSum sum = new CompensatedSum();
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        sum.add(weights.at(i) * relative(actual[i], predicted[i]));
      }
    }
    return sum.value() / weights.total();
  }

  private static double relative(double label, double prediction) {
    double size = Math.abs(label) + Math.abs(prediction);
    if (size == 0) {
      return 0;
    }
    if (Double.isInfinite(label) || Double.isInfinite(prediction)) {
      return 2;
    }
    if (Double.isInfinite(size)) {
      return relative(label / 4, prediction / 4);
    }
    return 2 * (Math.abs(label - prediction) / size);
  }

  /**
   * R squared: one minus the squared errors over the squared distances from the mean label.
   *
   * @param largest the largest error, above 0
   * @param squares the sum of the squared errors, each over the largest
   */
  private double determination(double largest, double squares) {
    // By a power of two: no digit is lost where the labels lie close together far from 0.
    int exponent = -Math.getExponent(largestLabel());
    CompensatedSum labels = new CompensatedSum();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        double label = Math.scalb(actual[i], exponent);
        labels.add(weights.at(i) * label);
        low = Math.min(low, label);
        high = Math.max(high, label);
      }
    }
    if (low == high) {
      return 0;
    }
    double mean = labels.value() / weights.total();
    double farthest = Math.max(high - mean, mean - low);
    CompensatedSum distances = new CompensatedSum();
    for (int i = 0; i < actual.length; i++) {
      if (weights.at(i) > 0) {
        double distance = (Math.scalb(actual[i], exponent) - mean) / farthest;
        distances.add(weights.at(i) * (distance * distance));
      }
    }
    double ratio = Math.scalb(largest, exponent) / farthest;
    return 1 - ratio * ratio * (squares / distances.value());
  }
}
