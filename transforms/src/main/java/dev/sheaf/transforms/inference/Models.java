package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models that serve at the moment, and their open sessions. */
final class Models {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  private final RunInference.Settings settings;
  private final InferenceMetrics metrics;
  private final Clock clock;
  private ResolvedModels resolved;
  private Instant resolvedAt;

  /** Finds out what serves now; fails when the store has nothing to serve. */
  Models(RunInference.Settings settings, InferenceMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
    this.clock = settings.clock();
    this.resolved = settings.selection().resolve();
    this.resolvedAt = clock.instant();
  }

  /**
   * Looks for a new version where the refresh interval has passed. What cannot be read is reported
   * and the version that served before stays.
   */
  void refresh() {
    Duration interval = settings.refreshInterval();
    if (interval == null || clock.instant().isBefore(resolvedAt.plus(interval))) {
      return;
    }
    resolvedAt = clock.instant();
    try {
      ResolvedModels latest = settings.selection().resolve();
      if (!latest.token().equals(resolved.token())) {
        LOG.info("models refreshed: {} instead of {}", latest.token(), resolved.token());
        resolved = latest;
        metrics.refreshes.inc();
      }
    } catch (StoreException e) {
      metrics.failedRefreshes.inc();
      LOG.warn("models not refreshed, {} stays: {}", resolved.token(), e.getMessage());
    }
  }

  Optional<ModelRef> find(String key) {
    return resolved.find(key);
  }

  /**
   * The session of a model, to be closed by the caller.
   *
   * @throws ModelUnusableException when the model cannot be read or is none
   */
  SessionCache.Lease acquire(ModelRef ref) {
    SessionCache.Key key = new SessionCache.Key(ref.digest(), settings.provider());
    SessionCache.Lease lease = SessionCache.shared().acquire(key, () -> load(ref));
    (lease.loadedNow() ? metrics.cacheMisses : metrics.cacheHits).inc();
    return lease;
  }

  private ModelSession load(ModelRef ref) {
    long start = System.nanoTime();
    try {
      byte[] onnx = resolved.load(ref);
      ModelSession session = ModelSession.open(onnx, settings.provider());
      metrics.modelByteSize.update(onnx.length);
      metrics.loadLatencyMillis.update((System.nanoTime() - start) / 1_000_000);
      return session;
    } catch (RuntimeException e) {
      throw new ModelUnusableException(ref, e);
    }
  }
}
