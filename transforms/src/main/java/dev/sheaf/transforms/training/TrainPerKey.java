package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.runs.TrainingRun;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeySums;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.RowLimit;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.rows.FeatureSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.WindowFn;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PInput;
import org.apache.beam.sdk.values.POutput;
import org.apache.beam.sdk.values.PValue;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/**
 * Trains one model for each value of a key column and judges it on rows it has not seen.
 *
 * <p><b>Input.</b> A {@link PCollection} with a schema: bounded, or unbounded in windows that end,
 * such as fixed or sliding ones. Features are numbers, booleans, categories, dates and timestamps,
 * as {@link FeatureSpec} describes; NULL in a feature is a missing value, which every trainer
 * handles. The label is a number (or a boolean, or text that is one); for a classifier it may be
 * text, a whole number or a boolean, and each value is a class. The key may be a number, boolean,
 * text, date or time and becomes text: whole numbers without a decimal point. Column names match
 * without regard to case.
 *
 * <p><b>Output.</b> {@link Result#models()}: the trained models as ONNX, each of them run in ONNX
 * Runtime against its own trainer before it is let out. {@link Result#ledger()}: one row per key,
 * whether it was trained or not, with the columns of {@link #ledgerSchema()}. The model is fitted
 * to the training rows only; the holdout's rows are used for the metrics and the losses, which are
 * NULL without a holdout. {@link Result#heldOut()}, {@link Result#curves()} and {@link
 * Result#importance()} tell more of each model where {@link #telling} asked for it. Windows are
 * kept: a model per key and window, stamped with the window's end. Rows that come late, within the
 * allowed lateness, make the keys of their group train again on all of the window's rows; so panes
 * must accumulate where there is an allowed lateness.
 *
 * <p><b>Cost.</b> Keys are spread over groups by a hash, see {@link #withKeyGroups}. Where the
 * trainer is content with sums (linear models, unless the holdout goes by order), each bundle's
 * rows become sums per key, and only those and the rows held out (up to {@link
 * KeySums#HELD_OUT_ROWS} a key) are shuffled and merged by a {@code CombineFn}. Otherwise rows are
 * packed into primitive columns, a few bytes a number, and a worker holds the packed rows of one
 * group and the unpacked ones of one key; {@link #withMaximumRows} bounds a key. Within a group
 * small keys come first.
 *
 * <p><b>Repeatability.</b> A trainer that sees rows sees them in one canonical order, whatever the
 * runner and its parallelism, so that the same rows give the same bytes. Models from sums are equal
 * to about 1e-9 relative.
 *
 * <p><b>Errors.</b> A missing or unsuitable column fails when the pipeline is built. A row whose
 * key is NULL, whose label is missing or whose values cannot be read (text with half of a surrogate
 * pair is one, since UTF-8 would make two keys one) goes to the handler of {@link
 * #withBadRecordErrorHandler}; without a handler it fails the pipeline. A key that cannot be
 * trained is a ledger row with its status and reason and touches no other key.
 *
 * <pre>{@code
 * TrainPerKey.Result trained = sales.apply(TrainPerKey.on("STORE_ID")
 *     .withLabel("TOTAL_ORDERS")
 *     .withFeatures("PRODUCT_ID", "ORDER_QUARTER", "ORDER_MONTH", "ORDER_YEAR")
 *     .withTrainer(Xgboost.regression().withRounds(100).withMaxDepth(6))
 *     .withHoldout(Holdout.fraction(0.2)));
 * }</pre>
 */
public final class TrainPerKey extends PTransform<PCollection<Row>, TrainPerKey.Result> {
  private static final long serialVersionUID = 1L;

  static final TupleTag<KV<Integer, byte[]>> PAGES = new TupleTag<>("pages") {};
  static final TupleTag<CandidateModel> MODELS = new TupleTag<>("models") {};
  static final TupleTag<Row> LEDGER = new TupleTag<>("ledger") {};
  static final TupleTag<Row> HELD_OUT = new TupleTag<>("held out") {};
  static final TupleTag<Row> CURVES = new TupleTag<>("curves") {};
  static final TupleTag<Row> IMPORTANCE = new TupleTag<>("importance") {};

  private static final int ROWS_HELD_WHILE_PACKING = 1_000_000;

  private final Settings settings;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  private TrainPerKey(Settings settings, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.settings = settings;
    this.errorHandler = errorHandler;
  }

  private TrainPerKey with(Consumer<Settings> change) {
    return new TrainPerKey(settings.with(change), errorHandler);
  }

  /** One model for each value of {@code keyColumn}. */
  public static TrainPerKey on(String keyColumn) {
    return new TrainPerKey(new Settings(keyColumn), null);
  }

  /** The column to predict. Required. */
  public TrainPerKey withLabel(String column) {
    Settings.checkName("withLabel", column);
    return with(changed -> changed.label = column);
  }

  /**
   * The columns to predict from, at least one, each as {@link FeatureSpec#parse} reads it.
   * Required.
   */
  public TrainPerKey withFeatures(String... columns) {
    return withFeatures(List.of(columns));
  }

  /** As {@link #withFeatures(String...)}. */
  public TrainPerKey withFeatures(List<String> columns) {
    columns.forEach(column -> Settings.checkName("withFeatures", column));
    return withFeatureSpecs(columns.stream().map(FeatureSpec::parse).toList());
  }

  /** The columns to predict from, at least one, and how each is read. */
  public TrainPerKey withFeatureSpecs(List<FeatureSpec> features) {
    if (features.isEmpty()) {
      throw new IllegalArgumentException("withFeatures: at least one column is needed, found none");
    }
    return with(changed -> changed.features = List.copyOf(features));
  }

  /** A column of weights, 0 or more, by which rows count; every row counts 1 unless set. */
  public TrainPerKey withWeight(String column) {
    Settings.checkName("withWeight", column);
    return with(changed -> changed.weight = column);
  }

  /**
   * Trains, beside the model of each key, one for each value of each of these columns, such as a
   * state or a type of store, for the keys that have none of their own; its rows are all rows with
   * that value. Each column costs as much again.
   */
  public TrainPerKey withGroupModels(String... columns) {
    List.of(columns).forEach(column -> Settings.checkName("withGroupModels", column));
    return with(changed -> changed.groups = List.of(columns));
  }

  /**
   * Trains, beside the model of each key, one of all rows; {@link #withSample} bounds what it is
   * trained on.
   */
  public TrainPerKey withGlobalModel() {
    return with(changed -> changed.global = true);
  }

  /** The algorithm; {@code Linear.regression()} unless set. */
  public TrainPerKey withTrainer(Trainer trainer) {
    return with(changed -> changed.trainer = trainer);
  }

  /**
   * The naive trainer to judge every model beside; unless set, the mean label of the training rows,
   * their quantile, or the part of them in each class.
   */
  public TrainPerKey withBaseline(Trainer baseline) {
    return with(changed -> changed.baseline = baseline);
  }

  /** The rows kept out of training, to judge the model by; {@code Holdout.none()} unless set. */
  public TrainPerKey withHoldout(Holdout holdout) {
    return with(changed -> changed.holdout = holdout);
  }

  /**
   * Lets the model that a store serves for a key today predict the same held-out rows, for {@code
   * Gate.betterThanChampion()}; unless set, the gate compares with the loss that was recorded when
   * the champion was trained.
   */
  public TrainPerKey withChampionsOf(ModelStore store) {
    return with(changed -> changed.champions = store);
  }

  /**
   * Training rows below which a key is {@code TOO_FEW_ROWS}; at least 1, by default what the
   * trainer needs. Raise it where a model of a handful of rows is worth nothing.
   */
  public TrainPerKey withMinimumRows(int rows) {
    Settings.checkPositive("withMinimumRows", "row", rows);
    return with(changed -> changed.minimumRows = rows);
  }

  /**
   * Rows above which a key is {@code TOO_LARGE}; by default 20 million. Lower it to what a worker's
   * memory holds: a row takes 8 bytes for each feature and 24 more, three times over while
   * training.
   */
  public TrainPerKey withMaximumRows(int rows) {
    Settings.checkPositive("withMaximumRows", "row", rows);
    return with(changed -> changed.limit = RowLimit.refuseAbove(rows));
  }

  /**
   * Rows above which a key is trained on a sample of so many rows: those whose hash, mixed with the
   * seed, is smallest. The same rows are taken however they come. Models from sums take all rows.
   */
  public TrainPerKey withSample(int rows, long seed) {
    Settings.checkPositive("withSample", "row", rows);
    return with(changed -> changed.limit = RowLimit.sampleAbove(rows, seed));
  }

  /**
   * The same bound in bytes of unpacked rows, 8 for each feature and 32 more a row; the smaller of
   * the two holds.
   */
  public TrainPerKey withMaximumBytes(long bytes) {
    Settings.checkPositive("withMaximumBytes", "byte", bytes);
    return with(changed -> changed.maximumBytes = bytes);
  }

  /** How long the training of one key may take before it is {@code FAILED}; one hour unless set. */
  public TrainPerKey withTimeLimit(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException(
          "withTimeLimit: a duration above zero is needed, found " + limit);
    }
    return with(changed -> changed.timeLimit = limit);
  }

  /**
   * Brings the rows together even where sums over them would do, so that linear models, too, are
   * the same to the byte in every run, and a column may have more categories than the 1,000 that
   * sums keep apart.
   */
  public TrainPerKey gatheringRows() {
    return with(changed -> changed.gathersRows = true);
  }

  /**
   * The groups that keys are spread over by a hash, 64 unless set; also the most workers that train
   * at once. A worker holds the packed rows of a group, so a large table needs more: thousands on a
   * cluster. Few groups cost less on the direct runner.
   */
  public TrainPerKey withKeyGroups(int groups) {
    Settings.checkPositive("withKeyGroups", "group", groups);
    return with(changed -> changed.keyGroups = groups);
  }

  /**
   * Writes every key's outcome to a run store as soon as it is known, where others can read it
   * while the run works; needs {@link #withRunId}. Where the run was started before, keys that did
   * not fail and whose rows and settings are the same are not trained again but taken from there.
   *
   * <p>A run keeps one outcome per key: an input in windows other than the global one, of which a
   * key may be in several, is refused when the pipeline is built.
   */
  public TrainPerKey recordedIn(RunStore runs) {
    return with(changed -> changed.runs = runs);
  }

  /** Also tells more of each model, in the tables of the result that are named here. */
  public TrainPerKey telling(ModelTable... tables) {
    return with(changed -> changed.tables = Set.of(tables));
  }

  /**
   * The name of this run in the ledger; a name made from the time unless set. In windows other than
   * the global one it is followed by {@code -} and the window's end, as {@code PublishModels} names
   * the version of that window.
   */
  public TrainPerKey withRunId(String runId) {
    Settings.checkName("withRunId", runId);
    return with(changed -> changed.runId = runId);
  }

  /** Where {@code TRAINED_AT} is read from; must be serializable. The system's clock unless set. */
  public TrainPerKey withClock(Clock clock) {
    return with(changed -> changed.clock = clock);
  }

  /**
   * Takes the rows that cannot be used, in the global window; without it the first such row fails
   * the pipeline. A row in several windows is told of once.
   */
  public TrainPerKey withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new TrainPerKey(settings, handler);
  }

  /** The columns of a ledger row. */
  public static Schema ledgerSchema() {
    return Ledger.SCHEMA;
  }

  @Override
  public Result expand(PCollection<Row> input) {
    EndingWindows.check(input);
    WindowFn<?, ?> windows = input.getWindowingStrategy().getWindowFn();
    if (settings.runs != null && !(windows instanceof GlobalWindows)) {
      throw new IllegalArgumentException(
          "recordedIn: a run keeps one outcome per key, so the input must be in the global window,"
              + " found "
              + windows.getClass().getSimpleName()
              + "; leave out recordedIn, or apply Window.into(new GlobalWindows())");
    }
    RowReader reader = settings.reader(input.getSchema());
    KeyTrainer trainer = settings.keyTrainer(reader);
    BadRows badRows = BadRows.of(input.getSchema(), "TrainPerKey", errorHandler);
    String runId = settings.runId();
    TrainingRun run = settings.start(runId, trainer);
    KeyWork work = new KeyWork(trainer, settings, runId, run);
    boolean bySums = trainer.takesSums() && !settings.gathersRows;
    PackRows.Form form = bySums ? PackRows.Form.SUMS : PackRows.Form.ROWS;

    PCollectionTuple packed =
        input.apply(
            "PackRows",
            ParDo.of(
                    new PackRows(
                        reader, trainer, form, settings, badRows, ROWS_HELD_WHILE_PACKING, windows))
                .withOutputTags(PAGES, BadRows.tags(errorHandler)));
    BadRows.collect(packed, errorHandler);
    PCollection<KV<Integer, byte[]>> pages =
        packed.get(PAGES).setCoder(KvCoder.of(VarIntCoder.of(), ByteArrayCoder.of()));
    TupleTagList besideModels = TupleTagList.of(List.of(LEDGER, HELD_OUT, CURVES, IMPORTANCE));
    PCollectionTuple trained =
        bySums
            ? pages
                .apply("MergeSums", Combine.perKey(new MergeSums(trainer)))
                .apply(
                    "TrainKeys", ParDo.of(new TrainSums(work)).withOutputTags(MODELS, besideModels))
            : pages
                .apply("GroupKeys", GroupByKey.create())
                .apply(
                    "TrainKeys",
                    ParDo.of(new TrainRows(work)).withOutputTags(MODELS, besideModels));
    return new Result(trained, trainer.schema(), settings.tables, run);
  }

  /** The models, and what became of every key. */
  public static final class Result implements POutput {
    private final PCollection<CandidateModel> models;
    private final PCollection<Row> ledger;
    private final PCollection<Row> heldOut;
    private final PCollection<Row> curves;
    private final PCollection<Row> importance;
    private final Set<ModelTable> tables;
    private final @Nullable TrainingRun run;

    private Result(
        PCollectionTuple trained,
        TableSchema table,
        Set<ModelTable> tables,
        @Nullable TrainingRun run) {
      this.tables = tables;
      this.models = trained.get(MODELS);
      this.ledger = trained.get(LEDGER).setRowSchema(Ledger.SCHEMA);
      this.heldOut = trained.get(HELD_OUT).setRowSchema(Diagnostics.heldOutSchema(table));
      this.curves = trained.get(CURVES).setRowSchema(Diagnostics.CURVES);
      this.importance = trained.get(IMPORTANCE).setRowSchema(Diagnostics.IMPORTANCE);
      this.run = run;
    }

    /** One model for each key that could be trained. */
    public PCollection<CandidateModel> models() {
      return models;
    }

    /** One row for each key; the columns are those of {@link TrainPerKey#ledgerSchema()}. */
    public PCollection<Row> ledger() {
      return ledger;
    }

    /**
     * The rows that models were judged on, each with its prediction: {@code RUN_ID}, {@code SCOPE},
     * {@code MODEL_KEY}, {@code MODEL_DIGEST}, {@code TRAINER}, {@code FOLD} (of a backtest),
     * {@code WEIGHT}, {@code ACTUAL} and {@code PREDICTION} or, of a classifier, {@code
     * ACTUAL_CLASS}, {@code PREDICTED_CLASS} and {@code PROBABILITY}, and the features as the model
     * takes them, their names preceded by {@code FEATURE_}. None for keys taken from an earlier
     * attempt.
     */
    public PCollection<Row> heldOut() {
      return told(ModelTable.HELD_OUT, heldOut);
    }

    /**
     * How the error of each model fell from round to round: beside the model's columns {@code
     * DATASET}, {@code METRIC}, {@code ITERATION}, {@code VALUE}.
     */
    public PCollection<Row> curves() {
      return told(ModelTable.CURVES, curves);
    }

    /**
     * How much each model makes of each feature: beside the model's columns {@code FEATURE}, {@code
     * KIND} ({@code gain} or {@code split}), {@code VALUE}.
     */
    public PCollection<Row> importance() {
      return told(ModelTable.IMPORTANCE, importance);
    }

    private PCollection<Row> told(ModelTable table, PCollection<Row> rows) {
      if (!tables.contains(table)) {
        throw new IllegalStateException(
            "TrainPerKey does not tell "
                + table
                + ": ask for it by telling(ModelTable."
                + table
                + ")");
      }
      return rows;
    }

    /** The run that the outcomes are recorded in; empty unless {@link #recordedIn} was set. */
    public Optional<TrainingRun> run() {
      return Optional.ofNullable(run);
    }

    @Override
    public Pipeline getPipeline() {
      return models.getPipeline();
    }

    @Override
    public Map<TupleTag<?>, PValue> expand() {
      return Map.of(
          MODELS,
          models,
          LEDGER,
          ledger,
          HELD_OUT,
          heldOut,
          CURVES,
          curves,
          IMPORTANCE,
          importance);
    }

    @Override
    public void finishSpecifyingOutput(
        String transformName, PInput input, PTransform<?, ?> transform) {}
  }
}
