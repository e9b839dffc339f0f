package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.RegressionMetrics;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of a {@link KeyTrainer}: what is known of the key so far, and how it ends. */
final class KeyTraining {
  private static final double NANOS_PER_SECOND = 1e9;

  private final KeyTrainer options;
  private final String key;
  private final long started;

  private long rows;
  private long trainRows;
  private long holdoutRows;
  private String fingerprint = "";
  private @Nullable RegressionMetrics metrics;
  private @Nullable Double baselineRmse;
  private @Nullable Double parityError;

  KeyTraining(KeyTrainer options, String key, long started) {
    this.options = options;
    this.key = key;
    this.started = started;
  }

  KeyOutcome run(Iterable<RowBlock> blocks) {
    List<RowBlock> held;
    try {
      held = gather(blocks);
    } catch (OutOfMemoryError e) {
      // The rows gathered so far are free again by now; other keys go on.
      return end(TrainingStatus.FAILED, "not enough memory after " + rows + " rows: " + e);
    }
    try {
      if (rows > options.maximumRows()) {
        return end(
            TrainingStatus.TOO_LARGE,
            rows + " rows, more than the " + options.maximumRows() + " allowed");
      }
      if (rows == 0) {
        return end(TrainingStatus.TOO_FEW_ROWS, "no rows");
      }
      return train(RowBlock.concat(held).canonical());
    } catch (TrainingException e) {
      return end(TrainingStatus.FAILED, messageOf(e));
    } catch (RuntimeException e) {
      return end(TrainingStatus.FAILED, e.getClass().getSimpleName() + ": " + messageOf(e));
    } catch (OutOfMemoryError | StackOverflowError e) {
      // One key that is too big for the heap has freed it again by now; others go on.
      return end(TrainingStatus.FAILED, "not enough memory: " + e);
    }
  }

  /** Counts all rows; holds none once there are more than allowed. */
  private List<RowBlock> gather(Iterable<RowBlock> blocks) {
    List<RowBlock> held = new ArrayList<>();
    for (RowBlock block : blocks) {
      rows += block.rows();
      if (rows <= options.maximumRows()) {
        held.add(block);
      } else {
        held.clear();
      }
    }
    return held;
  }

  private KeyOutcome train(RowBlock all) throws TrainingException {
    fingerprint = Fingerprint.of(options, all);
    Split split = options.split(all);
    trainRows = split.train().length;
    holdoutRows = split.holdout().length;
    if (trainRows < options.minimumRows()) {
      return end(
          TrainingStatus.TOO_FEW_ROWS,
          "%d rows to train on (%d of %d held out), at least %d are needed"
              .formatted(trainRows, holdoutRows, rows, options.minimumRows()));
    }
    for (double label : all.labels()) {
      if (Double.isNaN(label) || Double.isInfinite(label)) {
        throw new TrainingException(
            "a label is " + label + ": only finite numbers can be learned", null);
      }
    }
    RowBlock train = all.select(split.train());
    RowBlock holdout = all.select(split.holdout());
    try (FittedModel model = options.trainer().fit(new TrainingTable(options.schema(), train))) {
      return judge(model, train, holdout);
    }
  }

  private KeyOutcome judge(FittedModel model, RowBlock train, RowBlock holdout)
      throws TrainingException {
    RowBlock probes = ParityCheck.probes(train, holdout);
    double[] predicted = model.predict(probes);
    for (double prediction : predicted) {
      if (Double.isNaN(prediction) || Double.isInfinite(prediction)) {
        return end(TrainingStatus.DIVERGED, "the model predicts " + prediction);
      }
    }
    if (holdoutRows > 0) {
      double[] onHoldout = Arrays.copyOf(predicted, holdout.rows());
      metrics = RegressionMetrics.of(holdout.labels(), onHoldout);
      double[] naive = new double[holdout.rows()];
      Arrays.fill(naive, ParityCheck.mean(train.labels()));
      baselineRmse = RegressionMetrics.of(holdout.labels(), naive).rmse();
      if (Double.isNaN(metrics.rmse()) || Double.isInfinite(metrics.rmse())) {
        return end(TrainingStatus.DIVERGED, "the error on the holdout is " + metrics.rmse());
      }
    }
    byte[] onnx = model.toOnnx(metadata());
    double error = ParityCheck.error(onnx, options.schema(), probes, predicted, train.labels());
    parityError = error;
    if (!(error <= options.parityTolerance())) {
      return end(
          TrainingStatus.REJECTED,
          "the exported model differs from its trainer by %s, more than the %s allowed"
              .formatted(error, options.parityTolerance()));
    }
    byte[] checked =
        ModelMetadata.withProperty(onnx, ModelMetadata.PARITY_ERROR, Double.toString(error));
    return new KeyOutcome(
        report(
            TrainingStatus.TRAINED, String.join("; ", model.notes()), Fingerprint.sha256(checked)),
        checked);
  }

  private ModelMetadata metadata() {
    return new ModelMetadata(
        key,
        options.schema().label(),
        options.schema().features(),
        options.trainer().name(),
        options.trainer().parameters(),
        trainRows,
        options.holdout().toString());
  }

  private KeyOutcome end(TrainingStatus status, String reason) {
    return new KeyOutcome(report(status, reason, null), null);
  }

  private KeyReport report(TrainingStatus status, String reason, @Nullable String digest) {
    return new KeyReport(
        key,
        status,
        reason,
        rows,
        trainRows,
        holdoutRows,
        metrics == null ? null : (Double) metrics.rmse(),
        metrics == null ? null : (Double) metrics.mae(),
        baselineRmse,
        (System.nanoTime() - started) / NANOS_PER_SECOND,
        parityError,
        options.trainer().name(),
        fingerprint,
        digest);
  }

  private static String messageOf(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }
}
