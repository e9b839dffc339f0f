package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Opens models of a generation before it serves: those of the keys that are in use, as far as the
 * cache has room beside the models that serve until then.
 *
 * <p>A few are opened by whoever begins it, more by a thread of their own. What is not open after a
 * minute, or cannot be opened, is opened or told of when its first row comes.
 */
final class WarmUp {
  private static final int FEW = 32;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Generation generation;
  private final List<String> keys;
  private final ExecutionProvider provider;
  private final Instant end;
  private volatile boolean over;
  private volatile int opened;

  WarmUp(Generation next, Generation serving, ExecutionProvider provider, Clock clock) {
    this.generation = next;
    this.keys = serving.loaded();
    this.provider = provider;
    this.end = clock.instant().plus(LIMIT);
  }

  /** What serves afterwards. */
  Generation generation() {
    return generation;
  }

  /** How many models are open. */
  int opened() {
    return opened;
  }

  boolean isOver(Clock clock) {
    return over || !clock.instant().isBefore(end);
  }

  void start() {
    if (keys.size() <= FEW) {
      run();
      return;
    }
    Thread thread = new Thread(this::run, "sheaf-warm-up");
    thread.setDaemon(true);
    thread.start();
  }

  /** Opens no more models. */
  void stop() {
    over = true;
  }

  private void run() {
    ModelCache cache = ModelCache.shared();
    int count = 0;
    try {
      for (String key : keys) {
        if (over || !cache.hasRoom()) {
          return;
        }
        ChosenModel model = generation.find(key);
        if (model != null && open(model, cache)) {
          opened = ++count;
        }
      }
    } catch (StoreException outage) {
      // Whoever needs one of the others asks again, and tells of it.
    } finally {
      over = true;
    }
  }

  private boolean open(ChosenModel model, ModelCache cache) {
    ModelCache.Key key = new ModelCache.Key(model.ref().digest(), provider);
    try (CachedModel.Lease lease =
        cache
            .acquire(key, templates -> generation.open(model.ref(), templates, provider))
            .lease()) {
      model.found(lease.cached(), lease.model());
      return true;
    } catch (ModelUnusableException e) {
      return false; // Its first row tells of it.
    }
  }
}
