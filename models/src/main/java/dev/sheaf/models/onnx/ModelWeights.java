package dev.sheaf.models.onnx;

import java.util.List;

/**
 * What a model has for itself among those of one {@link ModelTemplate}: the numbers of its
 * coefficients and its tables of categories. It lies on the heap and needs no closing.
 *
 * <p>Immutable; any thread may use it.
 */
public final class ModelWeights {
  /** The object, its arrays' headers and the cache's entry for it. */
  private static final long OBJECT_BYTES = 500;

  private final double[] values;
  private final List<CategoryTable> tables;

  ModelWeights(double[] values, List<CategoryTable> tables) {
    this.values = values;
    this.tables = List.copyOf(tables);
  }

  double[] values() {
    return values;
  }

  /** Other weights with the same tables. */
  ModelWeights withValues(double[] others) {
    return new ModelWeights(others, tables);
  }

  /** How many numbers there are, without those in tables. */
  public int size() {
    return values.length;
  }

  /** Copies the numbers, without those in tables, into an array from a place on. */
  public void copyTo(double[] into, int from) {
    System.arraycopy(values, 0, into, from, values.length);
  }

  /** Whether there are tables of categories beside the numbers. */
  public boolean hasTables() {
    return !tables.isEmpty();
  }

  CategoryTable table(int number) {
    return tables.get(number);
  }

  /** Other weights of the same sizes, for probes. */
  ModelWeights perturbed() {
    double[] others = new double[values.length];
    for (int i = 0; i < others.length; i++) {
      others[i] = 1.25 * values[i] + 0.0625 * (i % 7 + 1);
    }
    return new ModelWeights(others, tables);
  }

  /** A text that one of a feature's tables knows; empty if there is none. */
  String someText(ModelTemplate template, int feature) {
    return template
        .columns()
        .filter(column -> column.feature() == feature && column.table() >= 0)
        .map(column -> tables.get(column.table()).someText())
        .findFirst()
        .orElse("");
  }

  /** A number that one of a feature's tables knows; 0 if there is none. */
  double someNumber(ModelTemplate template, int feature) {
    return template
        .columns()
        .filter(column -> column.feature() == feature && column.table() >= 0)
        .mapToDouble(column -> tables.get(column.table()).someNumber())
        .findFirst()
        .orElse(0);
  }

  /** About how many bytes of heap it takes. */
  public long byteSize() {
    long bytes = OBJECT_BYTES + (long) Double.BYTES * values.length;
    for (CategoryTable table : tables) {
      bytes += table.byteSize();
    }
    return bytes;
  }
}
