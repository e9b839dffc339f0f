package dev.sheaf.models.table;

import java.util.Arrays;

/** The permutation that sorts a block by hash, order, label, weight and features. */
final class CanonicalOrder {
  private CanonicalOrder() {}

  /**
   * Sorts the hashes as plain longs, puts each row where its hash went, and compares whole rows
   * only within a run of equal hashes, which real data rarely has.
   */
  static int[] of(RowBlock block) {
    int n = block.rows();
    long[] hashes = block.hashes();
    long[] sorted = hashes.clone();
    Arrays.sort(sorted);
    int[] filled = new int[n];
    int[] order = new int[n];
    for (int row = 0; row < n; row++) {
      int start = firstIndex(sorted, hashes[row]);
      order[start + filled[start]++] = row;
    }
    for (int start = 0; start < n; start += filled[start]) {
      if (filled[start] > 1) {
        sortRun(block, order, start, start + filled[start]);
      }
    }
    return order;
  }

  private static int firstIndex(long[] sorted, long value) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void sortRun(RowBlock block, int[] order, int from, int to) {
    Integer[] run = new Integer[to - from];
    for (int i = 0; i < run.length; i++) {
      run[i] = order[from + i];
    }
    Arrays.sort(run, (left, right) -> compare(block, left, right));
    for (int i = 0; i < run.length; i++) {
      order[from + i] = run[i];
    }
  }

  private static int compare(RowBlock block, int left, int right) {
    int result = Long.compare(block.orders()[left], block.orders()[right]);
    if (result == 0) {
      result = Double.compare(block.labels()[left], block.labels()[right]);
    }
    double[] weights = block.weights();
    if (result == 0 && weights != null) {
      result = Double.compare(weights[left], weights[right]);
    }
    for (int f = 0; result == 0 && f < block.features(); f++) {
      double[] column = block.column(f);
      result = Double.compare(column[left], column[right]);
    }
    return result;
  }
}
