package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.BatchShape;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.inference.Batch.Pending;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of a bundle by model and scores those of each model with one call. */
final class ScoreRows extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final RunInference.Settings settings;
  private final Schema inputSchema;
  private final ModelChoice choice;
  private final Predictions predictions;
  private final BadRows badRows;
  private final Clock clock;
  private final ProviderCheck provider;

  private transient @Nullable Models models;
  private transient Map<String, Batch> batches = new HashMap<>();
  private transient Map<List<Feature>, Inputs> inputs = new HashMap<>();
  private transient Map<BatchShape, BatchBuffers> buffers = new HashMap<>();
  private transient int held;

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
    this.clock = settings.clock();
    this.provider = new ProviderCheck(settings.provider());
  }

  @Setup
  public void setup() {
    provider.setup();
    SessionCache.shared().reserve(settings.cacheBytes());
    inputs = new HashMap<>();
    buffers = new HashMap<>();
    models = new Models(settings, metrics, Sleeper.DEFAULT);
  }

  @Teardown
  public void teardown() {
    buffers.values().forEach(BatchBuffers::close);
  }

  @StartBundle
  public void startBundle() {
    provider.startBundle(metrics.providerFallbacks);
    batches = new HashMap<>();
    held = 0;
    models().refresh();
  }

  @ProcessElement
  public void process(
      @Element Row row, @Timestamp Instant timestamp, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    Pending pending = new Pending(row, timestamp, window);
    Output output = Output.during(out);
    Optional<ModelRef> model;
    try {
      model = choice.choose(row, models());
    } catch (BadRowException refusal) {
      refuse(pending, refusal, output);
      return;
    }
    if (model.isEmpty()) {
      metrics.rowsWithoutModel.inc();
      output.scored(predictions.unscored(row, now()), pending);
      return;
    }
    Batch batch = batches.computeIfAbsent(model.get().key(), k -> new Batch(model.get()));
    batch.add(pending);
    held++;
    if (batch.size() >= settings.maximumBatchSize()) {
      batches.remove(batch.model().key());
      held -= batch.size();
      score(batch, output);
    } else if (held >= settings.rowsHeld()) {
      scoreAll(output);
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    scoreAll(Output.atEnd(context));
    metrics.batchLatency.flush();
    metrics.cacheEvictions.inc(SessionCache.shared().takeEvictions());
    metrics.cacheBytes.set(SessionCache.shared().heldBytes());
  }

  /** Rows held back keep their own timestamps, which may lie before that of a later row. */
  @Override
  @SuppressWarnings(
      "deprecation") // There is no other way to emit held rows before the bundle ends.
  public Duration getAllowedTimestampSkew() {
    return Duration.millis(Long.MAX_VALUE);
  }

  private void scoreAll(Output output) throws BadRowException {
    for (Batch batch : batches.values()) {
      score(batch, output);
    }
    batches = new HashMap<>();
    held = 0;
  }

  private void score(Batch batch, Output output) throws BadRowException {
    try (SessionCache.Lease lease = models().acquire(batch.model())) {
      scoreWith(lease.session(), batch, output);
    } catch (ModelUnusableException e) {
      metrics.failedBatches.inc();
      BadRowException reason = new BadRowException(String.valueOf(e.getMessage()), e);
      for (Pending pending : batch.rows()) {
        refuse(pending, reason, output);
      }
    }
  }

  private void scoreWith(ModelSession session, Batch batch, Output output) throws BadRowException {
    Inputs reader;
    try {
      predictions.check(session.classes());
      reader =
          inputs.computeIfAbsent(session.features(), features -> new Inputs(features, inputSchema));
    } catch (IllegalArgumentException e) {
      throw new ModelUnusableException(batch.model(), e);
    }
    InputColumns columns = reader.columns(batch.size());
    List<Pending> usable = new ArrayList<>(batch.size());
    for (Pending pending : batch.rows()) {
      try {
        reader.read(pending.row(), columns, usable.size());
        usable.add(pending);
      } catch (BadRowException refusal) {
        refuse(pending, refusal, output);
      }
    }
    predict(new Call(session, batch.model(), reader, columns), 0, usable, output);
  }

  /** A model and the inputs of the rows that it is to score. */
  private record Call(ModelSession session, ModelRef model, Inputs reader, InputColumns columns) {}

  /** Scores the rows whose inputs begin at a place; a batch that fails is halved until one does. */
  private void predict(Call call, int first, List<Pending> rows, Output output)
      throws BadRowException {
    if (rows.isEmpty()) {
      return;
    }
    ModelSession session = call.session();
    Answers answers = new Answers(rows.size(), session.classes());
    try {
      long start = System.nanoTime();
      session.predict(
          buffers.computeIfAbsent(session.shape(), BatchBuffers::new),
          call.columns(),
          first,
          rows.size(),
          answers.values(),
          0);
      metrics.batchLatency.record(System.nanoTime() - start);
    } catch (RuntimeException e) {
      metrics.failedBatches.inc();
      if (rows.size() == 1) {
        refuse(rows.get(0), refusal(call.model(), e), output);
        return;
      }
      int half = rows.size() / 2;
      predict(call, first, rows.subList(0, half), output);
      predict(call, first + half, rows.subList(half, rows.size()), output);
      return;
    }
    metrics.inferences.inc(rows.size());
    metrics.batchSize.update(rows.size());
    metrics.batchByteSize.update(call.reader().byteSize(call.columns(), first, rows.size()));
    emit(call.model(), rows, answers, output);
  }

  private void emit(ModelRef model, List<Pending> rows, Answers answers, Output output)
      throws BadRowException {
    java.time.Instant now = now();
    for (int i = 0; i < rows.size(); i++) {
      Pending pending = rows.get(i);
      Row row;
      try {
        row = predictions.scored(pending.row(), answers, i, model, now);
      } catch (BadRowException e) {
        refuse(pending, refusal(model, e), output);
        continue;
      }
      output.scored(row, pending);
    }
  }

  private static BadRowException refusal(ModelRef model, Exception cause) {
    return new BadRowException(describe(model) + ": " + cause.getMessage(), cause);
  }

  private void refuse(Pending pending, BadRowException refusal, Output output)
      throws BadRowException {
    metrics.rowsRefused.inc();
    output.refused(badRows.record(pending.row(), refusal), pending);
  }

  private java.time.Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  static String describe(ModelRef ref) {
    return "the model of key \"" + ref.key() + "\" in version " + ref.version();
  }

  private Models models() {
    if (models == null) {
      throw new IllegalStateException("ScoreRows is used before its setup");
    }
    return models;
  }
}
