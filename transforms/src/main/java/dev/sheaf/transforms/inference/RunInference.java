package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows with the models of a store, each row with the model of its own key, inside the
 * worker.
 *
 * <p><b>Input.</b> A {@link PCollection} with a schema, bounded or unbounded. The key column is
 * read as {@code TrainPerKey} reads it. A model's inputs are found among the columns by name,
 * without regard to case: numbers, booleans (0 or 1) or text that is a number, NULL as a missing
 * value; they reach ONNX Runtime as {@code double[N,1]} each.
 *
 * <p><b>Output.</b> One row for each input row: its columns, then {@code PREDICTION} (DOUBLE, NULL
 * without a model), {@code MODEL_KEY}, {@code MODEL_VERSION}, {@code FALLBACK_LEVEL} (the name of a
 * {@link FallbackLevel}), {@code LAYER} ({@code batch} for bounded input, {@code stream} for
 * unbounded) and {@code SCORED_AT}. Timestamps and windows are kept; the order of rows is not. The
 * same row and model version give the same prediction, bit for bit, whatever the batch.
 *
 * <p><b>Batches.</b> The rows of a bundle are gathered by key and scored with one call per key, at
 * most {@link #withMaximumBatchSize} rows each. Nothing is held beyond the bundle's end.
 *
 * <p><b>Memory.</b> Models are read one by one when first needed. Their sessions are shared by all
 * workers' threads of a JVM and kept within {@link #withCacheBudget}.
 *
 * <p><b>Errors.</b> A key column that is missing or holds bytes or nested values, or an input that
 * has a prediction's column already, fails when the pipeline is built; a store with nothing to
 * serve fails when the worker starts. A row whose key is NULL or whose numbers cannot be read, a
 * row that its model refuses, and the rows of a model that is missing, damaged, refused by ONNX
 * Runtime or wants a column the input lacks go to the handler of {@link
 * #withBadRecordErrorHandler}; without one they fail the pipeline. A store that cannot be read for
 * a while is no fault of the rows: a model is asked for three times within a second, then the
 * bundle fails and the runner repeats it. Delivery is that of the runner: the transform has no
 * effect outside its output.
 *
 * <pre>{@code
 * PCollection<Row> scored = events.apply(
 *     RunInference.with(ModelStore.at("s3://models/store-sales").champion())
 *         .keyedBy("STORE_ID")
 *         .refreshedEvery(Duration.ofMinutes(1))
 *         .on(ExecutionProvider.cuda().orCpu()));
 * }</pre>
 */
public final class RunInference extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  static final TupleTag<Row> SCORED = new TupleTag<>("scored") {};

  private static final int DEFAULT_BATCH_SIZE = 4096;
  private static final int DEFAULT_ROWS_HELD = 100_000;
  private static final long DEFAULT_CACHE_BYTES = 512L << 20;

  private final Settings settings;
  private final @Nullable String keyColumn;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  /** What the workers need to know. */
  record Settings(
      ModelSelection selection,
      ExecutionProvider provider,
      @Nullable Duration refreshInterval,
      int maximumBatchSize,
      int rowsHeld,
      long cacheBytes,
      Clock clock)
      implements Serializable {}

  private RunInference(
      Settings settings,
      @Nullable String keyColumn,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.settings = settings;
    this.keyColumn = keyColumn;
    this.errorHandler = errorHandler;
  }

  /** Scores with what {@code selection} serves: an alias such as the champion, or one version. */
  public static RunInference with(ModelSelection selection) {
    return new RunInference(
        new Settings(
            selection,
            ExecutionProvider.cpu(),
            null,
            DEFAULT_BATCH_SIZE,
            DEFAULT_ROWS_HELD,
            DEFAULT_CACHE_BYTES,
            Clock.systemUTC()),
        null,
        null);
  }

  /** The column whose value names the model. Required. */
  public RunInference keyedBy(String column) {
    if (column.isBlank()) {
      throw new IllegalArgumentException("keyedBy: a column is needed, found blank text");
    }
    return new RunInference(settings, column, errorHandler);
  }

  /**
   * Looks for a new version at the first bundle after each {@code interval}, which must be
   * positive. By default a worker scores with what served when it started.
   */
  public RunInference refreshedEvery(Duration interval) {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException(
          "refreshedEvery: a positive duration is needed, found " + interval);
    }
    return with(
        new Settings(
            settings.selection,
            settings.provider,
            interval,
            settings.maximumBatchSize,
            settings.rowsHeld,
            settings.cacheBytes,
            settings.clock));
  }

  /** The device to run on; the CPU unless set. */
  public RunInference on(ExecutionProvider provider) {
    return with(
        new Settings(
            settings.selection,
            provider,
            settings.refreshInterval,
            settings.maximumBatchSize,
            settings.rowsHeld,
            settings.cacheBytes,
            settings.clock));
  }

  /** The most rows in one call of a model, at least 1; 4096 unless set. */
  public RunInference withMaximumBatchSize(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(
          "withMaximumBatchSize: at least 1 row is needed, found " + rows);
    }
    return with(
        new Settings(
            settings.selection,
            settings.provider,
            settings.refreshInterval,
            rows,
            settings.rowsHeld,
            settings.cacheBytes,
            settings.clock));
  }

  /**
   * The bytes that open sessions may take in a JVM, at least 1 MiB; 512 MiB unless set. The largest
   * value asked for in a JVM holds. Raise it when {@code model_cache_evictions} keeps growing.
   */
  public RunInference withCacheBudget(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "withCacheBudget: at least 1048576 bytes are needed, found " + bytes);
    }
    return with(
        new Settings(
            settings.selection,
            settings.provider,
            settings.refreshInterval,
            settings.maximumBatchSize,
            settings.rowsHeld,
            bytes,
            settings.clock));
  }

  /** Where {@code SCORED_AT} is read from; must be serializable. The system's clock unless set. */
  public RunInference withClock(Clock clock) {
    return with(
        new Settings(
            settings.selection,
            settings.provider,
            settings.refreshInterval,
            settings.maximumBatchSize,
            settings.rowsHeld,
            settings.cacheBytes,
            clock));
  }

  /** Takes the rows that cannot be scored; without it the first such row fails the pipeline. */
  public RunInference withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new RunInference(settings, keyColumn, handler);
  }

  private RunInference with(Settings changed) {
    return new RunInference(changed, keyColumn, errorHandler);
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    if (keyColumn == null) {
      throw new IllegalArgumentException(
          "RunInference needs keyedBy: the column whose value names the model");
    }
    Schema schema = input.getSchema();
    RowColumn key = RowColumn.findKey(schema, keyColumn, "keyedBy");
    Predictions predictions =
        Predictions.of(schema, input.isBounded() == IsBounded.BOUNDED ? "batch" : "stream");
    BadRows badRows = BadRows.of(schema, "RunInference", errorHandler);
    PCollectionTuple scored =
        input.apply(
            "ScoreRows",
            ParDo.of(new ScoreRows(settings, schema, key, predictions, badRows))
                .withOutputTags(SCORED, TupleTagList.of(BadRecordRouter.BAD_RECORD_TAG)));
    BadRows.collect(scored.get(BadRecordRouter.BAD_RECORD_TAG), errorHandler);
    return scored.get(SCORED).setRowSchema(predictions.schema());
  }
}
