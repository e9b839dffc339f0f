package dev.sheaf.transforms.inference;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A model in the cache, until it is dropped. What is outside the heap is given back when the cache
 * has dropped it and the last one who uses it has let go.
 */
final class CachedModel {
  private final ModelCache.Key key;

  /** What whoever has this object sees; emptied when it is dropped, so that weights go at once. */
  private volatile @Nullable Shared shared;

  /** Whether somebody asked for it since the cache last looked; races harm nobody. */
  private boolean used;

  /** A loaded model, and how many use it; the cache is one of them. */
  private static final class Shared {
    private final LoadedModel model;
    private final AtomicInteger users = new AtomicInteger(1);

    Shared(LoadedModel model) {
      this.model = model;
    }

    /** Takes part; false when the last one has let go. */
    boolean retain() {
      return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
    }

    void letGo() {
      if (users.decrementAndGet() == 0) {
        model.release();
      }
    }
  }

  CachedModel(ModelCache.Key key, LoadedModel model) {
    this.key = key;
    this.shared = new Shared(model);
  }

  ModelCache.Key key() {
    return key;
  }

  /** What it takes; nothing when it was dropped. */
  long bytes() {
    LoadedModel now = model();
    return now == null ? 0 : now.byteSize();
  }

  /** The model; null when it was dropped. Its session may be used under a {@link #lease} only. */
  @Nullable LoadedModel model() {
    Shared now = shared;
    return now == null ? null : now.model;
  }

  /** Says that the model is in use, so that others are evicted before it. */
  void touch() {
    if (!used) {
      used = true;
    }
  }

  /** Whether it was in use since {@link #takeUsed}. */
  boolean isUsed() {
    return used;
  }

  /** Whether it was in use since the last call. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** Takes part in the model; null when it was dropped. */
  @Nullable Lease lease() {
    Shared now = shared;
    while (now != null) {
      if (now.retain()) {
        touch();
        return new Lease(this, now);
      }
      // Dropped, or replaced in this moment.
      now = shared;
    }
    return null;
  }

  /**
   * Goes over to the same model in another form; called by the cache, of one that is not dropped.
   */
  void replace(LoadedModel other) {
    Shared before = shared;
    shared = new Shared(other);
    if (before != null) {
      before.letGo();
    }
  }

  /** Called once, by the cache. */
  void drop() {
    Shared last = shared;
    shared = null;
    if (last != null) {
      last.letGo();
    }
  }

  /** The right to use a model until it is closed. */
  static final class Lease implements AutoCloseable {
    private final CachedModel cached;
    private final Shared shared;

    private Lease(CachedModel cached, Shared shared) {
      this.cached = cached;
      this.shared = shared;
    }

    CachedModel cached() {
      return cached;
    }

    LoadedModel model() {
      return shared.model;
    }

    @Override
    public void close() {
      shared.letGo();
    }
  }
}
