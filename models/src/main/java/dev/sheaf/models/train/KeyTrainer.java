package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.Serializable;

/**
 * Trains one key from its rows to a checked ONNX model.
 *
 * <p>The rows are put into canonical order, split, fitted, judged on the rows held out beside the
 * mean label as a naive baseline, exported, and the exported model is run in ONNX Runtime against
 * the trainer's own predictions. A key that cannot be trained ends as a status with its reason,
 * never as an exception. The same rows give the same bytes, in whatever blocks they come.
 *
 * <p>A value, shared by threads.
 */
public final class KeyTrainer implements Serializable {
  private static final double DEFAULT_PARITY_TOLERANCE = 1e-5;

  private final Trainer trainer;
  private final Holdout holdout;
  private final TableSchema schema;
  private final long minimumRows;
  private final long maximumRows;
  private final double parityTolerance;

  private KeyTrainer(
      Trainer trainer,
      Holdout holdout,
      TableSchema schema,
      long minimumRows,
      long maximumRows,
      double parityTolerance) {
    this.trainer = trainer;
    this.holdout = holdout;
    this.schema = schema;
    this.minimumRows = minimumRows;
    this.maximumRows = maximumRows;
    this.parityTolerance = parityTolerance;
  }

  /** Trains with this trainer, on the rows that this holdout leaves. */
  public static KeyTrainer of(Trainer trainer, Holdout holdout, TableSchema schema) {
    check(
        !schema.featureNames().contains(ModelSession.OUTPUT),
        "a feature's name",
        ModelSession.OUTPUT,
        "another name, as this is the name of the model's output");
    return new KeyTrainer(trainer, holdout, schema, 1, Integer.MAX_VALUE, DEFAULT_PARITY_TOLERANCE);
  }

  /**
   * The fewest rows to train on, at least 1; a key with fewer is {@link
   * TrainingStatus#TOO_FEW_ROWS}. The trainer's own minimum holds in any case, and is the default.
   */
  public KeyTrainer withMinimumRows(long rows) {
    check(rows >= 1, "the fewest rows to train on", rows, "1 or more");
    return new KeyTrainer(trainer, holdout, schema, rows, maximumRows, parityTolerance);
  }

  /**
   * The most rows of a key, at least 1; a key with more is {@link TrainingStatus#TOO_LARGE}.
   * Default: no limit but memory.
   */
  public KeyTrainer withMaximumRows(long rows) {
    check(rows >= 1, "the most rows of a key", rows, "1 or more");
    return new KeyTrainer(trainer, holdout, schema, minimumRows, rows, parityTolerance);
  }

  /**
   * The largest difference allowed between the exported model and its trainer, relative to the
   * larger of the prediction and the mean absolute label; above 0, default 1e-5. A model beyond it
   * is {@link TrainingStatus#REJECTED}.
   */
  public KeyTrainer withParityTolerance(double tolerance) {
    check(tolerance > 0, "the parity tolerance", tolerance, "a number above 0");
    return new KeyTrainer(trainer, holdout, schema, minimumRows, maximumRows, tolerance);
  }

  private static void check(boolean valid, String what, Object found, String rule) {
    if (!valid) {
      throw new IllegalArgumentException(
          "cannot set " + what + " to " + found + ": it must be " + rule);
    }
  }

  /** The trainer. */
  public Trainer trainer() {
    return trainer;
  }

  /** The holdout. */
  public Holdout holdout() {
    return holdout;
  }

  /** The schema of the rows. */
  public TableSchema schema() {
    return schema;
  }

  long minimumRows() {
    return Math.max(minimumRows, trainer.minimumRows(schema));
  }

  long maximumRows() {
    return maximumRows;
  }

  double parityTolerance() {
    return parityTolerance;
  }

  /**
   * Trains one key. What the iteration over the blocks throws is thrown on, but for a lack of
   * memory.
   *
   * @param key the key as text
   * @param blocks all its rows, in any order; read once, and held no further than to the most rows
   *     of a key
   */
  public KeyOutcome train(String key, Iterable<RowBlock> blocks) {
    return new KeyTraining(this, key, System.nanoTime()).run(blocks);
  }

  Split split(RowBlock rows) {
    return holdout.split(rows);
  }
}
