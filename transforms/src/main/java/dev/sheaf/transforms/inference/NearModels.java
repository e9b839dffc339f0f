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
 * Here a model is a place, from 0, and its weights are numbers in one array with those of others.
 */
final class NearModels {
  /** In place of a place: the model is not loaded. */
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 64;

  /** The most weights that are copied, 16 MiB; those of further models stay where they are. */
  private static final int MOST_NUMBERS = 1 << 21;

  /** Numbers that a processor reads at once. */
  private static final int LINE = 8;

  private @Nullable ChosenModel[] chosen = new ChosenModel[FIRST_CAPACITY];
  private @Nullable CachedModel[] cached = new CachedModel[FIRST_CAPACITY];
  private @Nullable SharedTemplate[] templates = new SharedTemplate[FIRST_CAPACITY];
  private @Nullable ModelWeights[] weights = new ModelWeights[FIRST_CAPACITY];

  /** What predictions say of each model, model after model. */
  private @Nullable Object[] told = new Object[ChosenModel.COLUMNS * FIRST_CAPACITY];

  private boolean[] served = new boolean[FIRST_CAPACITY];

  /** Where the copy of each model's weights begins; {@link #NONE} if there is none. */
  private int[] starts = new int[FIRST_CAPACITY];

  private int size;

  /** Places of dropped models: those before {@code free} may be given to others. */
  private int[] dropped = new int[FIRST_CAPACITY];

  private int droppedSize;
  private int free;
  private double[] numbers = new double[FIRST_CAPACITY * LINE];
  private int copied;

  /** Forgets all models. */
  void clear() {
    Arrays.fill(chosen, 0, size, null);
    Arrays.fill(cached, 0, size, null);
    Arrays.fill(templates, 0, size, null);
    Arrays.fill(weights, 0, size, null);
    Arrays.fill(told, 0, ChosenModel.COLUMNS * size, null);
    size = 0;
    droppedSize = 0;
    free = 0;
    copied = 0;
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
    if (free > 0) {
      int place = dropped[free - 1];
      if (!put(place, model)) {
        return NONE;
      }
      free--;
      droppedSize--;
      dropped[free] = dropped[droppedSize];
      return place;
    }
    if (size == chosen.length) {
      chosen = Arrays.copyOf(chosen, 2 * size);
      cached = Arrays.copyOf(cached, 2 * size);
      templates = Arrays.copyOf(templates, 2 * size);
      weights = Arrays.copyOf(weights, 2 * size);
      told = Arrays.copyOf(told, 2 * told.length);
      served = Arrays.copyOf(served, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
    }
    return put(size, model) ? size++ : NONE;
  }

  /** False if it is not loaded; then all stays as it is. */
  private boolean put(int place, ChosenModel model) {
    CachedModel found = model.cached();
    LoadedModel loaded = found == null ? null : found.model();
    if (found == null || loaded == null) {
      return false;
    }
    chosen[place] = model;
    model.tell(told, ChosenModel.COLUMNS * place);
    cached[place] = found;
    served[place] = false;
    if (loaded instanceof Weighted weighted && loaded.isMixed()) {
      starts[place] = copy(weighted.weights(), weights[place], starts[place]);
      templates[place] = weighted.template();
      weights[place] = weighted.weights();
    } else {
      templates[place] = null;
      weights[place] = null;
      starts[place] = NONE;
    }
    return true;
  }

  /** Copies weights to where others of the same size were, if there are any, or to the end. */
  private int copy(ModelWeights from, @Nullable ModelWeights before, int startBefore) {
    boolean replaces = before != null && startBefore != NONE && before.size() == from.size();
    int start = replaces ? startBefore : copied;
    int end = start + from.size();
    if (end > MOST_NUMBERS) {
      return NONE;
    }
    if (end + LINE >= numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(end + LINE + 1, 2 * numbers.length));
    }
    from.copyTo(numbers, start);
    copied = Math.max(copied, end);
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
    if (start == NONE) {
      rows.weights(row, weights(place));
    } else {
      rows.weights(row, numbers, start);
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
   * Reads a little of a model. Done for many one after another the waits for memory overlap, and
   * what was read is near afterwards.
   *
   * @return what was read, to be used, so that the compiler cannot leave the reading out
   */
  double touch(int place) {
    int start = Math.max(0, starts[place]);
    return numbers[start] + numbers[start + LINE];
  }
}
