package dev.sheaf.transforms.training;

import dev.sheaf.models.runs.RunWriter;
import dev.sheaf.models.runs.TrainingRun;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.KeyTrainings;
import dev.sheaf.models.train.TrainingStatus;
import java.io.Serializable;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/**
 * What the steps that train keys share: opening and closing what a worker needs, and where a key's
 * outcome goes, the run's own record first.
 */
final class KeyWork implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Counter keysTrained = Metrics.counter(TrainPerKey.class, "keys_trained");
  private final Counter keysNotTrained = Metrics.counter(TrainPerKey.class, "keys_not_trained");
  private final Counter keysReused = Metrics.counter(TrainPerKey.class, "keys_reused");
  private final Distribution trainMicros =
      Metrics.distribution(TrainPerKey.class, "key_training_micro_secs");
  private final KeyTrainer trainer;
  private final String runId;
  private final Ledger ledger;
  private final Diagnostics diagnostics;
  private final @Nullable TrainingRun run;
  private final @Nullable ModelStore champions;
  private final Set<ModelTable> tables;
  private final Clock clock;

  private transient @Nullable RunHistory history;
  private transient @Nullable KeyTrainings trainings;
  private transient @Nullable RunWriter writer;

  KeyWork(KeyTrainer trainer, Settings settings, String runId, @Nullable TrainingRun run) {
    this.trainer = trainer;
    this.runId = runId;
    this.ledger = new Ledger(settings.clock);
    this.diagnostics = new Diagnostics(trainer.schema());
    this.run = run;
    this.champions = settings.champions;
    this.tables = settings.tables;
    this.clock = settings.clock;
  }

  KeyTrainer trainer() {
    return trainer;
  }

  void open() {
    RunHistory opened =
        new RunHistory(run == null ? null : run.sharedLedger().refresh(), champions);
    history = opened;
    trainings = trainer.open(opened);
    writer = run == null ? null : run.writer(clock);
  }

  /** To be called as a bundle begins. */
  void begin() {
    Objects.requireNonNull(history, "a bundle begins before the setup").refresh();
  }

  /**
   * Writes down what this worker has finished: a bundle that is done is not done again, so what it
   * trained must be found even if the worker dies now.
   */
  void flush() {
    if (writer != null) {
      writer.flush();
    }
  }

  void close() {
    if (trainings != null) {
      trainings.close();
      trainings = null;
    }
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  KeyTrainings trainings() {
    return Objects.requireNonNull(trainings, "keys are trained before the setup");
  }

  void emit(KeyOutcome outcome, BoundedWindow window, MultiOutputReceiver out) {
    String name = nameIn(window);
    KeyReport report = outcome.report();
    if (writer != null) {
      if (report.reused()) {
        writer.skip(report.key());
      } else {
        writer.add(LedgerTexts.finished(outcome));
      }
    }
    count(report);
    out.get(TrainPerKey.LEDGER).output(ledger.row(name, report));
    byte[] onnx = outcome.onnx();
    if (onnx != null) {
      CandidateModel model =
          new CandidateModel(
              report.key(),
              onnx,
              Objects.requireNonNull(report.digest()),
              report.rows(),
              metrics(report));
      out.get(TrainPerKey.MODELS).output(model);
      if (tables.contains(ModelTable.HELD_OUT)) {
        diagnostics.heldOut(name, outcome, row -> output(out, TrainPerKey.HELD_OUT, row));
      }
      if (tables.contains(ModelTable.CURVES)) {
        diagnostics.curves(name, outcome, row -> output(out, TrainPerKey.CURVES, row));
      }
      if (tables.contains(ModelTable.IMPORTANCE)) {
        diagnostics.importance(name, outcome, row -> output(out, TrainPerKey.IMPORTANCE, row));
      }
    }
  }

  /** The run's name and, of a window, that of the version which publishing makes of it. */
  private String nameIn(BoundedWindow window) {
    return window instanceof GlobalWindow
        ? runId
        : runId + "-" + VersionId.at(EndingWindows.endOf(window));
  }

  private static void output(MultiOutputReceiver out, TupleTag<Row> tag, Row row) {
    out.get(tag).output(row);
  }

  private void count(KeyReport report) {
    if (report.reused()) {
      keysReused.inc();
    } else {
      trainMicros.update((long) (report.seconds() * 1e6));
    }
    (report.status() == TrainingStatus.TRAINED ? keysTrained : keysNotTrained).inc();
  }

  private static Map<String, Double> metrics(KeyReport report) {
    Map<String, Double> metrics = new LinkedHashMap<>(report.metrics());
    put(metrics, CandidateModel.LOSS, report.losses().model());
    put(metrics, CandidateModel.BASELINE_LOSS, report.losses().baseline());
    put(metrics, CandidateModel.CHAMPION_LOSS, report.losses().champion());
    put(metrics, "parity_error", report.parityError());
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, @Nullable Double value) {
    if (value != null) {
      metrics.put(name, value);
    }
  }
}
