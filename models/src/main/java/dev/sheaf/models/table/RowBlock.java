package dev.sheaf.models.table;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one key as primitive columns: features and label as doubles (NaN is a missing value), a
 * weight if the rows have one, and two longs per row that are not trained on.
 *
 * <ul>
 *   <li>Text is held as indexes into a dictionary: that of the {@linkplain #dictionary feature} or,
 *       for labels that are classes, {@link #classes()}. An index means something only with the
 *       dictionary of its own block.
 *   <li>{@code hash}: a hash of the row's contents, the same in every run.
 *   <li>{@code order}: the row's place for a holdout by order, or 1 and 0 for a holdout by
 *       condition; see {@link dev.sheaf.models.evaluate}.
 * </ul>
 *
 * <p>Immutable by agreement: accessors return the arrays themselves, which nobody may write to.
 */
public final class RowBlock {
  /** In {@link #withMissing}, for all features of a row. */
  public static final int ALL = -1;

  private final double[][] columns;
  private final List<List<String>> dictionaries;
  private final double[] labels;
  private final List<String> classes;
  private final double @Nullable [] weights;
  private final long[] hashes;
  private final long[] orders;

  RowBlock(
      double[][] columns,
      List<List<String>> dictionaries,
      double[] labels,
      List<String> classes,
      double @Nullable [] weights,
      long[] hashes,
      long[] orders) {
    this.columns = columns;
    this.dictionaries = dictionaries;
    this.labels = labels;
    this.classes = classes;
    this.weights = weights;
    this.hashes = hashes;
    this.orders = orders;
  }

  /**
   * Starts an empty block of numbers alone.
   *
   * @param features the number of features of each row, at least 1
   */
  public static Builder builder(int features) {
    return new Builder(features, Builder.FIRST_CAPACITY);
  }

  /** Starts an empty block of rows of a table. */
  public static Builder builder(TableSchema schema) {
    return builder(schema.features().size());
  }

  /** Starts an empty block that has room for so many rows of a table from the start. */
  public static Builder builder(TableSchema schema, int rows) {
    return new Builder(schema.features().size(), rows);
  }

  /** The number of rows. */
  public int rows() {
    return labels.length;
  }

  /** The number of features of each row. */
  public int features() {
    return columns.length;
  }

  /**
   * The values of one feature, one per row, of text the indexes into its dictionary; the array
   * itself, not a copy.
   */
  public double[] column(int feature) {
    return columns[feature];
  }

  /** The texts of one feature, each once; empty for a feature that is not text. */
  public List<String> dictionary(int feature) {
    return dictionaries.get(feature);
  }

  /**
   * The labels, one per row, of classes the indexes into {@link #classes()}; the array itself, not
   * a copy.
   */
  public double[] labels() {
    return labels;
  }

  /** The classes that labels may be, each once; empty if the labels are numbers. */
  public List<String> classes() {
    return classes;
  }

  /** The weights, one per row, or null if all are 1; the array itself, not a copy. */
  public double @Nullable [] weights() {
    return weights;
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
    int arrays = columns.length + (weights == null ? 3 : 4);
    long texts = textBytes(classes);
    for (List<String> dictionary : dictionaries) {
      texts += textBytes(dictionary);
    }
    return 64 + arrays * (16 + 8L * rows()) + texts;
  }

  private static long textBytes(List<String> texts) {
    long bytes = 0;
    for (String text : texts) {
      bytes += 56 + text.length();
    }
    return bytes;
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
    return blocks.size() == 1 ? blocks.get(0) : RowBlocks.join(blocks);
  }

  /**
   * The rows sorted by hash, order, label, weight and features, with dictionaries as of {@link
   * #compact()}: the one form in which trainers see them, however the rows were spread and whenever
   * they arrived.
   */
  public RowBlock canonical() {
    RowBlock compact = compact();
    return compact.select(CanonicalOrder.of(compact));
  }

  /** The same rows with sorted dictionaries of only the texts that occur. */
  public RowBlock compact() {
    return RowBlocks.compact(this);
  }

  /** The rows with the given numbers, in that order, with the same dictionaries. */
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
    return new RowBlock(
        newColumns,
        dictionaries,
        select(labels, selected),
        classes,
        weights == null ? null : select(weights, selected),
        newHashes,
        newOrders);
  }

  /**
   * The same rows with one feature missing in each, or all of them.
   *
   * @param featureOfRow the number of the feature for the number of a row, or {@link #ALL}
   */
  public RowBlock withMissing(IntUnaryOperator featureOfRow) {
    double[][] changed = new double[columns.length][];
    for (int f = 0; f < columns.length; f++) {
      changed[f] = columns[f].clone();
      for (int row = 0; row < changed[f].length; row++) {
        int missing = featureOfRow.applyAsInt(row);
        if (missing == f || missing == ALL) {
          changed[f][row] = Double.NaN;
        }
      }
    }
    return new RowBlock(changed, dictionaries, labels, classes, weights, hashes, orders);
  }

  /** The rows with only the given features, in that order. */
  public RowBlock project(int[] features) {
    double[][] kept = new double[features.length][];
    List<List<String>> texts = new ArrayList<>(features.length);
    for (int i = 0; i < features.length; i++) {
      kept[i] = columns[features[i]];
      texts.add(dictionaries.get(features[i]));
    }
    return new RowBlock(kept, texts, labels, classes, weights, hashes, orders);
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
        && dictionaries.equals(that.dictionaries)
        && Arrays.equals(labels, that.labels)
        && classes.equals(that.classes)
        && Arrays.equals(weights, that.weights)
        && Arrays.equals(hashes, that.hashes)
        && Arrays.equals(orders, that.orders);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(hashes) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "RowBlock(" + rows() + " rows, " + columns.length + " features)";
  }

  /** Collects rows; confined to one thread. */
  public static final class Builder {
    private static final int FIRST_CAPACITY = 16;

    private final double[][] columns;
    private final @Nullable Dictionary[] dictionaries;
    private final Dictionary classes = new Dictionary();
    private double[] labels;
    private double @Nullable [] weights;
    private long[] hashes;
    private long[] orders;
    private int rows;

    private Builder(int features, int capacity) {
      if (features < 1 || features > RowBlockFormat.MAXIMUM_FEATURES) {
        throw new IllegalArgumentException(
            "cannot build rows of "
                + features
                + " features: from 1 to "
                + RowBlockFormat.MAXIMUM_FEATURES
                + " are possible");
      }
      columns = new double[features][capacity];
      dictionaries = new Dictionary[features];
      labels = new double[capacity];
      hashes = new long[capacity];
      orders = new long[capacity];
    }

    /** The number of rows collected so far. */
    public int rows() {
      return rows;
    }

    /** The number to append for a text of a feature. */
    public double code(int feature, String text) {
      Dictionary dictionary = dictionaries[feature];
      if (dictionary == null) {
        dictionary = new Dictionary();
        dictionaries[feature] = dictionary;
      }
      return dictionary.code(text);
    }

    /** The label to append for a class. */
    public double classCode(String text) {
      return classes.code(text);
    }

    /** Adds one row of weight 1; {@code features} is copied. */
    public Builder append(double[] features, double label, long hash, long order) {
      return append(features, label, 1, hash, order);
    }

    /** Adds one row; {@code features} is copied. */
    public Builder append(double[] features, double label, double weight, long hash, long order) {
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
      if (weight != 1 && weights == null) {
        weights = new double[labels.length];
        Arrays.fill(weights, 0, rows, 1);
      }
      if (weights != null) {
        weights[rows] = weight;
      }
      rows++;
      return this;
    }

    /** The rows collected so far as a block; the builder may be used on. */
    public RowBlock build() {
      double[][] trimmed = new double[columns.length][];
      List<List<String>> texts = new ArrayList<>(columns.length);
      for (int f = 0; f < columns.length; f++) {
        trimmed[f] = trimmed(columns[f]);
        Dictionary dictionary = dictionaries[f];
        texts.add(dictionary == null ? List.of() : dictionary.texts());
      }
      return new RowBlock(
          trimmed,
          texts,
          trimmed(labels),
          classes.texts(),
          weights == null ? null : trimmed(weights),
          trimmed(hashes),
          trimmed(orders));
    }

    // A full array is given away: the next row goes into a longer copy of it.
    private double[] trimmed(double[] values) {
      return values.length == rows ? values : Arrays.copyOf(values, rows);
    }

    private long[] trimmed(long[] values) {
      return values.length == rows ? values : Arrays.copyOf(values, rows);
    }

    private void grow() {
      int capacity =
          Math.toIntExact(
              Math.min(Integer.MAX_VALUE - 8L, Math.max(FIRST_CAPACITY, 2L * labels.length)));
      if (capacity == labels.length) {
        throw new IllegalStateException("cannot collect more than " + capacity + " rows");
      }
      for (int f = 0; f < columns.length; f++) {
        columns[f] = Arrays.copyOf(columns[f], capacity);
      }
      labels = Arrays.copyOf(labels, capacity);
      if (weights != null) {
        weights = Arrays.copyOf(weights, capacity);
      }
      hashes = Arrays.copyOf(hashes, capacity);
      orders = Arrays.copyOf(orders, capacity);
    }
  }
}
