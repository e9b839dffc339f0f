package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.beam.sdk.util.Sleeper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models that serve at the moment, and their open sessions. */
final class Models {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  /** Before the second and the third attempt. */
  private static final long[] WAITS_MILLIS = {200, 800};

  private final RunInference.Settings settings;
  private final InferenceMetrics metrics;
  private final Clock clock;
  private final Sleeper sleeper;
  private ResolvedModels resolved;
  private Instant resolvedAt;
  private final Map<String, Optional<String>> groupColumns = new HashMap<>();

  /** Finds out what serves now; fails when the store has nothing to serve. */
  Models(RunInference.Settings settings, InferenceMetrics metrics, Sleeper sleeper) {
    this.settings = settings;
    this.metrics = metrics;
    this.sleeper = sleeper;
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
        groupColumns.clear();
        metrics.refreshes.inc();
      }
    } catch (StoreException e) {
      metrics.failedRefreshes.inc();
      LOG.warn("models not refreshed, {} stays: {}", resolved.token(), e.getMessage());
    }
  }

  Optional<ModelRef> find(ModelScope scope) {
    return resolved.find(scope.storeKey());
  }

  /**
   * The column that groups are by, as those who trained their models spelled it: without regard to
   * case where that is unambiguous, an exact match first; null if no model is for such a group.
   */
  @Nullable String groupColumn(String name) {
    return groupColumns
        .computeIfAbsent(name, absent -> Optional.ofNullable(findGroupColumn(absent)))
        .orElse(null);
  }

  private @Nullable String findGroupColumn(String name) {
    SortedSet<String> columns = ModelScope.groupColumns(resolved.keys());
    if (columns.contains(name)) {
      return name;
    }
    List<String> alike =
        columns.stream().filter(name::equalsIgnoreCase).collect(Collectors.toList());
    if (alike.size() != 1) {
      LOG.warn(
          "no fallback to groups by {} in {}: {}; there are models of groups by {}",
          name,
          resolved.token(),
          alike.isEmpty() ? "there is no model of such a group" : "more than one column is meant",
          columns);
    }
    return alike.size() == 1 ? alike.get(0) : null;
  }

  /**
   * The session of a model, to be closed by the caller. An outage of the store is waited for, a
   * second in all.
   *
   * @throws ModelUnusableException when the model is missing or damaged, or is none
   * @throws StoreException when the store still cannot be read, so that the bundle must be repeated
   */
  SessionCache.Lease acquire(ModelRef ref) {
    SessionCache.Key key = new SessionCache.Key(ref.digest(), settings.provider());
    for (int attempt = 1; ; attempt++) {
      try {
        SessionCache.Lease lease = SessionCache.shared().acquire(key, () -> load(ref));
        (lease.loadedNow() ? metrics.cacheMisses : metrics.cacheHits).inc();
        return lease;
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

  private void waitAfter(StoreException outage, long millis) {
    try {
      sleeper.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outage.addSuppressed(e);
      throw outage;
    }
  }

  private ModelSession load(ModelRef ref) {
    long start = System.nanoTime();
    try {
      byte[] onnx = resolved.load(ref);
      ModelSession session = ModelSession.open(onnx, settings.provider());
      metrics.modelByteSize.update(onnx.length);
      metrics.loadLatencyMillis.update((System.nanoTime() - start) / 1_000_000);
      return session;
    } catch (StoreException e) {
      if (Outage.isBehind(e)) {
        throw e;
      }
      throw new ModelUnusableException(ref, e);
    } catch (RuntimeException e) {
      throw new ModelUnusableException(ref, e);
    }
  }
}
