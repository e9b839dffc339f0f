package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelSelection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a selection serves now: one index for all DoFn instances of a JVM, from the first that joins
 * to the last that leaves.
 *
 * <p>One thread looks for a new version; the others go on with the old one until the new index is
 * read and the models of the keys in use are open. What cannot be read is told of, and the old one
 * stays; where a model of the new version cannot be used, the one that this JVM last used for the
 * key serves on.
 */
final class CurrentModels {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentModels.class);
  private static final Map<Key, CurrentModels> SHARED = new HashMap<>();

  /** After a failure, and while models are opened, a new token is not tried again before. */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Key key;
  private final ModelSelection selection;
  private final ReentrantLock looking = new ReentrantLock();
  private int members;
  private volatile @Nullable Generation latest;
  private volatile Instant lookedAt = Instant.EPOCH;
  private volatile Instant failedAt = Instant.EPOCH;

  /** What is to serve next, while its models are opened. */
  private volatile @Nullable WarmUp coming;

  /** What came of looking for a new version. */
  enum Outcome {
    /** Somebody else is looking, models are being opened, or it is too early. */
    NOT_TRIED,
    /** What served serves on. */
    SAME,
    /** There is a new generation. */
    NEW,
    /** What serves could not be read; the old one stays. */
    FAILED
  }

  /** Whether a model can be used, and how, depends on the device too. */
  private record Key(ModelSelection selection, ExecutionProvider provider) {}

  private CurrentModels(Key key) {
    this.key = key;
    this.selection = key.selection();
  }

  /** Takes part until {@link #leave}; nothing is read yet. */
  static CurrentModels join(ModelSelection selection, ExecutionProvider provider) {
    synchronized (SHARED) {
      CurrentModels current =
          SHARED.computeIfAbsent(new Key(selection, provider), CurrentModels::new);
      current.members++;
      return current;
    }
  }

  void leave() {
    synchronized (SHARED) {
      members--;
      if (members == 0) {
        SHARED.remove(key);
        stop();
      }
    }
  }

  /**
   * What serves now, for one that starts; throws when the store has nothing to serve.
   *
   * @param follows whether it goes over to what comes later
   */
  Generation start(boolean follows, Clock clock) {
    Interrupts.lock(looking, "the store's index");
    try {
      Generation known = latest;
      if (known == null) {
        known = new Generation(selection.resolve());
        latest = known;
      } else {
        String token = selection.token();
        WarmUp opening = coming;
        if (opening != null && opening.generation().token().equals(token)) {
          known = follows ? known : takeOver(opening.generation());
        } else if (!known.token().equals(token)) {
          known = takeOver(new Generation(selection.resolve()));
        }
      }
      lookedAt = clock.instant();
      return known;
    } finally {
      looking.unlock();
    }
  }

  /** The newest generation that was read. */
  Generation latest() {
    return Objects.requireNonNull(latest, "nothing was started");
  }

  /** Whether models of a version that is to serve are being opened. */
  boolean isOpening() {
    return coming != null;
  }

  /** Looks for a new version if nobody did for an interval. */
  Outcome lookEvery(Duration interval, Clock clock) {
    return lookIf(() -> isPast(lookedAt.plus(interval), clock), clock);
  }

  /** Looks for a new version because a token tells of one. */
  Outcome lookFor(String token, Clock clock) {
    return lookIf(
        () ->
            !latest().token().equals(token)
                && isPast((isOpening() ? lookedAt : failedAt).plus(PAUSE), clock),
        clock);
  }

  private Outcome lookIf(BooleanSupplier isAsked, Clock clock) {
    BooleanSupplier isDue = () -> isAsked.getAsBoolean() || isReady(clock);
    if (!isDue.getAsBoolean() || !looking.tryLock()) {
      return Outcome.NOT_TRIED;
    }
    try {
      return isDue.getAsBoolean() ? look(clock) : Outcome.NOT_TRIED;
    } finally {
      looking.unlock();
    }
  }

  private boolean isReady(Clock clock) {
    WarmUp opening = coming;
    return opening != null && opening.isOver(clock) && isPast(failedAt.plus(PAUSE), clock);
  }

  private static boolean isPast(Instant time, Clock clock) {
    return !clock.instant().isBefore(time);
  }

  /** The alias has the last word: what it no longer names is not taken over. */
  private Outcome look(Clock clock) {
    lookedAt = clock.instant();
    Generation known = latest();
    try {
      String token = selection.token();
      WarmUp opening = coming;
      if (opening == null || !opening.generation().token().equals(token)) {
        stop();
        if (known.token().equals(token)) {
          return Outcome.SAME;
        }
        opening = new WarmUp(new Generation(selection.resolve()), known, key.provider(), clock);
        coming = opening;
        opening.start();
        failedAt = Instant.EPOCH;
      }
      if (!opening.isOver(clock)) {
        return Outcome.NOT_TRIED;
      }
      LOG.info("models opened for {}: {}", token, opening.opened());
      takeOver(opening.generation());
      return Outcome.NEW;
    } catch (RuntimeException e) {
      failedAt = clock.instant();
      LOG.warn("models not refreshed, {} stays: {}", known.token(), e.getMessage());
      return Outcome.FAILED;
    }
  }

  private Generation takeOver(Generation next) {
    Generation last = latest();
    stop();
    next.follow(last);
    latest = next;
    LOG.info("models refreshed: {} instead of {}", next.token(), last.token());
    return next;
  }

  private void stop() {
    WarmUp opening = coming;
    coming = null;
    if (opening != null) {
      opening.stop();
    }
  }
}
