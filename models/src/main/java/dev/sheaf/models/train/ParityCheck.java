package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.List;

/** Runs an exported model in ONNX Runtime against its trainer's own predictions. */
final class ParityCheck {
  /** Rows taken from the training rows, evenly spread. */
  private static final int TRAINING_SAMPLE = 256;

  private ParityCheck() {}

  /**
   * The rows to compare on: those held out, a sample of those trained on, and one of them with each
   * feature missing in turn and with all missing.
   */
  static RowBlock probes(RowBlock train, RowBlock holdout) {
    int sampled = Math.min(TRAINING_SAMPLE, train.rows());
    int[] sample = new int[sampled];
    for (int i = 0; i < sampled; i++) {
      sample[i] = (int) ((long) i * train.rows() / sampled);
    }
    int features = train.features();
    int[] varied = new int[features + 1];
    for (int f = 0; f < features; f++) {
      varied[f] = (int) ((long) f * train.rows() / features);
    }
    RowBlock missing = train.select(varied).withMissing(row -> row < features ? row : RowBlock.ALL);
    return RowBlock.concat(List.of(holdout, train.select(sample), missing));
  }

  /** The largest difference, relative to the larger of the trainer's prediction and the scale. */
  static double error(
      byte[] onnx, TableSchema schema, RowBlock probes, double[] expected, double scale) {
    double[] found;
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      if (!session.features().equals(schema.features())) {
        throw new IllegalStateException(
            "the exported model has the inputs "
                + session.features()
                + " instead of "
                + schema.features());
      }
      found = session.predict(InputColumns.of(schema.features(), probes));
    }
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs(found[i] - expected[i]);
      // Math.max hands a NaN on, so that a model that predicts NaN is never accepted.
      worst = Math.max(worst, difference / Math.max(scale, Math.abs(expected[i])));
    }
    return worst;
  }

  /** What differences are relative to: the mean absolute label; of probabilities 1. */
  static double scale(Task task, RowBlock train) {
    if (task.isClassification()) {
      return 1;
    }
    double[] magnitudes = train.labels().clone();
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(magnitudes[i]);
    }
    return Math.max(Guess.mean(magnitudes, null), Double.MIN_NORMAL);
  }
}
