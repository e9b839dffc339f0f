package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import org.apache.beam.sdk.util.Sleeper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that one DoFn instance scores with: the generation that it is at, and the way to the
 * cache.
 */
final class Models implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  /** Before the second and the third attempt. */
  private static final long[] WAITS_MILLIS = {200, 800};

  /** A model that cannot be used is not read again before, unless another version serves. */
  private static final Duration UNUSABLE = Duration.ofMinutes(5);

  private final ScoreSettings settings;
  private final InferenceMetrics metrics;
  private final Clock clock;
  private final Sleeper sleeper;
  private final ModelCache cache;
  private final CurrentModels current;
  private Generation generation;
  private @Nullable String lastToken;
  private long hits;
  private boolean cacheFillsUp;

  /** Finds out what serves now; fails when the store has nothing to serve. */
  Models(ScoreSettings settings, InferenceMetrics metrics, Sleeper sleeper) {
    this.settings = settings;
    this.metrics = metrics;
    this.sleeper = sleeper;
    this.clock = settings.clock();
    this.cache = ModelCache.shared();
    this.current = CurrentModels.join(settings.selection(), settings.provider());
    cache.join(settings.cacheBytes());
    boolean started = false;
    try {
      boolean follows = settings.refreshInterval() != null || settings.tokens() != null;
      this.generation = current.start(follows, clock);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /** Lets go of everything; the last one in the JVM closes all sessions. */
  @Override
  public void close() {
    cache.leave();
    current.leave();
  }

  /**
   * Goes over to a new version where the refresh interval has passed. What cannot be read is
   * reported and the version that served before stays. To be called between batches alone, so that
   * each is scored by one version.
   */
  void refresh() {
    Duration interval = settings.refreshInterval();
    if (interval != null) {
      takeOver(current.lookEvery(interval, clock));
    }
  }

  /** As {@link #refresh}, where a token other than the last one tells of a new version. */
  void refreshTo(String token) {
    boolean known = token.equals(lastToken) || token.equals(generation.token());
    if (known && !current.isOpening()) {
      return;
    }
    CurrentModels.Outcome outcome = current.lookFor(token, clock);
    takeOver(outcome);
    if (outcome == CurrentModels.Outcome.SAME || generation.token().equals(token)) {
      lastToken = token;
    }
  }

  private void takeOver(CurrentModels.Outcome outcome) {
    if (outcome == CurrentModels.Outcome.NEW) {
      metrics.refreshes.inc();
    } else if (outcome == CurrentModels.Outcome.FAILED) {
      metrics.failedRefreshes.inc();
    }
    generation = current.latest();
  }

  /** What serves this instance's rows now. */
  Generation generation() {
    return generation;
  }

  /**
   * The last model of a key that could be used, where that of the version that serves cannot be;
   * null if none is known. The first who asks tells of it.
   */
  @Nullable ChosenModel before(ChosenModel unusable, ModelUnusableException reason) {
    ChosenModel before = generation.before(unusable.ref().key());
    if (before == null || before == unusable) {
      return null;
    }
    if (unusable.tellsFirst()) {
      metrics.failedRefreshes.inc();
      LOG.warn(
          "{}; version {} of it serves on", String.valueOf(reason.getMessage()), before.version());
    }
    return before;
  }

  /** To be called before rows look for their models; gives {@link #drops}. */
  long beginLookUp() {
    cacheFillsUp = cache.fillsUp();
    return drops();
  }

  /** How many models the cache has dropped so far. */
  long drops() {
    return cache.drops();
  }

  /** Whether the cache asks to be told which models are in use, {@link CachedModel#touch}. */
  boolean cacheFillsUp() {
    return cacheFillsUp;
  }

  /** Counts rows whose model was there. */
  void hit(int rows) {
    hits += rows;
  }

  /** Tells the metrics what came together since the last call. */
  void report() {
    if (hits > 0) {
      metrics.cacheHits.inc(hits);
      hits = 0;
    }
    long evictions = cache.takeEvictions();
    if (evictions > 0) {
      metrics.cacheEvictions.inc(evictions);
    }
    metrics.cacheBytes.set(cache.heldBytes());
  }

  /**
   * A model, to be closed by the caller. An outage of the store is waited for, a second in all.
   *
   * @param rows the number of rows that ask for it
   * @throws ModelUnusableException when the model is missing or damaged, or is none; the next time
   *     within minutes without looking
   * @throws StoreException when the store still cannot be read, so that the bundle must be repeated
   */
  CachedModel.Lease acquire(ChosenModel chosen, int rows) {
    ChosenModel.Unusable unusable = chosen.unusable();
    if (unusable != null) {
      if (clock.instant().isBefore(unusable.until())) {
        throw new ModelUnusableException(unusable.reason(), null);
      }
      chosen.markUnusable(null);
    }
    ModelRef ref = chosen.ref();
    ModelCache.Key key = new ModelCache.Key(ref.digest(), settings.provider());
    for (int attempt = 1; ; attempt++) {
      try {
        ModelCache.Found found = cache.acquire(key, templates -> load(ref, templates));
        hits += found.loadedNow() ? rows - 1 : rows;
        if (found.loadedNow()) {
          metrics.cacheMisses.inc();
        }
        chosen.found(found.lease().cached(), found.lease().model());
        return found.lease();
      } catch (ModelUnusableException e) {
        chosen.markUnusable(
            new ChosenModel.Unusable(
                String.valueOf(e.getMessage()), clock.instant().plus(UNUSABLE)));
        throw e;
      } catch (StoreException outage) {
        if (attempt > WAITS_MILLIS.length) {
          throw outage;
        }
        metrics.loadRetries.inc();
        LOG.warn("model not loaded, attempt {} failed: {}", attempt, outage.getMessage());
        waitAfter(outage, WAITS_MILLIS[attempt - 1]);
      }
    }
  }

  /** Has a model that many rows ask for, and that is in use, go over to its template. */
  void share(LoadedModel.Alone model) {
    cache.share(model);
  }

  private void waitAfter(StoreException outage, long millis) {
    try {
      sleeper.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outage.addSuppressed(e);
      throw outage;
    }
  }

  private LoadedModel load(ModelRef ref, Templates templates) {
    long start = System.nanoTime();
    LoadedModel loaded = generation.open(ref, templates, settings.provider());
    metrics.modelByteSize.update(ref.bytes());
    metrics.loadLatencyMillis.update((System.nanoTime() - start) / 1_000_000);
    return loaded;
  }
}
