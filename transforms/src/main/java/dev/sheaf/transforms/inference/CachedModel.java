package dev.sheaf.transforms.inference;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A model in the cache, until it is dropped. What is outside the heap is given back when the cache
 * has dropped it and the last one who uses it has let go.
 */
final class CachedModel {
  private final ModelCache.Key key;
  private final long bytes;
  private final AtomicInteger users = new AtomicInteger(1);

  /** What whoever has this object sees; emptied when it is dropped, so that weights go at once. */
  private volatile @Nullable LoadedModel model;

  /** Whether somebody asked for it since the cache last looked; races harm nobody. */
  private boolean used;

  CachedModel(ModelCache.Key key, LoadedModel model) {
    this.key = key;
    this.model = model;
    this.bytes = model.byteSize();
  }

  ModelCache.Key key() {
    return key;
  }

  long bytes() {
    return bytes;
  }

  /** The model; null when it was dropped. Its session may be used under a {@link #lease} only. */
  @Nullable LoadedModel model() {
    return model;
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
    LoadedModel now = model;
    if (now == null || users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
      return null;
    }
    touch();
    return new Lease(this, now);
  }

  /** Called once, by the cache. */
  void drop() {
    LoadedModel last = model;
    model = null;
    if (last != null) {
      letGo(last);
    }
  }

  private void letGo(LoadedModel loaded) {
    if (users.decrementAndGet() == 0) {
      loaded.release();
    }
  }

  /** The right to use a model until it is closed. */
  record Lease(CachedModel cached, LoadedModel model) implements AutoCloseable {
    @Override
    public void close() {
      cached.letGo(model);
    }
  }
}
