package dev.sheaf.models.train.mlp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How columns are brought to mean 0 and variance 1.
 *
 * @param means by column; 0 for one without values
 * @param factors by column: 1 through the standard deviation, and 0 for a constant column
 */
// Arrays for speed; never compared.
@SuppressWarnings("ArrayRecordComponent")
record Standard(double[] means, double[] factors) {
  static Standard of(double[][] columns) {
    double[] means = new double[columns.length];
    double[] factors = new double[columns.length];
    for (int j = 0; j < columns.length; j++) {
      double[] values = Arrays.stream(columns[j]).filter(value -> !Double.isNaN(value)).toArray();
      if (values.length > 0) {
        means[j] = mean(values);
        factors[j] = factor(values, means[j]);
      }
    }
    return new Standard(means, factors);
  }

  private static double mean(double[] values) {
    double mean = 0;
    for (int i = 0; i < values.length; i++) {
      mean += (values[i] - mean) / (i + 1);
    }
    return mean;
  }

  private static double factor(double[] values, double mean) {
    double largest = 0;
    boolean constant = true;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value - mean));
      constant &= value == values[0];
    }
    if (constant) {
      return 0;
    }
    double squares = 0;
    for (double value : values) {
      // Divided first, so that large values do not overflow.
      double part = (value - mean) / largest;
      squares += part * part;
    }
    return 1 / (largest * Math.sqrt(squares / values.length));
  }

  /** The first column that has infinite values, or values too large; null if none has. */
  @Nullable Integer unusable() {
    for (int j = 0; j < means.length; j++) {
      if (!(Math.abs(means[j]) + factors[j] <= Double.MAX_VALUE)) {
        return j;
      }
    }
    return null;
  }

  /** The value brought to scale; a missing one is the mean, hence 0. */
  float apply(int column, double value) {
    double scaled = (value - means[column]) * factors[column];
    return Double.isNaN(scaled) ? 0f : (float) scaled;
  }
}
