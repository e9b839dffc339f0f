package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rows that came last, which are looked at together: those whose models share a template go
 * from here through one call.
 *
 * <p>With many keys each step from a row to its model is a wait for memory. Done row by row the
 * waits add up; done step by step for all rows they overlap, because a processor goes on to the
 * next row while it waits. The rows themselves are few enough to stay in its cache.
 */
final class Intake {
  /** Enough for a call to cost little per row; some 300 KB of rows. */
  private static final int MOST = 1024;

  /**
   * Bytes of rows, of which a few may be as large as many; estimated, and passed by no more than
   * {@link #STEP} rows.
   */
  private static final long MOST_BYTES = 4L << 20;

  /** Rows that are looked at together after as many single ones; a power of two. */
  private static final int STEP = 16;

  private final ModelChoice choice;
  private final Predictions predictions;
  private final RowBytes sizes;
  private final HeldRows rows = new HeldRows();
  private final int capacity;
  private final @Nullable String[] keys;
  private final long[] codes;
  private final int[] places;

  /** The models of the rows that have no place. */
  private final @Nullable ChosenModel[] chosen;

  private final KeyTable table = new KeyTable();

  /** Rows that were looked at. */
  private int seen;

  /** Why the key of a row cannot be read; by place. */
  private final Map<Integer, BadRowException> refusals = new TreeMap<>();

  /** The lane that most rows are expected to go to. */
  private @Nullable Lane usual;

  /** Rows that cannot go through a template yet. */
  private final int[] left;

  private int leftSize;

  /** Takes no more rows than a call, so that none waits where each is to be scored at once. */
  Intake(int maximumBatchSize, ModelChoice choice, Predictions predictions, RowBytes sizes) {
    this.choice = choice;
    this.predictions = predictions;
    this.sizes = sizes;
    capacity = Math.min(MOST, maximumBatchSize);
    keys = new String[capacity];
    codes = new long[capacity];
    chosen = new ChosenModel[capacity];
    places = new int[capacity];
    left = new int[capacity];
  }

  /** The most rows there is room for. */
  int capacity() {
    return capacity;
  }

  void add(Row row, Instant timestamp, BoundedWindow window) {
    rows.add(row, timestamp, window);
    if (rows.size() < STEP || (rows.size() & (STEP - 1)) == 0) {
      look();
    }
  }

  /** Adds a row that was held elsewhere, whose model is in use. */
  void add(HeldRows others, int other, ChosenModel model, CachedModel.Lease inUse)
      throws BadRowException {
    int place = rows.size();
    rows.add(others.row(other), others.timestamp(other), others.window(other));
    @Nullable Object[] columns = predictions.copy(rows.row(place));
    rows.setColumns(place, columns, others.byteSize(other));
    String key = choice.keyOf(columns);
    keys[place] = key;
    codes[place] = KeyTable.code(key);
    chosen[place] = model;
    seen = rows.size();
    lookAgain(place, model);
    if (!isLoadedAs(place, inUse) && place > 0 && chosen[place - 1] == model) {
      places[place] = places[place - 1];
    }
    if (!isLoadedAs(place, inUse)) {
      nowLoaded(place, model, inUse);
    }
  }

  /** Whether a row has a place for its model as it is loaded now. */
  private boolean isLoadedAs(int place, CachedModel.Lease inUse) {
    return places[place] != NearModels.NONE
        && inUse.model() instanceof LoadedModel.Weighted weighted
        && table.models().template(places[place]) == weighted.template();
  }

  /**
   * Reads what it can of the rows that came since the last time: their bytes, their keys, and the
   * values that they will most likely be asked for. Of a row that comes from far it is best to read
   * all at once.
   */
  void look() {
    Lane lane = usual;
    for (; seen < rows.size(); seen++) {
      Row row = rows.row(seen);
      @Nullable Object[] columns = predictions.copy(row);
      rows.setColumns(seen, columns, sizes.of(columns));
      try {
        String key = choice.keyOf(columns);
        keys[seen] = key;
        codes[seen] = KeyTable.code(key);
      } catch (BadRowException refusal) {
        keys[seen] = null;
        refusals.put(seen, refusal);
      }
      if (lane != null) {
        lane.readAhead(columns, seen);
      }
    }
  }

  /** Why rows have no key, by their places. */
  Map<Integer, BadRowException> refusals() {
    return refusals;
  }

  /** The lane that has read rows ahead; null if there is none. */
  @Nullable Lane usual() {
    return usual;
  }

  HeldRows rows() {
    return rows;
  }

  /** The columns of a row that was looked at. */
  @Nullable Object[] columns(int place) {
    return predictions.columns(rows, place);
  }

  boolean isFull() {
    return rows.size() == capacity || rows.byteSize() >= MOST_BYTES;
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

  /** Looks whether the model of a row is there now, such as for the sake of a row before it. */
  void lookAgain(int place, ChosenModel model) {
    String key = keys[place];
    places[place] =
        key != null && model.isOfKey() ? table.find(codes[place], key) : table.findShared(model);
  }

  /** Gives a row its model, which was loaded in the meantime and is in use. */
  void nowLoaded(int place, ChosenModel model, CachedModel.Lease inUse) {
    places[place] =
        model.isOfKey() ? table.keep(codes[place], model, inUse) : table.keepShared(model, inUse);
  }

  /** Leaves a row for later. */
  void leave(int place) {
    left[leftSize++] = place;
  }

  int leftSize() {
    return leftSize;
  }

  /** The place of a row that was left. */
  int left(int number) {
    return left[number];
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

  /** Begins anew; {@code lane} is the one that most rows are expected to go to, if any. */
  void clear(@Nullable Lane lane) {
    rows.clear();
    refusals.clear();
    seen = 0;
    leftSize = 0;
    usual = lane != null && lane.readsAhead() ? lane : null;
  }
}
