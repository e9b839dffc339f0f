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
import dev.sheaf.transforms.rows.RowColumn;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of a bundle by key and scores each key's rows with one call of its model. */
final class ScoreRows extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final RunInference.Settings settings;
  private final Schema inputSchema;
  private final RowColumn key;
  private final Predictions predictions;
  private final BadRows badRows;
  private final Clock clock;

  private transient @Nullable Models models;
  private transient Map<String, Batch> batches = new HashMap<>();
  private transient Map<List<Feature>, RowColumn[]> columns = new HashMap<>();
  private transient Map<BatchShape, BatchBuffers> buffers = new HashMap<>();
  private transient int held;

  /** Where scored and refused rows go: out of a running bundle, or at its end. */
  private interface Output {
    void scored(Row row, Pending origin);

    void refused(BadRecord record, Pending origin);
  }

  ScoreRows(
      RunInference.Settings settings,
      Schema inputSchema,
      RowColumn key,
      Predictions predictions,
      BadRows badRows) {
    this.settings = settings;
    this.inputSchema = inputSchema;
    this.key = key;
    this.predictions = predictions;
    this.badRows = badRows;
    this.clock = settings.clock();
  }

  @Setup
  public void setup() {
    SessionCache.shared().reserve(settings.cacheBytes());
    columns = new HashMap<>();
    buffers = new HashMap<>();
    models = new Models(settings, metrics, Sleeper.DEFAULT);
  }

  @Teardown
  public void teardown() {
    buffers.values().forEach(BatchBuffers::close);
  }

  @StartBundle
  public void startBundle() {
    batches = new HashMap<>();
    held = 0;
    models().refresh();
  }

  @ProcessElement
  public void process(
      @Element Row row, @Timestamp Instant timestamp, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    Pending pending = new Pending(row, timestamp, window);
    Output output = duringBundle(out);
    String keyText = key.key(row);
    if (keyText == null) {
      refuse(pending, new BadRowException("the key " + key.name() + " is NULL"), output);
      return;
    }
    Batch batch = batches.computeIfAbsent(keyText, Batch::new);
    batch.add(pending);
    held++;
    if (batch.size() >= settings.maximumBatchSize()) {
      batches.remove(keyText);
      held -= batch.size();
      score(batch, output);
    } else if (held >= settings.rowsHeld()) {
      scoreAll(output);
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    scoreAll(atEnd(context));
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
    Optional<ModelRef> found = models().find(batch.key());
    if (found.isEmpty()) {
      metrics.rowsWithoutModel.inc(batch.size());
      java.time.Instant now = now();
      for (Pending pending : batch.rows()) {
        output.scored(
            predictions.row(pending.row(), null, null, null, FallbackLevel.NONE, now), pending);
      }
      return;
    }
    ModelRef ref = found.get();
    try (SessionCache.Lease lease = models().acquire(ref)) {
      scoreWith(lease.session(), ref, batch.rows(), output);
    } catch (ModelUnusableException e) {
      metrics.failedBatches.inc();
      BadRowException reason = new BadRowException(String.valueOf(e.getMessage()), e);
      for (Pending pending : batch.rows()) {
        refuse(pending, reason, output);
      }
    }
  }

  private void scoreWith(ModelSession session, ModelRef ref, List<Pending> rows, Output output)
      throws BadRowException {
    RowColumn[] features;
    try {
      features = columns.computeIfAbsent(session.features(), this::findColumns);
    } catch (IllegalArgumentException e) {
      throw new ModelUnusableException(ref, e);
    }
    double[][] values = new double[features.length][rows.size()];
    List<Pending> usable = new ArrayList<>(rows.size());
    for (Pending pending : rows) {
      try {
        for (int f = 0; f < features.length; f++) {
          values[f][usable.size()] = features[f].number(pending.row());
        }
        usable.add(pending);
      } catch (BadRowException refusal) {
        refuse(pending, refusal, output);
      }
    }
    predict(session, ref, values, 0, usable, output);
  }

  private BatchBuffers buffers(BatchShape shape) {
    return buffers.computeIfAbsent(shape, BatchBuffers::new);
  }

  private RowColumn[] findColumns(List<Feature> features) {
    return features.stream()
        .map(feature -> RowColumn.find(inputSchema, feature.name(), "the model's input"))
        .toArray(RowColumn[]::new);
  }

  /** Scores rows {@code first..} of {@code values}; a batch that fails is halved until one does. */
  private void predict(
      ModelSession session,
      ModelRef ref,
      double[][] values,
      int first,
      List<Pending> rows,
      Output output)
      throws BadRowException {
    if (rows.isEmpty()) {
      return;
    }
    double[] result = new double[rows.size()];
    try {
      long start = System.nanoTime();
      session.predict(
          buffers(session.shape()),
          InputColumns.ofNumbers(values, values[0].length),
          first,
          rows.size(),
          result,
          0);
      metrics.batchLatencyMicros.update((System.nanoTime() - start) / 1000);
    } catch (RuntimeException e) {
      metrics.failedBatches.inc();
      if (rows.size() == 1) {
        refuse(rows.get(0), new BadRowException(describe(ref) + ": " + e.getMessage(), e), output);
        return;
      }
      int half = rows.size() / 2;
      predict(session, ref, values, first, rows.subList(0, half), output);
      predict(session, ref, values, first + half, rows.subList(half, rows.size()), output);
      return;
    }
    metrics.inferences.inc(rows.size());
    metrics.batchSize.update(rows.size());
    metrics.batchByteSize.update((long) rows.size() * values.length * Double.BYTES);
    emit(ref, rows, result, output);
  }

  private void emit(ModelRef ref, List<Pending> rows, double[] result, Output output) {
    java.time.Instant now = now();
    String version = ref.version().toString();
    for (int i = 0; i < result.length; i++) {
      Pending pending = rows.get(i);
      Row row =
          predictions.row(pending.row(), result[i], ref.key(), version, FallbackLevel.KEY, now);
      output.scored(row, pending);
    }
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

  private static Output duringBundle(MultiOutputReceiver out) {
    return new Output() {
      @Override
      public void scored(Row row, Pending origin) {
        out.get(RunInference.SCORED)
            .builder(row)
            .setTimestamp(origin.timestamp())
            .setWindow(origin.window())
            .output();
      }

      @Override
      public void refused(BadRecord record, Pending origin) {
        out.get(BadRecordRouter.BAD_RECORD_TAG)
            .builder(record)
            .setTimestamp(origin.timestamp())
            .setWindow(origin.window())
            .output();
      }
    };
  }

  private static Output atEnd(DoFn<Row, Row>.FinishBundleContext context) {
    return new Output() {
      @Override
      public void scored(Row row, Pending origin) {
        context.output(RunInference.SCORED, row, origin.timestamp(), origin.window());
      }

      @Override
      public void refused(BadRecord record, Pending origin) {
        context.output(BadRecordRouter.BAD_RECORD_TAG, record, origin.timestamp(), origin.window());
      }
    };
  }
}
