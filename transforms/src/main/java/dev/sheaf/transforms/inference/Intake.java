package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.inference.LoadedModel.Weighted;
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

  private final HeldRows rows = new HeldRows();
  private final int capacity;
  private final @Nullable String[] keys;
  private final @Nullable ChosenModel[] chosen;
  private final @Nullable CachedModel[] cached;
  private final @Nullable Weighted[] weighted;

  /** Read, so that the compiler cannot leave the reading out. */
  private int seen;

  /** Takes no more rows than a call, so that none waits where each is to be scored at once. */
  Intake(int maximumBatchSize) {
    capacity = Math.min(MOST, maximumBatchSize);
    keys = new String[capacity];
    chosen = new ChosenModel[capacity];
    cached = new CachedModel[capacity];
    weighted = new Weighted[capacity];
  }

  HeldRows rows() {
    return rows;
  }

  boolean isFull() {
    return rows.size() == capacity;
  }

  /** Sets the key of a row; null if it was refused. */
  void key(int place, @Nullable String key) {
    keys[place] = key;
    seen += key == null ? 0 : key.hashCode();
  }

  /** Whether a row has a key. */
  boolean hasKey(int place) {
    return keys[place] != null;
  }

  /** Finds the models of the rows' own keys. */
  void choose(Generation models) {
    for (int i = 0; i < rows.size(); i++) {
      String key = keys[i];
      chosen[i] = key == null ? null : models.ofKey(key);
    }
  }

  /** Sets the model of a row whose own key has none. */
  void choose(int place, @Nullable ChosenModel model) {
    chosen[place] = model;
  }

  /** Finds the weights of all rows whose models are loaded. */
  void find() {
    int size = rows.size();
    for (int i = 0; i < size; i++) {
      ChosenModel model = chosen[i];
      cached[i] = model == null ? null : model.cached();
    }
    for (int i = 0; i < size; i++) {
      CachedModel model = cached[i];
      weighted[i] = model != null && model.model() instanceof Weighted found ? found : null;
    }
    int read = seen;
    for (int i = 0; i < size; i++) {
      Weighted model = weighted[i];
      read += model == null ? 0 : model.weights().size();
    }
    seen = read;
  }

  @Nullable ChosenModel chosen(int place) {
    return chosen[place];
  }

  @Nullable CachedModel cached(int place) {
    return cached[place];
  }

  @Nullable Weighted weighted(int place) {
    return weighted[place];
  }

  void clear() {
    rows.clear();
  }
}
