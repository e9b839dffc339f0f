package dev.sheaf.transforms.training;

import dev.sheaf.models.runs.FinishedKey;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.Losses;
import dev.sheaf.models.train.TrainingStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A key's outcome as a run keeps it: the report's parts as texts, by the ledger's columns. */
final class LedgerTexts {
  private static final String METRIC = "METRIC.";
  private static final String SCORE = "SCORE.";

  private LedgerTexts() {}

  static FinishedKey finished(KeyOutcome outcome) {
    KeyReport report = outcome.report();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(FinishedKey.REASON, report.reason());
    texts.put(FinishedKey.ROWS, Long.toString(report.rows()));
    texts.put("TRAIN_ROWS", Long.toString(report.trainRows()));
    texts.put("HOLDOUT_ROWS", Long.toString(report.holdoutRows()));
    report.metrics().forEach((name, value) -> texts.put(METRIC + name, value.toString()));
    Losses losses = report.losses();
    texts.put("LOSS_NAME", losses.name());
    put(texts, "LOSS", losses.model());
    put(texts, "BASELINE_LOSS", losses.baseline());
    put(texts, "CHAMPION_LOSS", losses.champion());
    put(texts, "CHAMPION_VERSION", losses.championVersion());
    report.scores().forEach((name, value) -> texts.put(SCORE + name, value.toString()));
    put(texts, "PARITY_ERROR", report.parityError());
    texts.put(FinishedKey.SECONDS, Double.toString(report.seconds()));
    texts.put("PEAK_BYTES", Long.toString(report.peakBytes()));
    texts.put("TRAINER", report.trainer());
    put(texts, "MODEL_DIGEST", report.digest());
    return new FinishedKey(
        report.key(), report.status().name(), report.fingerprint(), texts, outcome.onnx());
  }

  private static void put(Map<String, String> texts, String name, @Nullable Object value) {
    if (value != null) {
      texts.put(name, value.toString());
    }
  }

  static KeyOutcome outcome(FinishedKey finished) {
    Map<String, String> texts = finished.ledger();
    KeyReport report =
        new KeyReport(
            finished.key(),
            TrainingStatus.valueOf(finished.status()),
            finished.reason(),
            number(texts, FinishedKey.ROWS),
            number(texts, "TRAIN_ROWS"),
            number(texts, "HOLDOUT_ROWS"),
            named(texts, METRIC),
            new Losses(
                texts.getOrDefault("LOSS_NAME", ""),
                decimal(texts, "LOSS"),
                decimal(texts, "BASELINE_LOSS"),
                decimal(texts, "CHAMPION_LOSS"),
                texts.get("CHAMPION_VERSION")),
            named(texts, SCORE),
            Double.parseDouble(texts.getOrDefault(FinishedKey.SECONDS, "0")),
            number(texts, "PEAK_BYTES"),
            decimal(texts, "PARITY_ERROR"),
            texts.getOrDefault("TRAINER", ""),
            finished.fingerprint(),
            texts.get("MODEL_DIGEST"),
            true);
    return new KeyOutcome(report, finished.onnx());
  }

  private static long number(Map<String, String> texts, String name) {
    return Long.parseLong(texts.getOrDefault(name, "0"));
  }

  private static @Nullable Double decimal(Map<String, String> texts, String name) {
    String text = texts.get(name);
    return text == null ? null : (Double) Double.parseDouble(text);
  }

  private static SortedMap<String, Double> named(Map<String, String> texts, String prefix) {
    SortedMap<String, Double> values = new TreeMap<>();
    texts.forEach(
        (name, text) -> {
          if (name.startsWith(prefix)) {
            values.put(name.substring(prefix.length()), Double.parseDouble(text));
          }
        });
    return values;
  }
}
