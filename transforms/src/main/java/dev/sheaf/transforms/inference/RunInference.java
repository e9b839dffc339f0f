package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows with the models of a store, each row with the model of its own key or, where that has
 * none, with one of a group or the global one, inside the worker.
 *
 * <p><b>Input.</b> A {@link PCollection} with a schema, bounded or unbounded. The key column is
 * read as {@code TrainPerKey} reads it. A model's inputs are found among the columns by name,
 * without regard to case, and read as in training, see {@link dev.sheaf.models.table.FeatureType}:
 * numbers may come as text, dates as timestamps or ISO text and the other way round, a category as
 * text or a whole number; NULL is a missing value.
 *
 * <p><b>Output.</b> One row for each input row: its columns, then {@code PREDICTION} (DOUBLE, NULL
 * without a model), {@code MODEL_KEY}, {@code MODEL_VERSION}, {@code FALLBACK_LEVEL} (the name of a
 * {@link FallbackLevel}), {@code LAYER} ({@code batch} for bounded input, {@code stream} for
 * unbounded) and {@code SCORED_AT}. With {@link #classifying} {@code PREDICTION} is the class
 * (STRING), followed by {@code PROBABILITY} (DOUBLE) and {@code PROBABILITIES} (JSON text such as
 * {@code {"no":0.25,"yes":0.75}}). {@code MODEL_KEY} is the row's key, or the {@link
 * dev.sheaf.models.store.ModelScope#storeKey store key} of the model it fell back to, such as
 * {@code @group:STATE=CA} or {@code @global}. Timestamps and windows are kept; the order of rows is
 * not. The same row and model version give the same prediction, bit for bit, whatever the batch.
 *
 * <p><b>Batches.</b> Rows of models of one shape, such as all linear models of the same features,
 * go through one session together, whatever their keys; rows of other models with one call per
 * model. A call takes at most {@link #withMaximumBatchSize} rows. Nothing is held beyond the
 * bundle's end, unless rows of unbounded input wait for others by {@link #withBatching}.
 *
 * <p><b>Memory.</b> Models are read one by one when first needed. They and the index of the version
 * are shared by all workers' threads of a JVM; the models are kept within {@link #withCacheBudget}
 * and closed when the last transform ends.
 *
 * <p><b>Errors.</b> A key column that is missing or holds bytes or nested values, or an input that
 * has a prediction's column already, fails when the pipeline is built; a store with nothing to
 * serve fails when the worker starts. A row whose key is NULL or whose values cannot be read, a row
 * that its model refuses, and the rows of a model that is missing, damaged, refused by ONNX
 * Runtime, wants a column that the input lacks or does not predict what is asked for go to the
 * handler of {@link #withBadRecordErrorHandler}; without one they fail the pipeline. A store that
 * cannot be read for a while is no fault of the rows: a model is asked for three times within a
 * second, then the bundle fails and the runner repeats it. Delivery is that of the runner: the
 * transform has no effect outside its output.
 *
 * <pre>{@code
 * PCollection<Row> scored = events.apply(
 *     RunInference.with(ModelStore.at("s3://models/store-sales").champion())
 *         .keyedBy("STORE_ID")
 *         .fallingBackTo("STATE", "STORE_TYPE")
 *         .refreshedEvery(Duration.ofMinutes(1))
 *         .on(ExecutionProvider.cuda().orCpu()));
 * }</pre>
 */
public final class RunInference extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  static final TupleTag<Row> SCORED = new TupleTag<>("scored") {};

  private final ScoreSettings settings;
  private final Columns columns;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;
  private final @Nullable WorkerResources workers;
  private final @Nullable Duration longestWait;

  /** What is read off the rows to choose a model, and what is added to them. */
  private record Columns(@Nullable String key, List<String> groups, PredictionKind kind)
      implements Serializable {}

  private RunInference(
      ScoreSettings settings,
      Columns columns,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler,
      @Nullable WorkerResources workers,
      @Nullable Duration longestWait) {
    this.settings = settings;
    this.columns = columns;
    this.errorHandler = errorHandler;
    this.workers = workers;
    this.longestWait = longestWait;
  }

  /** Scores with what {@code selection} serves: an alias such as the champion, or one version. */
  public static RunInference with(ModelSelection selection) {
    return new RunInference(
        ScoreSettings.of(selection),
        new Columns(null, List.of(), PredictionKind.NUMBER),
        null,
        null,
        null);
  }

  /** Scores rows with any one ONNX model, columns in and columns out; see {@link InferRows}. */
  public static InferRows onRows(OnnxModel model) {
    return InferRows.with(model);
  }

  /** Scores elements of any type with any one ONNX model; see {@link InferElements}. */
  public static InferElements<Map<String, Tensor>, Map<String, OnnxOutput>> onElements(
      OnnxModel model) {
    return InferElements.with(model);
  }

  /** The column whose value names the model. Required. */
  public RunInference keyedBy(String column) {
    if (column.isBlank()) {
      throw new IllegalArgumentException("keyedBy: a column is needed, found blank text");
    }
    return new RunInference(
        settings,
        new Columns(column, columns.groups, columns.kind),
        errorHandler,
        workers,
        longestWait);
  }

  /**
   * For a row whose key has no model: the columns whose values name groups of keys, in the order in
   * which their models are asked; none unless set. A row whose value is NULL is in no group by that
   * column. What no group's model scores is scored by the global model if there is one.
   */
  public RunInference fallingBackTo(String... columns) {
    return fallingBackTo(List.of(columns));
  }

  /** As {@link #fallingBackTo(String...)}. */
  public RunInference fallingBackTo(List<String> groups) {
    if (groups.stream().anyMatch(String::isBlank)
        || groups.stream().distinct().count() < groups.size()) {
      throw new IllegalArgumentException(
          "fallingBackTo: columns are needed, each once, found " + groups);
    }
    return new RunInference(
        settings,
        new Columns(columns.key, List.copyOf(groups), columns.kind),
        errorHandler,
        workers,
        longestWait);
  }

  /** Scores with classifiers, which give a class and its probability instead of a number. */
  public RunInference classifying() {
    return new RunInference(
        settings,
        new Columns(columns.key, columns.groups, PredictionKind.CLASS),
        errorHandler,
        workers,
        longestWait);
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
    return with(settings.refreshedEvery(interval));
  }

  /**
   * Looks for a new version whenever a side input tells another token, which {@link
   * ModelSelection#token} gives: once for all workers instead of by each, and as soon as it is told
   * of. The token is only a sign to look; what the store serves then is what counts. A version that
   * cannot be read is logged, counted and tried again after ten seconds at the earliest, and
   * meanwhile the old one stays. May be set together with {@link #refreshedEvery}.
   *
   * <pre>{@code
   * PCollectionView<String> tokens = pipeline
   *     .apply(PeriodicImpulse.create().withInterval(Duration.standardMinutes(1)))
   *     .apply(MapElements.into(strings()).via(tick -> champion.token()))
   *     .apply(Window.<String>into(new GlobalWindows())
   *         .triggering(Repeatedly.forever(AfterPane.elementCountAtLeast(1)))
   *         .discardingFiredPanes())
   *     .apply(Latest.globally())
   *     .apply(View.<String>asSingleton().withDefaultValue(""));
   * }</pre>
   */
  public RunInference refreshedBy(PCollectionView<String> tokens) {
    return with(settings.refreshedBy(tokens));
  }

  /**
   * How many rows go into a call at most and, of unbounded input, how long rows wait for others
   * across bundles; up to 4096 rows of a bundle unless set. Rows are gathered by their models as it
   * is, so the other settings of {@link Batching} are refused.
   */
  public RunInference withBatching(Batching batching) {
    if (batching.minimum() > 1
        || batching.adaptation() != null
        || batching.maximumWeight() < Long.MAX_VALUE
        || batching.hasBuckets()) {
      throw new IllegalArgumentException(
          "withBatching: of rows with a model per key only upTo and waitingAtMost can be set, found "
              + batching);
    }
    return new RunInference(
        settings.withMaximumBatchSize(batching.maximum()),
        columns,
        errorHandler,
        workers,
        batching.longestWait());
  }

  /**
   * The longest that one call of a model may take, 1 millisecond to 1 day; no limit unless set. A
   * call that takes longer is ended at the next node of its graph, and its rows are tried in halves
   * until those that are slow are found; they are bad records.
   */
  public RunInference withTimeLimit(Duration limit) {
    if (limit.toMillis() < 1 || limit.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "withTimeLimit: 1 millisecond to 1 day is needed, found " + limit);
    }
    return with(settings.withTimeLimit(limit));
  }

  /**
   * The device to run on; the CPU unless set. A worker that has no such device fails when it
   * starts, or takes the CPU where {@code orCpu()} allows it; then {@code
   * execution_provider_fallbacks} counts each instance of the DoFn.
   */
  public RunInference on(ExecutionProvider provider) {
    return with(settings.on(provider));
  }

  /**
   * What the machines that score must have, where the runner can choose them; unless set, one
   * NVIDIA T4 where {@link #on} asks for a GPU, and else any machine.
   */
  public RunInference withWorkers(WorkerResources workers) {
    return new RunInference(settings, columns, errorHandler, workers, longestWait);
  }

  /** The most rows in one call of a model, at least 1; 4096 unless set. */
  public RunInference withMaximumBatchSize(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(
          "withMaximumBatchSize: at least 1 row is needed, found " + rows);
    }
    return with(settings.withMaximumBatchSize(rows));
  }

  /**
   * The bytes that loaded models may take in a JVM, at least 1 MiB; 512 MiB unless set. The largest
   * value asked for in a JVM holds. Raise it when {@code model_cache_evictions} keeps growing.
   */
  public RunInference withCacheBudget(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "withCacheBudget: at least 1048576 bytes are needed, found " + bytes);
    }
    return with(settings.withCacheBytes(bytes));
  }

  /** Where {@code SCORED_AT} is read from; must be serializable. The system's clock unless set. */
  public RunInference withClock(Clock clock) {
    return with(settings.withClock(clock));
  }

  /**
   * Takes the rows that cannot be scored, in the global window; without it the first such row fails
   * the pipeline.
   */
  public RunInference withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new RunInference(settings, columns, handler, workers, longestWait);
  }

  private RunInference with(ScoreSettings changed) {
    return new RunInference(changed, columns, errorHandler, workers, longestWait);
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    String keyColumn = columns.key;
    if (keyColumn == null) {
      throw new IllegalArgumentException(
          "RunInference needs keyedBy: the column whose value names the model");
    }
    Schema schema = input.getSchema();
    ModelChoice choice =
        new ModelChoice(
            RowColumn.findKey(schema, keyColumn, "keyedBy"),
            columns.groups.stream()
                .map(group -> RowColumn.findKey(schema, group, "fallingBackTo"))
                .collect(Collectors.toList()));
    String layer = input.isBounded() == IsBounded.BOUNDED ? "batch" : "stream";
    Predictions predictions = Predictions.of(schema, columns.kind, layer);
    BadRows badRows = BadRows.of(schema, "RunInference", errorHandler);
    WorkerResources resources = workers == null ? WorkerResources.of(settings.provider()) : workers;
    ScorePlan plan = new ScorePlan(settings, schema, choice, predictions, badRows);
    PCollectionTuple scored =
        longestWait == null || input.isBounded() == IsBounded.BOUNDED
            ? input.apply("ScoreRows", scoring(ParDo.of(new ScoreRows(plan)), resources))
            : input
                .apply(
                    new WaitForOthers<>(
                        Batching.upTo(settings.maximumBatchSize()).waitingAtMost(longestWait),
                        WaitForOthers.Measures.none()))
                .apply("ScoreRows", scoring(ParDo.of(new ScoreGroups(plan)), resources));
    BadRows.collect(scored, errorHandler);
    return scored.get(SCORED).setRowSchema(predictions.schema());
  }

  private <T> ParDo.MultiOutput<T, Row> scoring(
      ParDo.SingleOutput<T, Row> score, WorkerResources resources) {
    PCollectionView<String> tokens = settings.tokens();
    ParDo.MultiOutput<T, Row> placed =
        (tokens == null ? score : score.withSideInputs(tokens))
            .withOutputTags(SCORED, BadRows.tags(errorHandler));
    placed.setResourceHints(resources.hints());
    return placed;
  }
}
