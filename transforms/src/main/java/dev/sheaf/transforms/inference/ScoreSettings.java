package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelSelection;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import org.apache.beam.sdk.values.PCollectionView;
import org.jspecify.annotations.Nullable;

/**
 * What the workers that score rows need to know.
 *
 * @param refreshInterval how often to look for a new version; null for never
 * @param tokens what tells of a new version; null if nothing does
 * @param maximumBatchSize the most rows in a call
 * @param rowsHeld the most rows that wait in a bundle
 * @param cacheBytes the budget of the cache
 * @param callLimit how long a call may take; null for no limit
 */
record ScoreSettings(
    ModelSelection selection,
    ExecutionProvider provider,
    @Nullable Duration refreshInterval,
    @Nullable PCollectionView<String> tokens,
    int maximumBatchSize,
    int rowsHeld,
    long cacheBytes,
    @Nullable Duration callLimit,
    Clock clock)
    implements Serializable {
  private static final int DEFAULT_BATCH_SIZE = 4096;
  private static final int DEFAULT_ROWS_HELD = 100_000;
  private static final long DEFAULT_CACHE_BYTES = 512L << 20;

  static ScoreSettings of(ModelSelection selection) {
    return new ScoreSettings(
        selection,
        ExecutionProvider.cpu(),
        null,
        null,
        DEFAULT_BATCH_SIZE,
        DEFAULT_ROWS_HELD,
        DEFAULT_CACHE_BYTES,
        null,
        Clock.systemUTC());
  }

  ScoreSettings on(ExecutionProvider device) {
    return new ScoreSettings(
        selection,
        device,
        refreshInterval,
        tokens,
        maximumBatchSize,
        rowsHeld,
        cacheBytes,
        callLimit,
        clock);
  }

  ScoreSettings refreshedEvery(Duration interval) {
    return new ScoreSettings(
        selection,
        provider,
        interval,
        tokens,
        maximumBatchSize,
        rowsHeld,
        cacheBytes,
        callLimit,
        clock);
  }

  ScoreSettings refreshedBy(PCollectionView<String> view) {
    return new ScoreSettings(
        selection,
        provider,
        refreshInterval,
        view,
        maximumBatchSize,
        rowsHeld,
        cacheBytes,
        callLimit,
        clock);
  }

  ScoreSettings withMaximumBatchSize(int rows) {
    return new ScoreSettings(
        selection, provider, refreshInterval, tokens, rows, rowsHeld, cacheBytes, callLimit, clock);
  }

  ScoreSettings withCacheBytes(long bytes) {
    return new ScoreSettings(
        selection,
        provider,
        refreshInterval,
        tokens,
        maximumBatchSize,
        rowsHeld,
        bytes,
        callLimit,
        clock);
  }

  ScoreSettings withCallLimit(Duration limit) {
    return new ScoreSettings(
        selection,
        provider,
        refreshInterval,
        tokens,
        maximumBatchSize,
        rowsHeld,
        cacheBytes,
        limit,
        clock);
  }

  ScoreSettings withClock(Clock other) {
    return new ScoreSettings(
        selection,
        provider,
        refreshInterval,
        tokens,
        maximumBatchSize,
        rowsHeld,
        cacheBytes,
        callLimit,
        other);
  }
}
