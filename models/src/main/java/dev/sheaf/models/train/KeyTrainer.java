package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RowOrder;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the model of one key is trained from its rows to a checked ONNX file.
 *
 * <p>The rows are put into canonical order, split, fitted, judged on the rows held out beside a
 * naive baseline and the model that serves today, exported, and the exported model is run in ONNX
 * Runtime against the trainer's own predictions. A key that cannot be trained ends as a status with
 * its reason, never as an exception. The same rows give the same bytes, in whatever blocks they
 * come. Of a backtest each window is judged by a model of the rows before it, and the model of the
 * last window is kept.
 *
 * <p>A value, shared by threads; {@link #open} starts work with it.
 */
public final class KeyTrainer implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double DEFAULT_PARITY_TOLERANCE = 1e-5;
  private static final Duration DEFAULT_TIME_LIMIT = Duration.ofHours(1);

  private final Trainer trainer;
  private final Holdout holdout;
  private final TableSchema schema;
  private final Options options;

  /** What may be set; changed in a copy alone. */
  private static final class Options implements Serializable {
    private static final long serialVersionUID = 1L;

    private long minimumRows = 1;
    private RowLimit limit = RowLimit.refuseAbove(Integer.MAX_VALUE);
    private double parityTolerance = DEFAULT_PARITY_TOLERANCE;
    private Duration timeLimit = DEFAULT_TIME_LIMIT;
    private @Nullable Trainer baseline;
    private @Nullable ColumnKind orderKind;
  }

  private KeyTrainer(Trainer trainer, Holdout holdout, TableSchema schema, Options options) {
    this.trainer = trainer;
    this.holdout = holdout;
    this.schema = schema;
    this.options = options;
  }

  /**
   * Trains with this trainer, on the rows that this holdout leaves.
   *
   * @throws IllegalArgumentException if the trainer cannot work with such rows, whatever they hold
   */
  public static KeyTrainer of(Trainer trainer, Holdout holdout, TableSchema schema) {
    for (String reserved : List.of(ModelSession.OUTPUT, ModelSession.PROBABILITIES)) {
      check(
          !schema.featureNames().contains(reserved),
          "a feature's name",
          reserved,
          "another name, as this is the name of a model's output");
    }
    boolean classes = schema.labelType() == LabelType.CLASS;
    check(
        classes == trainer.task().isClassification(),
        "the label " + schema.label() + ", for " + trainer.name() + ",",
        classes ? "a class" : "a number",
        classes ? "a number" : "a class");
    checkFits(trainer, schema);
    return new KeyTrainer(trainer, holdout, schema, new Options());
  }

  /**
   * The fewest rows to train on, at least 1; a key with fewer is {@link
   * TrainingStatus#TOO_FEW_ROWS}. The trainer's own minimum holds in any case, and is the default.
   */
  public KeyTrainer withMinimumRows(long rows) {
    check(rows >= 1, "the fewest rows to train on", rows, "1 or more");
    return with(changed -> changed.minimumRows = rows);
  }

  /** The most rows of a key, and what happens to one with more. Default: no limit but memory. */
  public KeyTrainer withRowLimit(RowLimit limit) {
    return with(changed -> changed.limit = limit);
  }

  /**
   * The largest difference allowed between the exported model and its trainer, relative to the
   * larger of the prediction and the mean absolute label, for probabilities absolute; above 0,
   * default 1e-5. A model beyond it is {@link TrainingStatus#REJECTED}.
   */
  public KeyTrainer withParityTolerance(double tolerance) {
    check(tolerance > 0, "the parity tolerance", tolerance, "a number above 0");
    return with(changed -> changed.parityTolerance = tolerance);
  }

  /**
   * How long the training of one key may take before it is given up as {@link
   * TrainingStatus#FAILED}; above zero, default one hour.
   */
  public KeyTrainer withTimeLimit(Duration limit) {
    check(!limit.isNegative() && !limit.isZero(), "the time limit", limit, "a duration above zero");
    return with(changed -> changed.timeLimit = limit);
  }

  /**
   * The naive trainer to judge every model beside; by default the mean label of the training rows,
   * their quantile, or the part of them in each class.
   */
  public KeyTrainer withBaseline(Trainer baseline) {
    check(
        baseline.task().isClassification() == trainer.task().isClassification(),
        "the baseline",
        baseline,
        "a trainer for the same task as " + trainer.name());
    checkFits(baseline, schema);
    return with(changed -> changed.baseline = baseline);
  }

  /**
   * What the column holds that the holdout goes by, so that a model can tell the first and the last
   * value it was trained on, see {@link TrainingWindow}; unless set, it tells neither. Without
   * effect if the holdout does not go by order.
   */
  public KeyTrainer withOrderKind(ColumnKind kind) {
    RowOrder.check(holdout, kind);
    return with(changed -> changed.orderKind = kind);
  }

  /** A trainer that misses a feature says so when it is asked how many rows it needs. */
  private static void checkFits(Trainer trainer, TableSchema schema) {
    check(
        trainer.minimumRows(schema) >= 0, "the trainer", trainer, "one that needs 0 rows or more");
  }

  private KeyTrainer with(Consumer<Options> change) {
    Options changed = new Options();
    changed.minimumRows = options.minimumRows;
    changed.limit = options.limit;
    changed.parityTolerance = options.parityTolerance;
    changed.timeLimit = options.timeLimit;
    changed.baseline = options.baseline;
    changed.orderKind = options.orderKind;
    change.accept(changed);
    return new KeyTrainer(trainer, holdout, schema, changed);
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

  /** The most rows of a key. */
  public RowLimit rowLimit() {
    return options.limit;
  }

  /**
   * Whether sums over the rows are enough: the trainer is a {@link SummingTrainer}, the holdout
   * says of each row by itself whether it is held out, and the baseline is the usual one.
   */
  public boolean takesSums() {
    return trainer instanceof SummingTrainer && !holdout.isByOrder() && options.baseline == null;
  }

  long minimumRows() {
    return Math.max(options.minimumRows, trainer.minimumRows(schema));
  }

  double parityTolerance() {
    return options.parityTolerance;
  }

  Duration timeLimit() {
    return options.timeLimit;
  }

  /** What the column that the holdout goes by holds; null if unknown or if it goes by none. */
  @Nullable ColumnKind orderKind() {
    return holdout.isByOrder() ? options.orderKind : null;
  }

  @Nullable Trainer baseline() {
    return options.baseline;
  }

  /** Starts work on keys, one after the other, with what is known of them from before. */
  public KeyTrainings open(KeyHistory history) {
    return new KeyTrainings(this, history);
  }

  /**
   * Trains one key by itself. What the iteration over the blocks throws is thrown on, but for a
   * lack of memory.
   *
   * @param key the key as text
   * @param blocks all its rows, in any order; read once, and held no further than to the most rows
   *     of a key
   */
  public KeyOutcome train(String key, Iterable<RowBlock> blocks) {
    try (KeyTrainings trainings = open(KeyHistory.none())) {
      return trainings.train(key, blocks);
    }
  }
}
