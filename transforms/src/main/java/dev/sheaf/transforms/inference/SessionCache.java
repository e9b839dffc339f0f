package dev.sheaf.transforms.inference;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.ModelSession;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The open sessions of this JVM within a budget of bytes, shared by all DoFn instances.
 *
 * <p>The budget is the largest that any transform in the JVM asked for. One thread loads a model;
 * others that want the same one wait for it. A session that is in use when it is evicted is closed
 * by its last user.
 */
final class SessionCache {
  private static final SessionCache SHARED = new SessionCache();
  private static final int BYTES_IN_A_WEIGHT_UNIT = 1024;

  private final AtomicLong budgetBytes = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  private final AtomicLong heldBytes = new AtomicLong();
  private final Cache<Key, SharedSession> sessions =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumWeight(1)
          .weigher((Key key, SharedSession shared) -> weight(shared))
          .removalListener(this::onRemoval)
          .build();

  /** Which bytes, on which device. */
  record Key(String digest, ExecutionProvider provider) {}

  /** Opens the session of a model that is not in the cache. */
  interface Loader {
    ModelSession load();
  }

  static SessionCache shared() {
    return SHARED;
  }

  /** Makes the budget at least {@code bytes}. */
  void reserve(long bytes) {
    long units = budgetBytes.accumulateAndGet(bytes, Math::max) / BYTES_IN_A_WEIGHT_UNIT;
    sessions.policy().eviction().ifPresent(e -> e.setMaximum(Math.max(1, units)));
  }

  /** A session that the caller must release; loaded by {@code loader} where it is not open yet. */
  Lease acquire(Key key, Loader loader) {
    AtomicReference<@Nullable SharedSession> mine = new AtomicReference<>();
    while (true) {
      SharedSession shared =
          sessions.get(
              key,
              absent -> {
                SharedSession loaded = new SharedSession(loader.load());
                loaded.retain();
                heldBytes.addAndGet(loaded.session().byteSize());
                mine.set(loaded);
                return loaded;
              });
      SharedSession loaded = mine.get();
      if (loaded != null) {
        return new Lease(loaded, true);
      } else if (shared.retain()) {
        return new Lease(shared, false);
      }
    }
  }

  /** Evictions since the last call. */
  long takeEvictions() {
    return evictions.getAndSet(0);
  }

  long heldBytes() {
    return heldBytes.get();
  }

  private void onRemoval(@Nullable Key key, @Nullable SharedSession shared, RemovalCause cause) {
    if (shared != null) {
      heldBytes.addAndGet(-shared.session().byteSize());
      if (cause.wasEvicted()) {
        evictions.incrementAndGet();
      }
      shared.release();
    }
  }

  private static int weight(SharedSession shared) {
    long units = 1 + shared.session().byteSize() / BYTES_IN_A_WEIGHT_UNIT;
    return (int) Math.min(Integer.MAX_VALUE, units);
  }

  /** The right to use a session until it is closed. */
  record Lease(SharedSession shared, boolean loadedNow) implements AutoCloseable {
    ModelSession session() {
      return shared.session();
    }

    @Override
    public void close() {
      shared.release();
    }
  }
}
