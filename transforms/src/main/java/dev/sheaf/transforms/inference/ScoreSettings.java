package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelSelection;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.beam.sdk.values.PCollectionView;
import org.jspecify.annotations.Nullable;

/**
 * What the workers that score rows need to know.
 *
 * <p>Immutable: {@link #with} changes a copy.
 */
final class ScoreSettings implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ModelSelection selection;
  private ExecutionProvider provider = ExecutionProvider.cpu();
  private @Nullable Duration refreshInterval;
  private @Nullable PCollectionView<String> tokens;
  private int maximumBatchSize = 4096;
  private int rowsHeld = 100_000;
  private long cacheBytes = 512L << 20;
  private @Nullable Duration callLimit;
  private Clock clock = Clock.systemUTC();

  private ScoreSettings(ModelSelection selection) {
    this.selection = selection;
  }

  static ScoreSettings of(ModelSelection selection) {
    return new ScoreSettings(selection);
  }

  private ScoreSettings with(Consumer<ScoreSettings> change) {
    ScoreSettings changed = new ScoreSettings(selection);
    changed.provider = provider;
    changed.refreshInterval = refreshInterval;
    changed.tokens = tokens;
    changed.maximumBatchSize = maximumBatchSize;
    changed.rowsHeld = rowsHeld;
    changed.cacheBytes = cacheBytes;
    changed.callLimit = callLimit;
    changed.clock = clock;
    change.accept(changed);
    return changed;
  }

  ScoreSettings on(ExecutionProvider device) {
    return with(changed -> changed.provider = device);
  }

  ScoreSettings refreshedEvery(Duration interval) {
    return with(changed -> changed.refreshInterval = interval);
  }

  ScoreSettings refreshedBy(PCollectionView<String> view) {
    return with(changed -> changed.tokens = view);
  }

  ScoreSettings withMaximumBatchSize(int rows) {
    return with(changed -> changed.maximumBatchSize = rows);
  }

  ScoreSettings withCacheBytes(long bytes) {
    return with(changed -> changed.cacheBytes = bytes);
  }

  ScoreSettings withTimeLimit(Duration limit) {
    return with(changed -> changed.callLimit = limit);
  }

  ScoreSettings withClock(Clock other) {
    return with(changed -> changed.clock = other);
  }

  ModelSelection selection() {
    return selection;
  }

  ExecutionProvider provider() {
    return provider;
  }

  /** How often to look for a new version; null for never. */
  @Nullable Duration refreshInterval() {
    return refreshInterval;
  }

  /** What tells of a new version; null if nothing does. */
  @Nullable PCollectionView<String> tokens() {
    return tokens;
  }

  /** The most rows in a call. */
  int maximumBatchSize() {
    return maximumBatchSize;
  }

  /** The most rows that wait in a bundle. */
  int rowsHeld() {
    return rowsHeld;
  }

  /** The budget of the cache. */
  long cacheBytes() {
    return cacheBytes;
  }

  /** How long a call may take; null for no limit. */
  @Nullable Duration callLimit() {
    return callLimit;
  }

  Clock clock() {
    return clock;
  }
}
