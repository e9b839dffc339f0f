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
    batches = new HashMap<>();
    batchedRows = 0;
    scorer().startBundle();
  }

  @ProcessElement
  public void process(
      @Element Row row, @Timestamp Instant timestamp, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    RowScorer scoring = scorer();
    ChosenModel model;
    try {
      model = choice.choose(row, scoring.models().generation());
    } catch (BadRowException refusal) {
      scoring.refuse(row, timestamp, window, refusal, Output.during(out));
      return;
    }
    if (model == null) {
      scoring.leaveUnscored(row, timestamp, window, Output.during(out));
      return;
    }
    CachedModel cached = model.cached();
    if (cached != null
        && cached.model() instanceof Weighted weighted
        && scoring.addMixed(row, timestamp, window, model, cached, weighted, out)) {
      return;
    }
    addToBatch(row, timestamp, window, model, out);
  }

  /** Rows whose models have sessions of their own or are not loaded at the moment. */
  private void addToBatch(
      Row row, Instant timestamp, BoundedWindow window, ChosenModel model, MultiOutputReceiver out)
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
      batch.add(row, timestamp, window);
    } catch (BadRowException refusal) {
      scorer().refuse(row, timestamp, window, refusal, Output.during(out));
      return;
    }
    batchedRows++;
    Manner manner = model.manner();
    boolean mixed = manner != null && manner.mixed();
    if (mixed || batch.size() >= settings.maximumBatchSize()) {
      batches.remove(model);
      batchedRows -= batch.size();
      scorer().score(batch, Output.during(out));
    } else if (batchedRows >= settings.rowsHeld()) {
      scoreBatches(Output.during(out));
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    Output output = Output.atEnd(context);
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
