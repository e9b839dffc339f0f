package dev.sheaf.models.train.linear;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All that a least squares fit needs to know of the rows: their number and weight, the means and
 * co-moments of the columns of numbers, and sums over the rows that have a category or a missing
 * value. For {@code d} numbers none of which is missing it takes {@code (d + 1)(d + 6) / 2}
 * doubles, however many rows it has seen, and two of them merge into that of all rows.
 *
 * <p>Sums are kept around each block's own means and moved when blocks merge (Chan, Golub, LeVeque
 * 1979), so that no digits are lost on columns far from zero. The label is the last number. A
 * missing value takes part in no sum; for every {@linkplain Flags flag} the sums over the rows that
 * have it are kept, which makes mean imputation by the final means exact.
 *
 * <p>A <em>term</em> is what can have a coefficient: a column of numbers or, counted on from there,
 * a flag. In the terms' products missing values count as the term's mean.
 */
final class Moments {
  /** Features that are numbers, and the label. */
  private final int columns;

  private final long rows;
  private final double weight;

  /** The mean of the values present; 0 if there is none. */
  private final double[] means;

  /** Over rows that have the number, the sum of x_j - mean_j: what the mean was rounded off by. */
  private final double[] totals;

  /** For k <= j: over rows that have both, the sum of (x_j - mean_j)(x_k - mean_k). */
  private final double[] products;

  private final Flags flags;

  private Moments(long rows, double weight, Flags flags, int columns) {
    this(
        rows,
        weight,
        new double[columns],
        new double[columns],
        new double[columns * (columns + 1) / 2],
        flags);
  }

  Moments(
      long rows, double weight, double[] means, double[] totals, double[] products, Flags flags) {
    this.columns = means.length;
    this.rows = rows;
    this.weight = weight;
    this.means = means;
    this.totals = totals;
    this.products = products;
    this.flags = flags;
  }

  /** The moments of no rows. */
  static Moments none(Columns layout) {
    return new Moments(0, 0, layout.noFlags(), layout.numbers().size() + 1);
  }

  /** The moments of some rows. */
  static Moments of(EncodedRows block) {
    int n = block.rows();
    double[] rowWeights = block.weights();
    int columns = block.numbers().length;
    double[][] centred = new double[columns][n];
    double[][] weighted = new double[columns][];
    double[] means = new double[columns];
    boolean[] missing = new boolean[columns];
    for (int j = 0; j < columns; j++) {
      means[j] = mean(block.numbers()[j], rowWeights);
      missing[j] = centre(block.numbers()[j], means[j], centred[j]) > 0;
      if (missing[j] && j == columns - 1) {
        means[j] = Double.NaN; // A label is never missing: one that is NaN spoils the sums.
      }
      weighted[j] = rowWeights == null ? centred[j] : product(centred[j], rowWeights);
    }
    Moments moments =
        new Moments(
            n, rowWeights == null ? n : sum(rowWeights), block.flags(missing, weighted), columns);
    for (int j = 0; j < columns; j++) {
      moments.means[j] = means[j];
      moments.totals[j] = sum(weighted[j]);
      for (int k = 0; k <= j; k++) {
        moments.products[at(j, k)] = dot(weighted[j], centred[k]);
      }
    }
    return moments;
  }

  /** The mean of the values present, refined once so that it is right to the last digit or two. */
  static double mean(double[] column, double @Nullable [] rowWeights) {
    if (rowWeights != null) {
      return weightedMean(column, rowWeights);
    }
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

  private static double weightedMean(double[] column, double[] rowWeights) {
    double mean = 0;
    for (int round = 0; round < 2; round++) {
      double sum = 0;
      double present = 0;
      for (int i = 0; i < column.length; i++) {
        if (!Double.isNaN(column[i])) {
          sum += rowWeights[i] * (column[i] - mean);
          present += rowWeights[i];
        }
      }
      mean += present > 0 ? sum / present : 0;
    }
    return mean;
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

  private static double[] product(double[] left, double[] right) {
    double[] product = new double[left.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = left[i] * right[i];
    }
    return product;
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
  Moments merge(Moments other) {
    if (rows == 0 || other.rows == 0) {
      return rows == 0 ? other : this;
    }
    Moments merged =
        new Moments(
            rows + other.rows,
            weight + other.weight,
            flags.count() + other.flags.count() == 0 ? flags : flags.union(other.flags),
            columns);
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
    double[] moves = new double[columns];
    for (int j = 0; j < columns; j++) {
      // Of no values there is no mean, and no move: what weights are rounded off by times a move
      // from zero would be much.
      moves[j] = part.any(j) ? part.means[j] - means[j] : 0;
      totals[j] += part.totals[j] + moves[j] * part.present(j);
      for (int k = 0; k <= j; k++) {
        products[at(j, k)] +=
            part.products[at(j, k)]
                + moves[k] * part.residual(j, k)
                + moves[j] * part.residual(k, j)
                + moves[j] * moves[k] * part.both(j, k);
      }
    }
    if (part.flags.count() > 0) {
      flags.add(part.flags, moves);
    }
  }

  /** Over rows that have both numbers, the sum of (x_j - mean_j). */
  private double residual(int j, int k) {
    return totals[j] - flags.sum(flags.missing(k), j);
  }

  /** The weight of the rows that have both numbers. */
  private double both(int j, int k) {
    int noJ = flags.missing(j);
    int noK = flags.missing(k);
    return weight - flags.weight(noJ) - flags.weight(noK) + flags.together(noJ, noK);
  }

  /** The number of rows seen. */
  long rows() {
    return rows;
  }

  /** The weight of all rows. */
  double weight() {
    return weight;
  }

  /** The number of columns of numbers, the label included. */
  int columns() {
    return columns;
  }

  /** The column of the label. */
  int label() {
    return columns - 1;
  }

  Flags flags() {
    return flags;
  }

  /**
   * The weight of the rows that have a value in the column or, for a flag, of its source; exactly 0
   * if there are none, though sums of weights are rounded.
   */
  double present(int term) {
    int source = term < columns ? term : flags.source(term - columns);
    return any(term) ? weight - flags.weight(flags.missing(source)) : 0;
  }

  /** Whether any row has a value in the column or, for a flag, of its source. */
  boolean any(int term) {
    int source = term < columns ? term : flags.source(term - columns);
    return rows > flags.count(flags.missing(source));
  }

  /** The same moments with at most so many categories per column, as {@link Flags#keeping}. */
  Moments keeping(int limit) {
    return new Moments(rows, weight, means, totals, products, flags.keeping(limit));
  }

  /** The mean of a number, or the share of the rows that have a flag among those that might. */
  double mean(int term) {
    if (term < columns) {
      return means[term];
    }
    double present = present(term);
    return present > 0 ? flags.weight(term - columns) / present : 0;
  }

  /** How far the mean of the imputed term is from {@link #mean}, which may not be representable. */
  double offset(int term) {
    return term < columns ? totals[term] / weight : 0;
  }

  /** The sum of products of two imputed terms around their exact means. */
  double product(int term, int other) {
    int later = Math.max(term, other);
    int earlier = Math.min(term, other);
    if (later < columns) {
      return products[at(later, earlier)] - weight * offset(later) * offset(earlier);
    }
    int flag = later - columns;
    int missing = flags.missing(flags.source(flag));
    double mean = mean(later);
    if (earlier < columns) {
      return flags.sum(flag, earlier) - mean * (totals[earlier] - flags.sum(missing, earlier));
    }
    if (later == earlier) {
      return flags.weight(flag) * ((present(later) - flags.weight(flag)) / present(later));
    }
    int otherFlag = earlier - columns;
    int otherMissing = flags.missing(flags.source(otherFlag));
    double otherMean = mean(earlier);
    double both =
        weight
            - flags.weight(missing)
            - flags.weight(otherMissing)
            + flags.together(missing, otherMissing);
    return flags.together(flag, otherFlag)
        - mean * (flags.weight(otherFlag) - flags.together(otherFlag, missing))
        - otherMean * (flags.weight(flag) - flags.together(flag, otherMissing))
        + mean * otherMean * both;
  }

  /** Whether a term has the same value wherever it is present, to the digits of a double. */
  boolean constant(int term) {
    double norm = Math.sqrt(Math.max(0, product(term, term)));
    double resolution = term < columns ? 4 * Math.ulp(1.0) * Math.abs(means[term]) : 0;
    return norm <= Math.sqrt(present(term)) * resolution;
  }

  private static int at(int j, int k) {
    return j >= k ? j * (j + 1) / 2 + k : k * (k + 1) / 2 + j;
  }

  double[] means() {
    return means;
  }

  double[] totals() {
    return totals;
  }

  double[] products() {
    return products;
  }

  /** About how many bytes it takes in memory. */
  long byteSize() {
    long numbers = 8L * (means.length + totals.length + products.length) + 112;
    return numbers + (flags.count() == 0 ? 0 : flags.byteSize());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Moments that
        && rows == that.rows
        && weight == that.weight
        && Arrays.equals(means, that.means)
        && Arrays.equals(totals, that.totals)
        && Arrays.equals(products, that.products)
        && flags.equals(that.flags);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(means) + Long.hashCode(rows);
  }

  @Override
  public String toString() {
    return "Moments(" + rows + " rows, " + columns + " columns, " + flags.count() + " flags)";
  }
}
