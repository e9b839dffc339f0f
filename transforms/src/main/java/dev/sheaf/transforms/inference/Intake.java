package dev.sheaf.transforms.inference;

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
  private final int[] places;

  /** The models of the rows that have no place. */
  private final @Nullable ChosenModel[] chosen;

  private final KeyTable table = new KeyTable();

  /** Of no meaning; see {@link NearModels#touch}. */
  private double seen;

  /** Takes no more rows than a call, so that none waits where each is to be scored at once. */
  Intake(int maximumBatchSize, RowBytes sizes) {
    this.sizes = sizes;
    capacity = Math.min(MOST, maximumBatchSize);
    keys = new String[capacity];
    codes = new long[capacity];
    chosen = new ChosenModel[capacity];
    places = new int[capacity];
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

  /**
   * Finds the models of the rows' own keys.
   *
   * @param drops how many models the cache has dropped so far
   * @return how many rows have a key without a model of its own
   */
  int choose(Generation serving, long drops) {
    table.begin(serving, drops);
    int unknown = 0;
    int size = rows.size();
    for (int i = 0; i < size; i++) {
      String key = keys[i];
      places[i] = key == null ? NearModels.NONE : table.find(codes[i], key);
      unknown += places[i] == NearModels.NONE ? 1 : 0;
    }
    return unknown == 0 ? 0 : chooseUnknown(serving);
  }

  private int chooseUnknown(Generation serving) {
    int without = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (places[i] != NearModels.NONE) {
        continue;
      }
      String key = keys[i];
      if (key == null) {
        chosen[i] = null;
        continue;
      }
      // A row before it may have had the same key.
      places[i] = table.find(codes[i], key);
      if (places[i] != NearModels.NONE) {
        continue;
      }
      ChosenModel model = serving.ofKey(key);
      chosen[i] = model;
      if (model == null) {
        without++;
      } else {
        places[i] = table.keep(codes[i], model);
      }
    }
    return without;
  }

  /** Whether a row has a key, but no model yet. */
  boolean lacksModel(int place) {
    return keys[place] != null && chosen(place) == null;
  }

  /** Sets the model of a row whose key has none of its own. */
  void choose(int place, @Nullable ChosenModel model) {
    chosen[place] = model;
    places[place] = model == null ? NearModels.NONE : table.keepShared(model);
  }

  /** Reads a little of all rows' models, so that they are near when the rows are scored. */
  void fetch() {
    double read = seen;
    for (int i = 0; i < rows.size(); i++) {
      if (places[i] != NearModels.NONE) {
        read += table.models().touch(places[i]);
      }
    }
    seen = read;
  }

  /** The model of a row; null if it has none. */
  @Nullable ChosenModel chosen(int place) {
    return places[place] == NearModels.NONE ? chosen[place] : table.models().chosen(places[place]);
  }

  /** The place of a row's model among {@link #models()}; NONE if it is not loaded. */
  int modelPlace(int place) {
    return places[place];
  }

  /** Those models of the rows that are loaded. */
  NearModels models() {
    return table.models();
  }

  /** Lets go of the models that the cache has dropped. */
  void letGo(long drops) {
    table.letGo(drops);
  }

  void clear() {
    rows.clear();
  }
}
