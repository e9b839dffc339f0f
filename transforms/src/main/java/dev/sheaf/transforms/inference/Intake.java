package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.transforms.inference.KeyTable.Route;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rows that came last, whose models are looked up together.
 *
 * <p>With many keys each step from a key to its weights is a wait for memory. Done row by row the
 * waits add up; done step by step for all rows they overlap, because a processor goes on to the
 * next row while it waits. The rows themselves are few enough to stay in its cache.
 */
final class Intake {
  /** Enough for the waits to overlap; some 100 KB of rows. */
  private static final int MOST = 256;

  /** Bytes of rows, of which a few may be as large as many; estimated. */
  private static final long MOST_BYTES = 4L << 20;

  private final RowBytes sizes;
  private final HeldRows rows = new HeldRows();
  private final int capacity;
  private final @Nullable String[] keys;
  private final long[] codes;
  private final @Nullable ChosenModel[] chosen;
  private final @Nullable Route[] routes;
  private final KeyTable table = new KeyTable();

  /** Read, so that the compiler cannot leave the reading out. */
  private int seen;

  /** Takes no more rows than a call, so that none waits where each is to be scored at once. */
  Intake(int maximumBatchSize, RowBytes sizes) {
    this.sizes = sizes;
    capacity = Math.min(MOST, maximumBatchSize);
    keys = new String[capacity];
    codes = new long[capacity];
    chosen = new ChosenModel[capacity];
    routes = new Route[capacity];
  }

  void add(Row row, Instant timestamp, BoundedWindow window) {
    rows.add(row, timestamp, window, sizes.of(row));
  }

  HeldRows rows() {
    return rows;
  }

  boolean isFull() {
    return rows.size() == capacity || rows.byteSize() >= MOST_BYTES;
  }

  /** Sets the key of a row; null if it was refused. */
  void key(int place, @Nullable String key) {
    keys[place] = key;
    codes[place] = key == null ? 0 : KeyTable.code(key);
  }

  /** Whether a row has a key. */
  boolean hasKey(int place) {
    return keys[place] != null;
  }

  /**
   * Finds the models of the rows' own keys.
   *
   * @param drops how many models the cache has dropped so far
   */
  void choose(Generation serving, long drops) {
    table.begin(serving, drops);
    int size = rows.size();
    for (int i = 0; i < size; i++) {
      String key = keys[i];
      routes[i] = key == null ? null : table.find(codes[i], key);
    }
    for (int i = 0; i < size; i++) {
      Route route = routes[i];
      String key = keys[i];
      if (route != null || key == null) {
        chosen[i] = route == null ? null : route.chosen();
        continue;
      }
      ChosenModel model = serving.ofKey(key);
      choose(i, model);
      Route found = routes[i];
      if (found != null) {
        table.keep(found);
      }
    }
  }

  /** Sets the model of a row. */
  void choose(int place, @Nullable ChosenModel model) {
    chosen[place] = model;
    routes[place] = model == null ? null : table.route(codes[place], model);
  }

  /**
   * Reads a little of all rows' models and weights. The processor waits for many of them at once
   * here, and later finds them near.
   */
  void fetch() {
    int read = seen;
    for (int i = 0; i < rows.size(); i++) {
      Route route = routes[i];
      ModelWeights weights = route == null ? null : route.weights();
      if (route != null && weights != null) {
        read += weights.size() + (route.chosen().hasServed() ? 1 : 0);
      }
    }
    seen = read;
  }

  @Nullable ChosenModel chosen(int place) {
    return chosen[place];
  }

  /** The way to the model of a row; null if it is not loaded. */
  @Nullable Route route(int place) {
    return routes[place];
  }

  /** Lets go of the models that the cache has dropped. */
  void letGo(long drops) {
    table.letGo(drops);
  }

  void clear() {
    rows.clear();
  }
}
