package dev.sheaf.transforms.training;

import dev.sheaf.models.table.Dictionary;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Rows of many keys as they came, until each key is given its own.
 *
 * <p>A row lies in one piece and is written where the last one ended. Appending it to columns of
 * its key instead would touch a dozen places far apart, and with thousands of keys the processor
 * would wait for memory at each of them.
 */
final class MixedRows {
  private static final int ROWS_IN_A_CHUNK = 1024;
  private static final int FIRST_CAPACITY = 1024;

  private final TableSchema schema;
  private final int features;
  private final Dictionary[] texts;
  private final Dictionary classes = new Dictionary();
  private final Dictionary keys = new Dictionary();

  /** The features of a row, its label, its weight. */
  private final List<double[]> numbers = new ArrayList<>();

  /** The hash of a row, its place in the holdout's order. */
  private final List<long[]> ranks = new ArrayList<>();

  private int rows;

  /** Which row belongs to which key; a row may belong to several. */
  private int[] memberRows = new int[FIRST_CAPACITY];

  private int[] memberKeys = new int[FIRST_CAPACITY];
  private int members;

  MixedRows(TableSchema schema) {
    this.schema = schema;
    this.features = schema.features().size();
    this.texts = new Dictionary[features];
    Arrays.setAll(texts, f -> new Dictionary());
  }

  /** The number of rows. */
  int rows() {
    return rows;
  }

  /** Adds a row, which belongs to no key yet. */
  void add(RowReader.Buffer row) {
    int place = rows % ROWS_IN_A_CHUNK;
    if (place == 0) {
      numbers.add(new double[ROWS_IN_A_CHUNK * (features + 2)]);
      ranks.add(new long[ROWS_IN_A_CHUNK * 2]);
    }
    int chunk = rows / ROWS_IN_A_CHUNK;
    row.copyTo(
        numbers.get(chunk), place * (features + 2), ranks.get(chunk), place * 2, texts, classes);
    rows++;
  }

  /** Makes the row added last one of a key's. */
  void assign(String key) {
    if (members == memberRows.length) {
      int capacity = Math.addExact(members, members);
      memberRows = Arrays.copyOf(memberRows, capacity);
      memberKeys = Arrays.copyOf(memberKeys, capacity);
    }
    memberRows[members] = rows - 1;
    memberKeys[members] = keys.code(key);
    members++;
  }

  /** Hands over each key with its rows. */
  void forEachKey(BiConsumer<String, RowBlock> visitor) {
    int[] ends = new int[keys.size()];
    for (int m = 0; m < members; m++) {
      ends[memberKeys[m]]++;
    }
    for (int key = 1; key < ends.length; key++) {
      ends[key] += ends[key - 1];
    }
    int[] sorted = new int[members];
    int[] next = ends.clone();
    for (int m = members - 1; m >= 0; m--) {
      sorted[--next[memberKeys[m]]] = memberRows[m];
    }
    double[] values = new double[features];
    for (int key = 0; key < ends.length; key++) {
      RowBlock.Builder block = RowBlock.builder(schema, ends[key] - next[key]);
      for (int m = next[key]; m < ends[key]; m++) {
        append(sorted[m], values, block);
      }
      visitor.accept(keys.text(key), block.build());
    }
  }

  private void append(int row, double[] values, RowBlock.Builder block) {
    double[] chunk = numbers.get(row / ROWS_IN_A_CHUNK);
    int from = row % ROWS_IN_A_CHUNK * (features + 2);
    for (int f = 0; f < features; f++) {
      double value = chunk[from + f];
      boolean isText = texts[f].size() > 0 && !Double.isNaN(value);
      values[f] = isText ? block.code(f, texts[f].text((int) value)) : value;
    }
    double label = chunk[from + features];
    if (classes.size() > 0) {
      label = block.classCode(classes.text((int) label));
    }
    long[] rank = ranks.get(row / ROWS_IN_A_CHUNK);
    int at = row % ROWS_IN_A_CHUNK * 2;
    block.append(values, label, chunk[from + features + 1], rank[at], rank[at + 1]);
  }
}
