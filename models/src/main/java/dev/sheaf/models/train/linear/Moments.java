package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.RowBlock;
import java.io.Serializable;
import java.util.Arrays;

/**
 * All that a least squares fit needs to know of the rows: their number, the columns' means and
 * co-moments. It takes {@code 3 (d + 1)²} doubles for {@code d} features, however many rows it has
 * seen, and two of them merge into that of all rows.
 *
 * <p>Sums are kept around each block's own means and moved when blocks merge (Chan, Golub, LeVeque
 * 1979), so that no digits are lost on columns far from zero. The label is the last column. A
 * missing feature takes part in no sum; for every pair of columns the rows that have both are
 * counted, which makes mean imputation by the final means exact.
 */
public final class Moments implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Features and label. */
  private final int columns;

  private final long rows;

  /** The mean of the values present; 0 if there is none. */
  private final double[] means;

  /** At [j][k]: over rows that have both, the sum of (x_j - mean_j)(x_k - mean_k). */
  private final double[] products;

  /** At [j][k]: over rows that have both, the sum of (x_j - mean_j). */
  private final double[] residuals;

  /** At [j][k]: the number of rows that have both. */
  private final double[] counts;

  private Moments(int columns, long rows) {
    this.columns = columns;
    this.rows = rows;
    this.means = new double[columns];
    this.products = new double[columns * columns];
    this.residuals = new double[columns * columns];
    this.counts = new double[columns * columns];
  }

  /** The moments of no rows. */
  public static Moments none(int features) {
    return new Moments(features + 1, 0);
  }

  /** The moments of some rows. */
  public static Moments of(RowBlock block) {
    int n = block.rows();
    Moments moments = new Moments(block.features() + 1, n);
    double[][] values = new double[moments.columns][];
    double[][] centred = new double[moments.columns][n];
    double[] totals = new double[moments.columns];
    int[] missing = new int[moments.columns];
    for (int j = 0; j < moments.columns; j++) {
      values[j] = j < block.features() ? block.column(j) : block.labels();
      moments.means[j] = mean(values[j]);
      missing[j] = centre(values[j], moments.means[j], centred[j]);
      totals[j] = sum(centred[j]);
    }
    for (int j = 0; j < moments.columns; j++) {
      for (int k = 0; k < moments.columns; k++) {
        int at = moments.at(j, k);
        moments.products[at] =
            k < j ? moments.products[moments.at(k, j)] : dot(centred[j], centred[k]);
        if (missing[k] == 0) {
          moments.residuals[at] = totals[j];
          moments.counts[at] = n - missing[j];
        } else {
          moments.countPairs(values, centred, j, k);
        }
      }
    }
    return moments;
  }

  private void countPairs(double[][] values, double[][] centred, int j, int k) {
    double residual = 0;
    double count = 0;
    for (int i = 0; i < values[k].length; i++) {
      if (!Double.isNaN(values[k][i]) && !Double.isNaN(values[j][i])) {
        residual += centred[j][i];
        count++;
      }
    }
    residuals[at(j, k)] = residual;
    counts[at(j, k)] = count;
  }

  /** The mean of the values present, refined once so that it is right to the last digit or two. */
  private static double mean(double[] column) {
    double[] present = column;
    double sum = sum(column);
    if (Double.isNaN(sum)) {
      present = Arrays.stream(column).filter(value -> !Double.isNaN(value)).toArray();
      sum = sum(present);
    }
    if (present.length == 0) {
      return 0;
    }
    double mean = sum / present.length;
    double rest = 0;
    for (double value : present) {
      rest += value - mean;
    }
    return mean + rest / present.length;
  }

  /** Four sums side by side: faster than one, and closer. */
  private static double sum(double[] values) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < values.length; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < values.length; i++) {
      a += values[i];
    }
    return (a + b) + (c + d);
  }

  /** Fills in the centred values, 0 where missing, and returns how many are missing. */
  static int centre(double[] column, double mean, double[] centred) {
    int missing = 0;
    for (int i = 0; i < column.length; i++) {
      double value = column[i] - mean;
      if (Double.isNaN(value)) {
        missing++;
        value = 0;
      }
      centred[i] = value;
    }
    return missing;
  }

  /** As {@link #sum}. */
  private static double dot(double[] left, double[] right) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < left.length; i += 4) {
      a += left[i] * right[i];
      b += left[i + 1] * right[i + 1];
      c += left[i + 2] * right[i + 2];
      d += left[i + 3] * right[i + 3];
    }
    for (; i < left.length; i++) {
      a += left[i] * right[i];
    }
    return (a + b) + (c + d);
  }

  /** The moments of the rows of both. */
  public Moments merge(Moments other) {
    if (columns != other.columns) {
      throw new IllegalArgumentException(
          "cannot merge the moments of "
              + other.features()
              + " features with those of "
              + features());
    }
    if (rows == 0 || other.rows == 0) {
      return rows == 0 ? other : this;
    }
    Moments merged = new Moments(columns, rows + other.rows);
    for (int j = 0; j < columns; j++) {
      double own = present(j);
      double added = other.present(j);
      merged.means[j] =
          own + added == 0 ? 0 : means[j] + (other.means[j] - means[j]) * (added / (own + added));
    }
    merged.add(this);
    merged.add(other);
    return merged;
  }

  /** Adds the sums of {@code part}, moved from its means to these. */
  private void add(Moments part) {
    for (int j = 0; j < columns; j++) {
      double moveJ = part.means[j] - means[j];
      for (int k = 0; k < columns; k++) {
        double moveK = part.means[k] - means[k];
        int at = at(j, k);
        double count = part.counts[at];
        if (count == 0) {
          continue;
        }
        residuals[at] += part.residuals[at] + moveJ * count;
        products[at] +=
            part.products[at]
                + moveK * part.residuals[at]
                + moveJ * part.residuals[at(k, j)]
                + moveJ * moveK * count;
        counts[at] += count;
      }
    }
  }

  /** The number of rows seen. */
  public long rows() {
    return rows;
  }

  /** The number of features. */
  public int features() {
    return columns - 1;
  }

  /** The column of the label. */
  int label() {
    return columns - 1;
  }

  /** The number of rows that have a value in the column. */
  double present(int column) {
    return counts[at(column, column)];
  }

  double mean(int column) {
    return means[column];
  }

  /**
   * How far the mean of the imputed column is from {@link #mean}, which may not be representable.
   */
  double offset(int column) {
    return residuals[at(column, label())] / rows;
  }

  /** The sum of products of two imputed columns around their exact means. */
  double product(int j, int k) {
    return products[at(j, k)] - rows * offset(j) * offset(k);
  }

  /** Whether the column has the same value wherever it is present, to the digits of a double. */
  boolean constant(int column) {
    double resolution = 4 * Math.ulp(1.0) * means[column];
    double norm = Math.sqrt(Math.max(0, product(column, column)));
    return norm <= Math.sqrt(present(column)) * Math.abs(resolution);
  }

  private int at(int j, int k) {
    return j * columns + k;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Moments that
        && columns == that.columns
        && rows == that.rows
        && Arrays.equals(means, that.means)
        && Arrays.equals(products, that.products)
        && Arrays.equals(residuals, that.residuals)
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(means) + Long.hashCode(rows);
  }

  @Override
  public String toString() {
    return "Moments(" + rows + " rows, " + features() + " features)";
  }
}
