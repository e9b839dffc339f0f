package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.failure.BadRows;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
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
 * <p><b>Input.</b> A bounded {@link PCollection} with a schema. The label and the features are
 * columns of numbers, booleans (0 or 1) or text that is a number; NULL in a feature is a missing
 * value, which every trainer handles. The key may be a number, boolean, text, date or time and
 * becomes text: whole numbers without a decimal point. Column names match without regard to case.
 *
 * <p><b>Output.</b> {@link Result#models()}: the trained models as ONNX, each of them run in ONNX
 * Runtime against its own trainer before it is let out. {@link Result#ledger()}: one row per key,
 * whether it was trained or not, with the columns of {@link #ledgerSchema()}. The model is fitted
 * to the training rows only; the holdout's rows are used for {@code RMSE}, {@code MAE} and {@code
 * BASELINE_RMSE} (the error of always predicting the mean label of the training rows), which are
 * NULL without a holdout. Windows are kept: a model per key and window, stamped with the window's
 * end.
 *
 * <p><b>Cost.</b> Rows are packed into primitive columns per key and bundle, 8 bytes a number,
 * before they are shuffled; the models are shuffled once more, gathered into bundles. Keys are
 * trained in parallel; all rows of one key must fit in a worker's memory, and {@link
 * #withMaximumRows} bounds them: a key is held no further than to that number of rows.
 *
 * <p><b>Repeatability.</b> A trainer sees a key's rows in one canonical order, whatever the runner
 * and its parallelism, so that the same rows give the same bytes.
 *
 * <p><b>Errors.</b> A missing or unsuitable column fails when the pipeline is built. A row whose
 * key is NULL, whose label is missing or whose numbers cannot be read goes to the handler of {@link
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

  static final TupleTag<KV<String, RowBlock>> BLOCKS = new TupleTag<>("blocks") {};
  static final TupleTag<CandidateModel> MODELS = new TupleTag<>("models") {};
  static final TupleTag<Row> LEDGER = new TupleTag<>("ledger") {};

  private static final int ROWS_HELD_WHILE_PACKING = 1_000_000;

  private final Settings settings;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  private TrainPerKey(Settings settings, @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.settings = settings;
    this.errorHandler = errorHandler;
  }

  /** One model for each value of {@code keyColumn}. */
  public static TrainPerKey on(String keyColumn) {
    return new TrainPerKey(Settings.on(keyColumn), null);
  }

  /** The column to predict. Required. */
  public TrainPerKey withLabel(String column) {
    return new TrainPerKey(settings.withLabel(column), errorHandler);
  }

  /** The columns to predict from, at least one. Required. */
  public TrainPerKey withFeatures(String... columns) {
    return withFeatures(List.of(columns));
  }

  /** The columns to predict from, at least one. Required. */
  public TrainPerKey withFeatures(List<String> columns) {
    return new TrainPerKey(settings.withFeatures(columns), errorHandler);
  }

  /** The algorithm; {@code Linear.regression()} unless set. */
  public TrainPerKey withTrainer(Trainer trainer) {
    return new TrainPerKey(settings.withTrainer(trainer), errorHandler);
  }

  /** The rows kept out of training, to judge the model by; {@code Holdout.none()} unless set. */
  public TrainPerKey withHoldout(Holdout holdout) {
    return new TrainPerKey(settings.withHoldout(holdout), errorHandler);
  }

  /**
   * Training rows below which a key is {@code TOO_FEW_ROWS}; at least 1, by default what the
   * trainer needs. Raise it where a model of a handful of rows is worth nothing.
   */
  public TrainPerKey withMinimumRows(int rows) {
    return new TrainPerKey(settings.withMinimumRows(rows), errorHandler);
  }

  /**
   * Rows above which a key is {@code TOO_LARGE}; by default 20 million. Lower it to what a worker's
   * memory holds: a row takes 8 bytes for each feature and 24 more, three times over while
   * training.
   */
  public TrainPerKey withMaximumRows(int rows) {
    return new TrainPerKey(settings.withMaximumRows(rows), errorHandler);
  }

  /** The name of this run in the ledger; a name made from the time unless set. */
  public TrainPerKey withRunId(String runId) {
    return new TrainPerKey(settings.withRunId(runId), errorHandler);
  }

  /** Where {@code TRAINED_AT} is read from; must be serializable. The system's clock unless set. */
  public TrainPerKey withClock(Clock clock) {
    return new TrainPerKey(settings.withClock(clock), errorHandler);
  }

  /** Takes the rows that cannot be used; without it the first such row fails the pipeline. */
  public TrainPerKey withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new TrainPerKey(settings, handler);
  }

  /** The columns of a ledger row. */
  public static Schema ledgerSchema() {
    return Ledger.SCHEMA;
  }

  @Override
  public Result expand(PCollection<Row> input) {
    if (input.isBounded() == IsBounded.UNBOUNDED) {
      throw new IllegalArgumentException(
          "TrainPerKey cannot train on an unbounded input; found " + input.getName());
    }
    RowReader reader = settings.reader(input.getSchema());
    KeyTrainer trainer = settings.keyTrainer(reader.tableSchema());
    BadRows badRows = BadRows.of(input.getSchema(), "TrainPerKey", errorHandler);

    PCollectionTuple packed =
        input.apply(
            "PackRows",
            ParDo.of(new PackRows(reader, badRows, ROWS_HELD_WHILE_PACKING))
                .withOutputTags(BLOCKS, TupleTagList.of(BadRecordRouter.BAD_RECORD_TAG)));
    BadRows.collect(packed.get(BadRecordRouter.BAD_RECORD_TAG), errorHandler);
    PCollectionTuple trained =
        packed
            .get(BLOCKS)
            .setCoder(KvCoder.of(StringUtf8Coder.of(), RowBlockCoder.of()))
            .apply("GroupByKey", GroupByKey.create())
            .apply("TrainKey", ParDo.of(new TrainKey(trainer)))
            .setCoder(KvCoder.of(VarIntCoder.of(), new KeyOutcomeCoder()))
            .apply("GatherOutcomes", GroupByKey.create())
            .apply(
                "SplitOutcomes",
                ParDo.of(new SplitOutcomes(settings.ledger()))
                    .withOutputTags(MODELS, TupleTagList.of(LEDGER)));
    return new Result(trained.get(MODELS), trained.get(LEDGER).setRowSchema(Ledger.SCHEMA));
  }

  /** The models, and what became of every key. */
  public static final class Result implements POutput {
    private final PCollection<CandidateModel> models;
    private final PCollection<Row> ledger;

    private Result(PCollection<CandidateModel> models, PCollection<Row> ledger) {
      this.models = models;
      this.ledger = ledger;
    }

    /** One model for each key that could be trained. */
    public PCollection<CandidateModel> models() {
      return models;
    }

    /** One row for each key; the columns are those of {@link TrainPerKey#ledgerSchema()}. */
    public PCollection<Row> ledger() {
      return ledger;
    }

    @Override
    public Pipeline getPipeline() {
      return models.getPipeline();
    }

    @Override
    public Map<TupleTag<?>, PValue> expand() {
      return Map.of(MODELS, models, LEDGER, ledger);
    }

    @Override
    public void finishSpecifyingOutput(
        String transformName, PInput input, PTransform<?, ?> transform) {}
  }

  /** The default trainer. */
  static Trainer defaultTrainer() {
    return Linear.regression();
  }
}
