package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.table.Feature;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The model that serves some rows in one generation: what their predictions say of it, and where it
 * is in memory. Shared by all threads.
 */
final class ChosenModel {
  /** How many columns of a prediction it fills. */
  static final int COLUMNS = 3;

  /** How many things {@link #tell} gives: those for the columns, then the model. */
  static final int TOLD = COLUMNS + 1;

  private final ModelRef ref;
  private final String modelKey;
  private final String version;
  private final FallbackLevel level;

  private volatile @Nullable CachedModel cached;
  private volatile @Nullable Manner manner;
  private volatile @Nullable Unusable unusable;
  private volatile boolean served;
  private final AtomicBoolean told = new AtomicBoolean();

  /** How the rows of a model are put together, as it was when it was last loaded. */
  record Manner(List<Feature> features, boolean mixed) {}

  /** Why a model cannot be used, and until when it is not tried again. */
  record Unusable(String reason, Instant until) {}

  ChosenModel(ModelRef ref) {
    this.ref = ref;
    ModelScope scope = ModelScope.ofStoreKey(ref.key());
    this.modelKey = scope instanceof ModelScope.Key key ? key.text() : ref.key();
    this.version = ref.version().toString();
    this.level =
        scope instanceof ModelScope.Key
            ? FallbackLevel.KEY
            : scope instanceof ModelScope.Group ? FallbackLevel.GROUP : FallbackLevel.GLOBAL;
  }

  ModelRef ref() {
    return ref;
  }

  /** The key as the user knows it, or the store key of a model that others fall back to. */
  String modelKey() {
    return modelKey;
  }

  String version() {
    return version;
  }

  /** Whether it is the own model of a key, not one that others fall back to. */
  boolean isOfKey() {
    return level == FallbackLevel.KEY;
  }

  /** Writes what predictions say of it: the key, the version and the fallback level. */
  void tellColumns(@Nullable Object[] columns, int from) {
    columns[from] = modelKey;
    columns[from + 1] = version;
    columns[from + 2] = level.name();
  }

  /** Writes what predictions say of it, and itself. */
  void tell(@Nullable Object[] into, int from) {
    tellColumns(into, from);
    into[from + COLUMNS] = this;
  }

  /** The model that has told of itself from this place on. */
  static ChosenModel told(@Nullable Object[] by, int from) {
    return (ChosenModel) Objects.requireNonNull(by[from + COLUMNS]);
  }

  /** The model where it was last seen in the cache; it may have been dropped. */
  @Nullable CachedModel cached() {
    return cached;
  }

  void found(CachedModel now, LoadedModel model) {
    cached = now;
    Manner known = manner;
    if (known == null || known.mixed() != model.isMixed()) {
      manner = new Manner(model.features(), model.isMixed());
    }
  }

  /** Says that it can score rows. */
  void served() {
    if (!served) {
      served = true;
    }
  }

  boolean hasServed() {
    return served;
  }

  /** True once: for the first who tells that the one before serves on. */
  boolean tellsFirst() {
    return told.compareAndSet(false, true);
  }

  /** How its rows are put together; null before it was loaded for the first time. */
  @Nullable Manner manner() {
    return manner;
  }

  @Nullable Unusable unusable() {
    return unusable;
  }

  void markUnusable(@Nullable Unusable now) {
    unusable = now;
  }
}
