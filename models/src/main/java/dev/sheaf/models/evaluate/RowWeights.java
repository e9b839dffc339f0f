package dev.sheaf.models.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What each row counts: 1 without weights; otherwise its weight times one power of two for all
 * rows, which costs no digit and keeps sums of weights within range.
 */
final class RowWeights {
  private final double @Nullable [] weights;
  private final int exponent;
  private final long rows;
  private final double total;

  private RowWeights(double @Nullable [] weights, int exponent, long rows, double total) {
    this.weights = weights;
    this.exponent = exponent;
    this.rows = rows;
    this.total = total;
  }

  /**
   * Checks the weights.
   *
   * @param weights one per row, finite and not negative, one of them above 0; null for all 1
   * @param rows the number of rows, at least 1
   */
  static RowWeights of(double @Nullable [] weights, int rows) {
    if (weights == null) {
      return new RowWeights(null, 0, rows, rows);
    }
    if (weights.length != rows) {
      throw new IllegalArgumentException(
          "cannot weight %d rows with %d weights: one per row is needed"
              .formatted(rows, weights.length));
    }
    double largest = 0;
    long counted = 0;
    for (double weight : weights) {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "cannot weight a row with " + weight + ": a finite number from 0 is needed");
      }
      largest = Math.max(largest, weight);
      counted += weight > 0 ? 1 : 0;
    }
    if (counted == 0) {
      throw new IllegalArgumentException(
          "cannot weight %d rows with 0 alone: one weight above 0 is needed".formatted(rows));
    }
    int exponent = -Math.getExponent(largest);
    CompensatedSum total = new CompensatedSum();
    for (double weight : weights) {
      total.add(Math.scalb(weight, exponent));
    }
    return new RowWeights(weights, exponent, counted, total.value());
  }

  /** What the row counts; a row that counts 0 is to be left out, whatever it holds. */
  double at(int row) {
    return weights == null ? 1 : Math.scalb(weights[row], exponent);
  }

  /** The number of rows whose weight is above 0. */
  long rows() {
    return rows;
  }

  /** The sum over all rows. */
  double total() {
    return total;
  }
}
