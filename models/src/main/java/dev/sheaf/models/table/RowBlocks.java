package dev.sheaf.models.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Joins blocks, and brings indexes into dictionaries from one dictionary to another. */
final class RowBlocks {
  private RowBlocks() {}

  /** The rows of at least one block, block after block; their dictionaries become one. */
  static RowBlock join(List<RowBlock> blocks) {
    int features = blocks.get(0).features();
    long total = 0;
    boolean weighted = false;
    for (RowBlock block : blocks) {
      if (block.features() != features) {
        throw new IllegalArgumentException(
            "cannot join a block of " + block.features() + " features to one of " + features);
      }
      total += block.rows();
      weighted |= block.weights() != null;
    }
    int rows = Math.toIntExact(total);
    double[][] columns = new double[features][];
    List<List<String>> dictionaries = new ArrayList<>(features);
    for (int f = 0; f < features; f++) {
      double[][] parts = new double[blocks.size()][];
      List<List<String>> texts = new ArrayList<>(parts.length);
      for (int i = 0; i < parts.length; i++) {
        parts[i] = blocks.get(i).column(f);
        texts.add(blocks.get(i).dictionary(f));
      }
      columns[f] = new double[rows];
      dictionaries.add(joinCodes(columns[f], parts, texts));
    }
    double[] labels = new double[rows];
    List<String> classes =
        joinCodes(
            labels,
            blocks.stream().map(RowBlock::labels).toArray(double[][]::new),
            blocks.stream().map(RowBlock::classes).toList());
    long[] hashes = new long[rows];
    long[] orders = new long[rows];
    double[] weights = weighted ? new double[rows] : null;
    int at = 0;
    for (RowBlock block : blocks) {
      System.arraycopy(block.hashes(), 0, hashes, at, block.rows());
      System.arraycopy(block.orders(), 0, orders, at, block.rows());
      if (weights != null) {
        putWeights(block.weights(), weights, at, block.rows());
      }
      at += block.rows();
    }
    return new RowBlock(columns, dictionaries, labels, classes, weights, hashes, orders);
  }

  private static void putWeights(double @Nullable [] from, double[] weights, int at, int rows) {
    if (from == null) {
      Arrays.fill(weights, at, at + rows, 1);
    } else {
      System.arraycopy(from, 0, weights, at, rows);
    }
  }

  /** Copies the parts one after the other and returns the dictionary that holds for all. */
  private static List<String> joinCodes(
      double[] into, double[][] parts, List<List<String>> dictionaries) {
    List<String> first = dictionaries.get(0);
    boolean same = true;
    for (List<String> other : dictionaries) {
      same &= first.equals(other);
    }
    Dictionary joined = new Dictionary();
    int at = 0;
    for (int i = 0; i < parts.length; i++) {
      double[] part = parts[i];
      System.arraycopy(part, 0, into, at, part.length);
      if (!same) {
        int[] codes = dictionaries.get(i).stream().mapToInt(joined::code).toArray();
        recode(into, at, at + part.length, codes);
      }
      at += part.length;
    }
    return same ? first : joined.texts();
  }

  private static void recode(double[] values, int from, int to, int[] codes) {
    for (int i = from; i < to; i++) {
      if (!Double.isNaN(values[i])) {
        values[i] = codes[(int) values[i]];
      }
    }
  }

  static RowBlock compact(RowBlock block) {
    double[][] columns = new double[block.features()][];
    List<List<String>> dictionaries = new ArrayList<>(columns.length);
    boolean changed = false;
    for (int f = 0; f < columns.length; f++) {
      columns[f] = block.column(f);
      List<String> texts = block.dictionary(f);
      List<String> kept = used(texts, columns[f]);
      if (!kept.equals(texts)) {
        columns[f] = recoded(columns[f], texts, kept);
        changed = true;
      }
      dictionaries.add(kept);
    }
    double[] labels = block.labels();
    List<String> classes = used(block.classes(), labels);
    if (!classes.equals(block.classes())) {
      labels = recoded(labels, block.classes(), classes);
      changed = true;
    }
    return changed
        ? new RowBlock(
            columns, dictionaries, labels, classes, block.weights(), block.hashes(), block.orders())
        : block;
  }

  /** The texts that occur, sorted. */
  private static List<String> used(List<String> texts, double[] values) {
    if (texts.isEmpty()) {
      return texts;
    }
    boolean[] seen = new boolean[texts.size()];
    for (double value : values) {
      if (!Double.isNaN(value)) {
        seen[(int) value] = true;
      }
    }
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < seen.length; i++) {
      if (seen[i]) {
        kept.add(texts.get(i));
      }
    }
    kept.sort(null);
    return List.copyOf(kept);
  }

  private static double[] recoded(double[] values, List<String> texts, List<String> kept) {
    Dictionary sorted = new Dictionary();
    kept.forEach(sorted::code);
    double[] recoded = values.clone();
    recode(recoded, 0, recoded.length, texts.stream().mapToInt(sorted::code).toArray());
    return recoded;
  }
}
