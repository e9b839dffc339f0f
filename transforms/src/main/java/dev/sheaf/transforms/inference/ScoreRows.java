package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.inference.ChosenModel.Manner;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.HashMap;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the rows of a bundle and scores them: those of models that share a template with one call
 * whatever their keys, those of other models with one call per model.
 */
final class ScoreRows extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final RunInference.Settings settings;
  private final Schema inputSchema;
  private final ModelChoice choice;
  private final Predictions predictions;
  private final BadRows badRows;
  private final ProviderCheck provider;

  private transient @Nullable RowScorer scorer;
  private transient Intake intake = new Intake();
  private transient Map<ChosenModel, Batch> batches = new HashMap<>();
  private transient int batchedRows;

  ScoreRows(
      RunInference.Settings settings,
      Schema inputSchema,
      ModelChoice choice,
      Predictions predictions,
      BadRows badRows) {
    this.settings = settings;
    this.inputSchema = inputSchema;
    this.choice = choice;
    this.predictions = predictions;
    this.badRows = badRows;
    this.provider = new ProviderCheck(settings.provider());
  }

  @Setup
  public void setup() {
    provider.setup();
    intake = new Intake();
    Models models = new Models(settings, metrics, Sleeper.DEFAULT);
    scorer = new RowScorer(models, metrics, settings, inputSchema, predictions, badRows);
  }

  @Teardown
  public void teardown() {
    if (scorer != null) {
      scorer.close();
      scorer = null;
    }
  }

  @StartBundle
  public void startBundle() {
    provider.startBundle(metrics.providerFallbacks);
    intake.clear();
    batches = new HashMap<>();
    batchedRows = 0;
    scorer().startBundle();
  }

  @ProcessElement
  public void process(
      @Element Row row, @Timestamp Instant timestamp, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    intake.rows().add(row, timestamp, window);
    if (intake.isFull()) {
      sort(Output.during(out));
    }
  }

  /** Takes the rows that came last to where they wait to be scored. */
  private void sort(Output output) throws BadRowException {
    HeldRows rows = intake.rows();
    for (int i = 0; i < rows.size(); i++) {
      String key = null;
      try {
        key = choice.keyOf(rows.row(i));
      } catch (BadRowException refusal) {
        scorer().refuse(rows, i, refusal, output);
      }
      intake.key(i, key);
    }
    Generation serving = scorer().models().generation();
    intake.choose(serving);
    for (int i = 0; i < rows.size(); i++) {
      if (intake.chosen(i) == null && intake.hasKey(i)) {
        chooseOther(i, serving, output);
      }
    }
    intake.find();
    for (int i = 0; i < rows.size(); i++) {
      ChosenModel model = intake.chosen(i);
      CachedModel cached = intake.cached(i);
      Weighted weighted = intake.weighted(i);
      if (model != null
          && (cached == null
              || weighted == null
              || !scorer().addMixed(rows, i, model, cached, weighted, output))) {
        addToBatch(rows, i, model, output);
      }
    }
    intake.clear();
  }

  private void chooseOther(int place, Generation serving, Output output) throws BadRowException {
    HeldRows rows = intake.rows();
    ChosenModel model;
    try {
      model = choice.fallback(rows.row(place), serving);
    } catch (BadRowException refusal) {
      scorer().refuse(rows, place, refusal, output);
      return;
    }
    if (model == null) {
      scorer().leaveUnscored(rows, place, output);
    }
    intake.choose(place, model);
  }

  /** Rows whose models have sessions of their own or are not loaded at the moment. */
  private void addToBatch(HeldRows rows, int place, ChosenModel model, Output output)
      throws BadRowException {
    Batch batch = batches.get(model);
    if (batch == null) {
      Manner manner = model.manner();
      batch =
          new Batch(
              model,
              manner == null || manner.mixed() ? null : scorer().knownInputs(manner.features()));
      batches.put(model, batch);
    }
    try {
      batch.add(rows.row(place), rows.timestamp(place), rows.window(place));
    } catch (BadRowException refusal) {
      scorer().refuse(rows, place, refusal, output);
      return;
    }
    batchedRows++;
    Manner manner = model.manner();
    boolean mixed = manner != null && manner.mixed();
    if (mixed || batch.size() >= settings.maximumBatchSize()) {
      batches.remove(model);
      batchedRows -= batch.size();
      scorer().score(batch, output);
    } else if (batchedRows >= settings.rowsHeld()) {
      scoreBatches(output);
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    Output output = Output.atEnd(context);
    sort(output);
    scoreBatches(output);
    scorer().finishBundle(output);
    metrics.batchLatency.flush();
  }

  /** Rows held back keep their own timestamps, which may lie before that of a later row. */
  @Override
  @SuppressWarnings(
      "deprecation") // There is no other way to emit held rows before the bundle ends.
  public Duration getAllowedTimestampSkew() {
    return Duration.millis(Long.MAX_VALUE);
  }

  private void scoreBatches(Output output) throws BadRowException {
    for (Batch batch : batches.values()) {
      scorer().score(batch, output);
    }
    batches = new HashMap<>();
    batchedRows = 0;
  }

  static String describe(ModelRef ref) {
    return "the model of key \"" + ref.key() + "\" in version " + ref.version();
  }

  private RowScorer scorer() {
    if (scorer == null) {
      throw new IllegalStateException("ScoreRows is used before its setup");
    }
    return scorer;
  }
}
