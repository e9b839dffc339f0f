package dev.sheaf.models.evaluate;

import java.util.Arrays;

/** The area under the receiver operating characteristic of one class, by ranks. */
final class RankArea {
  private RankArea() {}

  /**
   * The weight of the pairs of a row of the class and a row of another known class in which the
   * first has the larger probability of the class, ties counting half, over that of all pairs; NaN
   * if there is no pair.
   */
  static double of(
      int[] actual, double[] probabilities, int classes, RowWeights weights, int positive) {
    double[] scores = new double[actual.length];
    int n = 0;
    for (int row = 0; row < actual.length; row++) {
      if (actual[row] != ClassificationMetrics.UNKNOWN && weights.at(row) > 0) {
        scores[n++] = probabilities[row * classes + positive] + 0.0; // -0.0 ties with 0.0
      }
    }
    double[] sorted = Arrays.copyOf(scores, n);
    Arrays.sort(sorted);
    double[] positives = new double[n];
    double[] negatives = new double[n];
    for (int row = 0; row < actual.length; row++) {
      if (actual[row] != ClassificationMetrics.UNKNOWN && weights.at(row) > 0) {
        int place = firstIndex(sorted, probabilities[row * classes + positive] + 0.0);
        (actual[row] == positive ? positives : negatives)[place] += weights.at(row);
      }
    }
    CompensatedSum above = new CompensatedSum();
    CompensatedSum positiveTotal = new CompensatedSum();
    CompensatedSum negativeTotal = new CompensatedSum();
    for (int place = 0; place < n; place++) {
      above.add(positives[place] * (negativeTotal.value() + negatives[place] / 2));
      positiveTotal.add(positives[place]);
      negativeTotal.add(negatives[place]);
    }
    return positiveTotal.value() == 0 || negativeTotal.value() == 0
        ? Double.NaN
        : above.value() / positiveTotal.value() / negativeTotal.value();
  }

  private static int firstIndex(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
