package dev.sheaf.models.table;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of one key as primitive columns: features and label as doubles (NaN is a missing value), and
 * two longs per row that are not trained on.
 *
 * <ul>
 *   <li>{@code hash}: a hash of the row's contents, the same in every run.
 *   <li>{@code order}: the row's place for a holdout by order, or 1 and 0 for a holdout by
 *       condition; see {@link dev.sheaf.models.evaluate}.
 * </ul>
 *
 * <p>Immutable by agreement: accessors return the arrays themselves, which nobody may write to.
 */
public final class RowBlock {
  private final int rows;
  private final double[][] columns;
  private final double[] labels;
  private final long[] hashes;
  private final long[] orders;

  RowBlock(double[][] columns, double[] labels, long[] hashes, long[] orders) {
    this.rows = labels.length;
    this.columns = columns;
    this.labels = labels;
    this.hashes = hashes;
    this.orders = orders;
  }

  /**
   * Starts an empty block.
   *
   * @param features the number of features of each row, at least 1
   */
  public static Builder builder(int features) {
    return new Builder(features);
  }

  /** The number of rows. */
  public int rows() {
    return rows;
  }

  /** The number of features of each row. */
  public int features() {
    return columns.length;
  }

  /** The values of one feature, one per row; the array itself, not a copy. */
  public double[] column(int feature) {
    return columns[feature];
  }

  /** The labels, one per row; the array itself, not a copy. */
  public double[] labels() {
    return labels;
  }

  /** The hashes, one per row; the array itself, not a copy. */
  public long[] hashes() {
    return hashes;
  }

  /** The order values, one per row; the array itself, not a copy. */
  public long[] orders() {
    return orders;
  }

  /** The bytes that the block takes in memory. */
  public long byteSize() {
    return 64 + (columns.length + 3L) * (16 + 8L * rows);
  }

  /**
   * All rows of all blocks, block after block.
   *
   * @param blocks at least one, all with the same number of features
   */
  public static RowBlock concat(List<RowBlock> blocks) {
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException("cannot join no blocks: at least one is needed");
    }
    if (blocks.size() == 1) {
      return blocks.get(0);
    }
    int features = blocks.get(0).features();
    long total = 0;
    for (RowBlock block : blocks) {
      if (block.features() != features) {
        throw new IllegalArgumentException(
            "cannot join a block of " + block.features() + " features to one of " + features);
      }
      total += block.rows;
    }
    int rows = Math.toIntExact(total);
    RowBlock joined =
        new RowBlock(new double[features][rows], new double[rows], new long[rows], new long[rows]);
    int at = 0;
    for (RowBlock block : blocks) {
      for (int f = 0; f < features; f++) {
        System.arraycopy(block.columns[f], 0, joined.columns[f], at, block.rows);
      }
      System.arraycopy(block.labels, 0, joined.labels, at, block.rows);
      System.arraycopy(block.hashes, 0, joined.hashes, at, block.rows);
      System.arraycopy(block.orders, 0, joined.orders, at, block.rows);
      at += block.rows;
    }
    return joined;
  }

  /**
   * The rows sorted by hash, order, label and features: the one order in which trainers see them,
   * however the rows were spread and whenever they arrived.
   */
  public RowBlock canonical() {
    return select(CanonicalOrder.of(this));
  }

  /** The rows with the given numbers, in that order. */
  public RowBlock select(int[] selected) {
    int n = selected.length;
    double[][] newColumns = new double[columns.length][];
    for (int f = 0; f < columns.length; f++) {
      newColumns[f] = select(columns[f], selected);
    }
    long[] newHashes = new long[n];
    long[] newOrders = new long[n];
    for (int i = 0; i < n; i++) {
      newHashes[i] = hashes[selected[i]];
      newOrders[i] = orders[selected[i]];
    }
    return new RowBlock(newColumns, select(labels, selected), newHashes, newOrders);
  }

  private static double[] select(double[] from, int[] selected) {
    double[] to = new double[selected.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[selected[i]];
    }
    return to;
  }

  /**
   * Writes the block in its own compact format; every value comes back bit for bit, except that all
   * NaNs become the one NaN.
   */
  public void writeTo(DataOutput out) throws IOException {
    RowBlockFormat.write(this, out);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IOException if the bytes are no block, or one of another version of the format
   */
  public static RowBlock readFrom(DataInput in) throws IOException {
    return RowBlockFormat.read(in);
  }

  /** Two blocks are equal if they hold the same rows in the same order, bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RowBlock that
        && Arrays.deepEquals(columns, that.columns)
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(hashes, that.hashes)
        && Arrays.equals(orders, that.orders);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(hashes) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "RowBlock(" + rows + " rows, " + columns.length + " features)";
  }

  /** Collects rows; confined to one thread. */
  public static final class Builder {
    private static final int FIRST_CAPACITY = 16;

    private final double[][] columns;
    private double[] labels = new double[FIRST_CAPACITY];
    private long[] hashes = new long[FIRST_CAPACITY];
    private long[] orders = new long[FIRST_CAPACITY];
    private int rows;

    private Builder(int features) {
      if (features < 1 || features > RowBlockFormat.MAXIMUM_FEATURES) {
        throw new IllegalArgumentException(
            "cannot build rows of "
                + features
                + " features: from 1 to "
                + RowBlockFormat.MAXIMUM_FEATURES
                + " are possible");
      }
      columns = new double[features][FIRST_CAPACITY];
    }

    /** The number of rows collected so far. */
    public int rows() {
      return rows;
    }

    /** Adds one row; {@code features} is copied. */
    public Builder append(double[] features, double label, long hash, long order) {
      if (features.length != columns.length) {
        throw new IllegalArgumentException(
            "cannot add a row of " + features.length + " features to rows of " + columns.length);
      }
      if (rows == labels.length) {
        grow();
      }
      for (int f = 0; f < features.length; f++) {
        columns[f][rows] = features[f];
      }
      labels[rows] = label;
      hashes[rows] = hash;
      orders[rows] = order;
      rows++;
      return this;
    }

    /** The rows collected so far as a block; the builder may be used on. */
    public RowBlock build() {
      double[][] trimmed = new double[columns.length][];
      for (int f = 0; f < columns.length; f++) {
        trimmed[f] = Arrays.copyOf(columns[f], rows);
      }
      return new RowBlock(
          trimmed,
          Arrays.copyOf(labels, rows),
          Arrays.copyOf(hashes, rows),
          Arrays.copyOf(orders, rows));
    }

    private void grow() {
      int capacity = Math.toIntExact(Math.min(Integer.MAX_VALUE - 8L, 2L * labels.length));
      if (capacity == labels.length) {
        throw new IllegalStateException("cannot collect more than " + capacity + " rows");
      }
      for (int f = 0; f < columns.length; f++) {
        columns[f] = Arrays.copyOf(columns[f], capacity);
      }
      labels = Arrays.copyOf(labels, capacity);
      hashes = Arrays.copyOf(hashes, capacity);
      orders = Arrays.copyOf(orders, capacity);
    }
  }
}
