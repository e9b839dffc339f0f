package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What rows need of loaded models, side by side in few arrays; of one thread.
 *
 * <p>Models lie far apart in the heap, and each object on the way to a weight is a wait for memory.
 * Here a model is a place, from 0, and its weights are numbers in one array with those of others:
 * not those of every model, because a copy pays when it is read again, and not tables of
 * categories.
 */
final class NearModels {
  /** In place of a place: the model is not loaded. */
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 64;

  /** Up to so many places the arrays are used again. */
  private static final int SMALL = 1024;

  /** The most weights that are copied, 8 MiB; those of further models stay where they are. */
  private static final int MOST_NUMBERS = 1 << 20;

  /** Numbers that a processor reads at once. */
  private static final int LINE = 8;

  /** In place of the start of a copy: there will be none. */
  private static final int NEVER = -1;

  /** No row was read yet. */
  private static final int NEW = -2;

  /** One row was read; the next is worth a copy. */
  private static final int READ_ONCE = -3;

  private @Nullable ChosenModel[] chosen = new ChosenModel[FIRST_CAPACITY];
  private @Nullable CachedModel[] cached = new CachedModel[FIRST_CAPACITY];
  private @Nullable SharedTemplate[] templates = new SharedTemplate[FIRST_CAPACITY];
  private @Nullable ModelWeights[] weights = new ModelWeights[FIRST_CAPACITY];

  /** What predictions say of each model, model after model. */
  private @Nullable Object[] told = new Object[ChosenModel.COLUMNS * FIRST_CAPACITY];

  private boolean[] served = new boolean[FIRST_CAPACITY];

  /** Where the copy of each model's weights begins, or why there is none. */
  private int[] starts = new int[FIRST_CAPACITY];

  private int size;

  /** Places of dropped models: those before {@code free} may be given to others. */
  private int[] dropped = new int[FIRST_CAPACITY];

  private int droppedSize;
  private int free;
  private double[] numbers = new double[FIRST_CAPACITY * LINE];
  private int copied;

  /** Numbers that were copied and belong to no model any more. */
  private int lost;

  /** Forgets all models. */
  void clear() {
    if (chosen.length > SMALL) {
      resize(FIRST_CAPACITY);
      dropped = new int[FIRST_CAPACITY];
      numbers = new double[FIRST_CAPACITY * LINE];
    }
    int used = Math.min(size, chosen.length);
    Arrays.fill(chosen, 0, used, null);
    Arrays.fill(cached, 0, used, null);
    Arrays.fill(templates, 0, used, null);
    Arrays.fill(weights, 0, used, null);
    Arrays.fill(told, 0, ChosenModel.COLUMNS * used, null);
    size = 0;
    droppedSize = 0;
    free = 0;
    copied = 0;
    lost = 0;
  }

  private void resize(int capacity) {
    chosen = Arrays.copyOf(chosen, capacity);
    cached = Arrays.copyOf(cached, capacity);
    templates = Arrays.copyOf(templates, capacity);
    weights = Arrays.copyOf(weights, capacity);
    told = Arrays.copyOf(told, ChosenModel.COLUMNS * capacity);
    served = Arrays.copyOf(served, capacity);
    starts = Arrays.copyOf(starts, capacity);
  }

  /** Whether so much of the room for copies is lost that it is better to begin anew. */
  boolean isWasteful() {
    return lost > MOST_NUMBERS / 2;
  }

  /** Says that nobody has the place of a dropped model any more. */
  void free() {
    free = droppedSize;
  }

  /** Leaves a model out. Its place stays what it is until {@link #free}. */
  void drop(int place) {
    if (droppedSize == dropped.length) {
      dropped = Arrays.copyOf(dropped, 2 * droppedSize);
    }
    dropped[droppedSize++] = place;
  }

  /** Takes a model up; its place, or {@link #NONE} if it is not loaded. */
  int add(ChosenModel model) {
    CachedModel found = model.cached();
    LoadedModel loaded = found == null ? null : found.model();
    if (found == null || loaded == null) {
      return NONE;
    }
    int place = nextPlace();
    chosen[place] = model;
    model.tell(told, ChosenModel.COLUMNS * place);
    cached[place] = found;
    served[place] = false;
    if (loaded instanceof Weighted weighted && loaded.isMixed()) {
      templates[place] = weighted.template();
      weights[place] = weighted.weights();
      starts[place] = weighted.weights().hasTables() ? NEVER : NEW;
    } else {
      templates[place] = null;
      weights[place] = null;
      starts[place] = NEVER;
    }
    return place;
  }

  private int nextPlace() {
    if (free > 0) {
      int place = dropped[--free];
      dropped[free] = dropped[--droppedSize];
      ModelWeights before = weights[place];
      if (starts[place] >= 0 && before != null) {
        lost += before.size();
      }
      return place;
    }
    if (size == chosen.length) {
      resize(2 * size);
    }
    return size++;
  }

  /** Copies a model's weights; where the copy begins, or {@link #NEVER} if there is no room. */
  private int copy(ModelWeights from) {
    int start = copied;
    int end = start + from.size();
    if (end > MOST_NUMBERS) {
      return NEVER;
    }
    if (end + LINE >= numbers.length) {
      numbers =
          Arrays.copyOf(
              numbers, Math.min(MOST_NUMBERS, Math.max(end, 2 * numbers.length)) + LINE + 1);
    }
    from.copyTo(numbers, start);
    copied = end;
    return start;
  }

  ChosenModel chosen(int place) {
    return Objects.requireNonNull(chosen[place]);
  }

  /** The key that a model is for. */
  String modelKey(int place) {
    return (String) Objects.requireNonNull(told[ChosenModel.COLUMNS * place]);
  }

  /** Writes what predictions say of a model. */
  void tell(int place, @Nullable Object[] columns, int from) {
    System.arraycopy(told, ChosenModel.COLUMNS * place, columns, from, ChosenModel.COLUMNS);
  }

  CachedModel cached(int place) {
    return Objects.requireNonNull(cached[place]);
  }

  /** What the model's rows go through together with those of others; null if they do not. */
  @Nullable SharedTemplate template(int place) {
    return templates[place];
  }

  /** The weights of a model that has a template. */
  ModelWeights weights(int place) {
    return Objects.requireNonNull(weights[place]);
  }

  /** Gives a row its model, which has a template. */
  void setWeights(int place, TemplateRows rows, int row) {
    int start = starts[place];
    if (start >= 0) {
      rows.weights(row, numbers, start);
    } else {
      rows.weights(row, weights(place));
    }
  }

  /** Says that a model can score rows. */
  void served(int place) {
    if (!served[place]) {
      served[place] = true;
      chosen(place).served();
    }
  }

  /**
   * Reads a little of a model that a row has come for. Done for many one after another the waits
   * for memory overlap, and what was read is near afterwards.
   *
   * @return what was read, to be used, so that the compiler cannot leave the reading out
   */
  double touch(int place) {
    int start = starts[place];
    if (start == READ_ONCE) {
      start = copy(weights(place));
      starts[place] = start;
    } else if (start == NEW) {
      starts[place] = READ_ONCE;
    }
    if (start >= 0) {
      return numbers[start] + numbers[start + LINE];
    }
    ModelWeights elsewhere = weights[place];
    return elsewhere == null ? 0 : elsewhere.size();
  }
}
