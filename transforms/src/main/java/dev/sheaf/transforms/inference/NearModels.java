package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What rows need of loaded models, side by side in few arrays; of one thread.
 *
 * <p>Models lie far apart in the heap, and each object on the way to a weight is a wait for memory.
 * Here a model is a place, from 0, and its weights are kept in the buffers of its template beside
 * those of others: not those of every model, because a copy pays when it is read again.
 */
final class NearModels {
  /** In place of a place: the model is not loaded. */
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 64;

  /** Up to so many places, more than an intake needs, the arrays are used again. */
  private static final int SMALL = 4096;

  /** The most weights that are kept, 8 MiB; those of further models stay where they are. */
  private static final int MOST_NUMBERS = 1 << 20;

  /** No row was read yet. */
  private static final int NEW = -2;

  /** One row was read; the next is worth a copy. */
  private static final int READ_ONCE = -3;

  private @Nullable CachedModel[] cached = new CachedModel[FIRST_CAPACITY];
  private @Nullable SharedTemplate[] templates = new SharedTemplate[FIRST_CAPACITY];
  private @Nullable ModelWeights[] weights = new ModelWeights[FIRST_CAPACITY];

  /** What {@link ChosenModel#tell} gives, model after model. */
  private @Nullable Object[] told = new Object[ChosenModel.TOLD * FIRST_CAPACITY];

  private boolean[] served = new boolean[FIRST_CAPACITY];

  /** The number under which its template's buffers keep each model, or why they do not. */
  private int[] kept = new int[FIRST_CAPACITY];

  private int size;

  /** Places of dropped models: those before {@code free} may be given to others. */
  private int[] dropped = new int[FIRST_CAPACITY];

  private int droppedSize;
  private int free;

  /** The buffers that keep models, by template. */
  private final Map<SharedTemplate, TemplateRows> keepers = new HashMap<>();

  /** Weights that are kept. */
  private int numbers;

  /** Those of them that belong to no model any more. */
  private int lost;

  /** Forgets all models. */
  void clear() {
    if (cached.length > SMALL) {
      resize(FIRST_CAPACITY);
      dropped = new int[FIRST_CAPACITY];
    }
    int used = Math.min(size, cached.length);
    Arrays.fill(cached, 0, used, null);
    Arrays.fill(templates, 0, used, null);
    Arrays.fill(weights, 0, used, null);
    Arrays.fill(told, 0, ChosenModel.TOLD * used, null);
    size = 0;
    droppedSize = 0;
    free = 0;
    keepers.values().forEach(TemplateRows::forgetKept);
    keepers.clear();
    numbers = 0;
    lost = 0;
  }

  private void resize(int capacity) {
    cached = Arrays.copyOf(cached, capacity);
    templates = Arrays.copyOf(templates, capacity);
    weights = Arrays.copyOf(weights, capacity);
    told = Arrays.copyOf(told, ChosenModel.TOLD * capacity);
    served = Arrays.copyOf(served, capacity);
    kept = Arrays.copyOf(kept, capacity);
  }

  /** Whether so much of the room for weights is lost that it is better to begin anew. */
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
    return found == null || loaded == null ? NONE : add(model, found, loaded);
  }

  /** Takes a loaded model up; its place. */
  int add(ChosenModel model, CachedModel found, LoadedModel loaded) {
    int place = nextPlace();
    model.tell(told, ChosenModel.TOLD * place);
    cached[place] = found;
    served[place] = false;
    if (loaded instanceof Weighted weighted) {
      templates[place] = loaded.isMixed() ? weighted.template() : null;
      weights[place] = weighted.weights();
    } else {
      templates[place] = null;
      weights[place] = null;
    }
    kept[place] = NEW;
    return place;
  }

  private int nextPlace() {
    if (free > 0) {
      int place = dropped[--free];
      dropped[free] = dropped[--droppedSize];
      ModelWeights before = weights[place];
      if (kept[place] >= 0 && before != null) {
        lost += before.size();
      }
      return place;
    }
    if (size == cached.length) {
      resize(2 * size);
    }
    return size++;
  }

  ChosenModel chosen(int place) {
    return ChosenModel.told(told, ChosenModel.TOLD * place);
  }

  /** The key that a model is for. */
  String modelKey(int place) {
    return (String) Objects.requireNonNull(told[ChosenModel.TOLD * place]);
  }

  /** Writes what predictions say of a model. */
  void tell(int place, @Nullable Object[] columns, int from) {
    int first = ChosenModel.TOLD * place;
    for (int i = 0; i < ChosenModel.COLUMNS; i++) {
      columns[from + i] = told[first + i];
    }
  }

  CachedModel cached(int place) {
    return Objects.requireNonNull(cached[place]);
  }

  /** What the model's rows go through together with those of others; null if they do not. */
  @Nullable SharedTemplate template(int place) {
    return templates[place];
  }

  /** Whether a model had a template when it was taken up. */
  boolean hasWeights(int place) {
    return weights[place] != null;
  }

  /** The weights of a model that has a template. */
  ModelWeights weights(int place) {
    return Objects.requireNonNull(weights[place]);
  }

  /** Gives a row its model, in the buffers of the model's template. */
  void give(int place, TemplateRows rows, int row) {
    int number = kept[place];
    if (number >= 0) {
      rows.model(row, number);
    } else {
      giveOther(place, rows, row);
    }
  }

  private void giveOther(int place, TemplateRows rows, int row) {
    ModelWeights own = weights(place);
    if (kept[place] == NEW) {
      kept[place] = READ_ONCE;
    } else if (numbers + own.size() <= MOST_NUMBERS) {
      numbers += own.size();
      keepers.put(Objects.requireNonNull(templates[place]), rows);
      kept[place] = rows.keep(own);
      rows.model(row, kept[place]);
      return;
    }
    rows.weights(row, own);
  }

  /** Says that the buffers of a template are no more. */
  void lose(SharedTemplate template) {
    if (keepers.remove(template) == null) {
      return;
    }
    for (int place = 0; place < size; place++) {
      if (templates[place] == template && kept[place] >= 0) {
        numbers -= weights(place).size();
        kept[place] = NEW;
      }
    }
  }

  /** Says that a model can score rows. */
  void served(int place) {
    if (!served[place]) {
      served[place] = true;
      chosen(place).served();
    }
  }
}
