package dev.sheaf.transforms.training;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Parts the outcomes of keys into models and ledger rows. */
final class SplitOutcomes extends DoFn<KV<Integer, Iterable<KeyOutcome>>, CandidateModel> {
  private static final long serialVersionUID = 1L;

  private final Ledger ledger;

  SplitOutcomes(Ledger ledger) {
    this.ledger = ledger;
  }

  @ProcessElement
  public void process(
      @Element KV<Integer, Iterable<KeyOutcome>> gathered, MultiOutputReceiver out) {
    for (KeyOutcome outcome : gathered.getValue()) {
      KeyReport report = outcome.report();
      Row row = ledger.row(report);
      out.get(TrainPerKey.LEDGER).output(row);
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
      }
    }
  }

  private static Map<String, Double> metrics(KeyReport report) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, CandidateModel.RMSE, report.rmse());
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
