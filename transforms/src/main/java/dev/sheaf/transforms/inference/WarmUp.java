package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens models of a generation before it serves: those of the keys that are in use, as far as the
 * cache has room beside the models that serve until then.
 *
 * <p>A thread of its own opens them. Whoever begins it waits a little where they are few, so that
 * the new version serves at once. A store that cannot be read is asked again. What is not open
 * after a minute, or cannot be opened, is opened or told of when its first row comes.
 */
final class WarmUp {
  private static final int FEW = 32;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int MOST_RETRIES = 60;

  /** What a session takes, about, beside what its file does. */
  private static final int SESSION_BYTES = 64 << 10;

  private static final int BYTES_PER_BYTE = 7;

  private final Generation generation;
  private final Deque<String> keys;
  private final ExecutionProvider provider;
  private final Instant end;
  private volatile boolean over;
  private final AtomicInteger opened = new AtomicInteger();

  WarmUp(Generation next, Generation serving, ExecutionProvider provider, Clock clock) {
    this.generation = next;
    this.keys = new ArrayDeque<>(serving.inUse());
    this.provider = provider;
    this.end = clock.instant().plus(LIMIT);
  }

  /** What serves afterwards. */
  Generation generation() {
    return generation;
  }

  /** How many models are open. */
  int opened() {
    return opened.get();
  }

  boolean isOver(Clock clock) {
    return over || !clock.instant().isBefore(end);
  }

  void start() {
    boolean few = keys.size() <= FEW;
    Thread thread = new Thread(this::run, "sheaf-warm-up");
    thread.setDaemon(true);
    thread.start();
    try {
      if (few) {
        thread.join(LONGEST_WAIT.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Opens no more models. */
  void stop() {
    over = true;
  }

  private void run() {
    int retries = 0;
    try {
      while (!over && !keys.isEmpty() && retries <= MOST_RETRIES) {
        String key = keys.remove();
        try {
          open(key);
        } catch (StoreException outage) {
          keys.add(key);
          retries++;
          Thread.sleep(RETRY.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over = true;
    }
  }

  private void open(String key) {
    ChosenModel model = generation.find(key);
    if (model == null) {
      return;
    }
    ModelCache cache = ModelCache.shared();
    if (!cache.makeRoom(SESSION_BYTES + BYTES_PER_BYTE * model.ref().bytes())) {
      keys.clear();
      return;
    }
    ModelCache.Key wanted = new ModelCache.Key(model.ref().digest(), provider);
    try (CachedModel.Lease lease =
        cache
            .acquire(wanted, templates -> generation.open(model.ref(), templates, provider))
            .lease()) {
      model.found(lease.cached(), lease.model());
      opened.incrementAndGet();
    } catch (ModelUnusableException e) {
      // Its first row tells of it.
    }
  }
}
