package dev.sheaf.models.train;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of one key: a row of the ledger.
 *
 * @param key the key
 * @param status how it ended
 * @param reason why there is no model, or what to know about it; may be empty
 * @param rows all rows of the key
 * @param trainRows the rows trained on
 * @param holdoutRows the rows held out; of a backtest those of all windows
 * @param metrics measured on the rows held out, by name; empty without a model or such rows
 * @param losses what a gate goes by
 * @param scores the losses of the trainers that were compared, by their texts; empty if there was
 *     no choice
 * @param seconds the time taken
 * @param peakBytes the bytes of the rows and of the model held at once, by count; what a native
 *     library takes beside them is not in it
 * @param parityError the largest relative difference between the exported model and its trainer
 * @param trainer the name of the trainer that made the model
 * @param fingerprint SHA-256 of data, schema, holdout and trainer: equal fingerprints, equal models
 * @param digest SHA-256 of the ONNX file; null without a model
 * @param reused whether all this is from an earlier attempt at the same run
 */
public record KeyReport(
    String key,
    TrainingStatus status,
    String reason,
    long rows,
    long trainRows,
    long holdoutRows,
    SortedMap<String, Double> metrics,
    Losses losses,
    SortedMap<String, Double> scores,
    double seconds,
    long peakBytes,
    @Nullable Double parityError,
    String trainer,
    String fingerprint,
    @Nullable String digest,
    boolean reused) {
  public KeyReport {
    metrics = copy(metrics);
    scores = copy(scores);
  }

  private static SortedMap<String, Double> copy(Map<String, Double> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** A metric by its name, or null if it was not measured. */
  public @Nullable Double metric(String name) {
    return metrics.get(name);
  }

  /** The same report as that of an earlier attempt, with the losses as they are now. */
  KeyReport asReused(Losses newLosses) {
    return new KeyReport(
        key,
        status,
        reason,
        rows,
        trainRows,
        holdoutRows,
        metrics,
        newLosses,
        scores,
        seconds,
        peakBytes,
        parityError,
        trainer,
        fingerprint,
        digest,
        true);
  }
}
