package dev.sheaf.transforms.training;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.TrainingStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Trains the model of one key; what goes wrong with a key ends in its ledger row. */
final class TrainKey extends DoFn<KV<String, Iterable<RowBlock>>, CandidateModel> {
  private static final long serialVersionUID = 1L;

  private final Counter keysTrained = Metrics.counter(TrainPerKey.class, "keys_trained");
  private final Counter keysNotTrained = Metrics.counter(TrainPerKey.class, "keys_not_trained");
  private final Distribution trainMicros =
      Metrics.distribution(TrainPerKey.class, "key_training_micro_secs");
  private final KeyTrainer trainer;
  private final Ledger ledger;

  TrainKey(KeyTrainer trainer, Ledger ledger) {
    this.trainer = trainer;
    this.ledger = ledger;
  }

  @ProcessElement
  public void process(@Element KV<String, Iterable<RowBlock>> keyed, MultiOutputReceiver out) {
    List<RowBlock> blocks = new ArrayList<>();
    keyed.getValue().forEach(blocks::add);
    KeyOutcome outcome = trainer.train(keyed.getKey(), blocks);
    KeyReport report = outcome.report();
    trainMicros.update((long) (report.seconds() * 1e6));
    Row row = ledger.row(report);
    out.get(TrainPerKey.LEDGER).output(row);
    byte[] onnx = outcome.onnx();
    if (report.status() == TrainingStatus.TRAINED && onnx != null) {
      keysTrained.inc();
      out.get(TrainPerKey.MODELS)
          .output(
              new CandidateModel(
                  report.key(),
                  onnx,
                  String.valueOf(report.digest()),
                  report.rows(),
                  metrics(report)));
    } else {
      keysNotTrained.inc();
    }
  }

  private static Map<String, Double> metrics(KeyReport report) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, "rmse", report.rmse());
    put(metrics, "mae", report.mae());
    put(metrics, "baselineRmse", report.baselineRmse());
    put(metrics, "parityError", report.parityError());
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, @Nullable Double value) {
    if (value != null) {
      metrics.put(name, value);
    }
  }
}
