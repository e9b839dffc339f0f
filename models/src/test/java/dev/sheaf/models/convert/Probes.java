package dev.sheaf.models.convert;

import dev.sheaf.models.trees.TreeEnsemble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Rows for training, and rows that look for differences: at thresholds and one step beside them,
 * missing, infinite, and categories that nobody has seen.
 *
 * <p>The first columns are categories, the others numbers on very different scales.
 */
final class Probes {
  /** Codes of categories that training does not see. */
  private static final double[] STRANGE_CODES = {
    -1,
    -0.5,
    -1e-40,
    -7,
    0.5,
    2.7,
    31,
    32,
    63,
    64,
    1000,
    1 << 24,
    1e9,
    2147483647.0,
    2147483648.0,
    1e19,
    -1e19,
    1e300
  };

  private final Random random;
  private final int categorical;
  private final int features;
  private final int categories;

  Probes(Random random, int categorical, int features, int categories) {
    this.random = random;
    this.categorical = categorical;
    this.features = features;
    this.categories = categories;
  }

  /** Rows that a trainer may see; whole numbers that are floats where asked for. */
  double[][] training(int n) {
    double[][] rows = new double[n][features];
    for (double[] row : rows) {
      for (int f = 0; f < features; f++) {
        row[f] = f < categorical ? random.nextInt(categories) : number(f);
        if (random.nextInt(10) == 0) {
          row[f] = Double.NaN;
        }
      }
    }
    return rows;
  }

  private double number(int f) {
    return switch (f % 4) {
      case 0 -> random.nextGaussian();
      case 1 -> 2013 + random.nextInt(5);
      case 2 -> 1e6 * random.nextDouble();
      default -> random.nextInt(3) == 0 ? 0 : 1e-3 * random.nextGaussian();
    };
  }

  /** What a row's label depends on; missing values count as 0. */
  double signal(double[] row) {
    double sum = 0;
    for (int f = 0; f < features; f++) {
      double x = Double.isNaN(row[f]) ? 0 : row[f];
      sum +=
          f < categorical
              ? Math.sin(3 * x)
              : Math.tanh(f % 4 == 1 ? (x - 2015) / 2 : f % 4 == 2 ? x / 1e6 : x);
    }
    return sum;
  }

  /** Fresh rows, and rows around the ensemble's own thresholds. */
  double[][] probes(TreeEnsemble trees, boolean stepsOfFloat, boolean infinite) {
    List<double[]> rows = new ArrayList<>(Arrays.asList(training(300)));
    for (double[] row : training(100)) {
      for (int f = 0; f < features; f++) {
        if (f < categorical) {
          row[f] = STRANGE_CODES[random.nextInt(STRANGE_CODES.length)];
        } else if (infinite && random.nextInt(4) == 0) {
          row[f] = random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        }
      }
      rows.add(row);
    }
    int step = Math.max(1, trees.branches() / 300);
    for (int branch = 0; branch < trees.branches(); branch += step) {
      double threshold = trees.threshold(branch);
      if (!Double.isNaN(threshold)) {
        double[] row = training(1)[0];
        row[trees.feature(branch)] = beside(threshold, stepsOfFloat);
        rows.add(row);
      }
    }
    double[] tiny = {0, -0.0, 1e-35, -1e-35, 1e-35f, -1e-35f, 1e-36, -1e-36, Double.MIN_VALUE};
    for (double value : tiny) {
      double[] row = new double[features];
      Arrays.fill(row, value);
      rows.add(row);
    }
    return rows.toArray(double[][]::new);
  }

  private double beside(double threshold, boolean stepsOfFloat) {
    return switch (random.nextInt(4)) {
      case 0 -> stepsOfFloat ? Math.nextUp((float) threshold) : Math.nextUp(threshold);
      case 1 -> stepsOfFloat ? Math.nextDown((float) threshold) : Math.nextDown(threshold);
      default -> threshold;
    };
  }
}
