package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.RowBlock;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/**
 * Least squares with an intercept, solved independently: the normal equations in decimals of 100
 * digits, missing values replaced by their column's exact mean.
 */
final class ExactLeastSquares {
  private static final MathContext DIGITS = new MathContext(100);

  private final BigDecimal[] means;
  private final BigDecimal[] solution;

  private ExactLeastSquares(BigDecimal[] means, BigDecimal[] solution) {
    this.means = means;
    this.solution = solution;
  }

  /** Fits the columns with the given numbers; the ridge penalty is that of Linear.withRidge. */
  static ExactLeastSquares fit(RowBlock rows, double ridge, int... columns) {
    int p = columns.length;
    int n = rows.rows();
    BigDecimal count = BigDecimal.valueOf(n);
    BigDecimal[] means = new BigDecimal[p];
    BigDecimal[][] x = new BigDecimal[p + 1][n];
    for (int j = 0; j < p; j++) {
      double[] column = rows.column(columns[j]);
      double[] present = Arrays.stream(column).filter(v -> !Double.isNaN(v)).toArray();
      means[j] = sum(present).divide(BigDecimal.valueOf(Math.max(1, present.length)), DIGITS);
      for (int i = 0; i < n; i++) {
        x[j][i] =
            Double.isNaN(column[i])
                ? BigDecimal.ZERO
                : new BigDecimal(column[i]).subtract(means[j], DIGITS);
      }
    }
    BigDecimal labelMean = sum(rows.labels()).divide(count, DIGITS);
    BigDecimal[][] equations = new BigDecimal[p][p + 1];
    for (int j = 0; j < p; j++) {
      for (int k = 0; k < p; k++) {
        equations[j][k] = dot(x[j], x[k]);
      }
      BigDecimal side = BigDecimal.ZERO;
      for (int i = 0; i < n; i++) {
        side =
            side.add(
                x[j][i].multiply(new BigDecimal(rows.labels()[i]).subtract(labelMean, DIGITS)),
                DIGITS);
      }
      equations[j][p] = side;
    }
    for (int j = 0; j < p; j++) {
      equations[j][j] =
          equations[j][j].add(equations[j][j].multiply(new BigDecimal(ridge)), DIGITS);
    }
    BigDecimal[] solved = Arrays.copyOf(eliminate(equations), p + 1);
    solved[p] = labelMean;
    return new ExactLeastSquares(means, solved);
  }

  private static BigDecimal sum(double[] values) {
    BigDecimal sum = BigDecimal.ZERO;
    for (double value : values) {
      sum = sum.add(new BigDecimal(value));
    }
    return sum;
  }

  private static BigDecimal dot(BigDecimal[] left, BigDecimal[] right) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < left.length; i++) {
      sum = sum.add(left[i].multiply(right[i]), DIGITS);
    }
    return sum;
  }

  private static BigDecimal[] eliminate(BigDecimal[][] a) {
    int p = a.length;
    for (int pivot = 0; pivot < p; pivot++) {
      for (int row = pivot + 1; row < p; row++) {
        BigDecimal factor = a[row][pivot].divide(a[pivot][pivot], DIGITS);
        for (int k = pivot; k <= p; k++) {
          a[row][k] = a[row][k].subtract(factor.multiply(a[pivot][k]), DIGITS);
        }
      }
    }
    BigDecimal[] solution = new BigDecimal[p];
    for (int row = p - 1; row >= 0; row--) {
      BigDecimal rest = a[row][p];
      for (int k = row + 1; k < p; k++) {
        rest = rest.subtract(a[row][k].multiply(solution[k]), DIGITS);
      }
      solution[row] = rest.divide(a[row][row], DIGITS);
    }
    return solution;
  }

  double coefficient(int j) {
    return solution[j].doubleValue();
  }

  /** The prediction for a row of which the fitted columns are given. */
  double predict(double... row) {
    BigDecimal prediction = solution[means.length];
    for (int j = 0; j < means.length; j++) {
      if (!Double.isNaN(row[j])) {
        prediction =
            prediction.add(
                new BigDecimal(row[j]).subtract(means[j], DIGITS).multiply(solution[j]), DIGITS);
      }
    }
    return prediction.doubleValue();
  }
}
