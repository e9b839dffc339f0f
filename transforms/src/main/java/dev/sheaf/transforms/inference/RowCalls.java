package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.CallLimitException;
import dev.sheaf.transforms.failure.BadRowException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.beam.sdk.values.Row;

/** Makes calls, halves those that fail, and gives out what becomes of their rows. */
final class RowCalls {
  /** Twice the halvings of the largest usual batch: one or two slow rows are found. */
  private static final int SLOW_CALLS = 26;

  private final ScorePlan plan;
  private final InferenceMetrics metrics;

  RowCalls(ScorePlan plan, InferenceMetrics metrics) {
    this.plan = plan;
    this.metrics = metrics;
  }

  /** Scores the rows of a call from a place on. */
  void predict(Call call, int from, int rows, Answers answers, Outlet<Row> output)
      throws BadRowException {
    predict(call, from, rows, new Attempt(answers), output);
  }

  /** One batch on its way through a model: where answers go, and how many calls were too slow. */
  private static final class Attempt {
    private final Answers answers;
    private int slowCalls;

    Attempt(Answers answers) {
      this.answers = answers;
    }
  }

  /** Scores the rows from a place on; one that fails is halved down to the rows that do. */
  private void predict(Call call, int from, int rows, Attempt attempt, Outlet<Row> output)
      throws BadRowException {
    try {
      long start = System.nanoTime();
      call.predict(from, rows, attempt.answers);
      metrics.batchLatency.record(System.nanoTime() - start);
    } catch (RuntimeException e) {
      metrics.failedBatches.inc();
      boolean hopeless = e instanceof CallLimitException && ++attempt.slowCalls > SLOW_CALLS;
      if (hopeless || rows == 1) {
        for (int i = from; i < from + rows; i++) {
          refuse(call.rows(), call.heldAt(i), refusal(call.model(i), e), output);
        }
        return;
      }
      int half = rows / 2;
      predict(call, from, half, attempt, output);
      predict(call, from + half, rows - half, attempt, output);
      return;
    }
    metrics.inferences.inc(rows);
    metrics.batchSize.update(rows);
    metrics.batchByteSize.update(call.byteSize(from, rows));
    emit(call, from, rows, attempt.answers, output);
  }

  private void emit(Call call, int from, int rows, Answers answers, Outlet<Row> output)
      throws BadRowException {
    Instant now = now();
    HeldRows held = call.rows();
    for (int i = 0; i < rows; i++) {
      int place = call.heldAt(from + i);
      Row row;
      try {
        row = plan.predictions().scored(call, from + i, answers, i, now);
      } catch (BadRowException e) {
        refuse(held, place, refusal(call.model(from + i), e), output);
        continue;
      }
      output.result(row, held.timestamp(place), held.window(place));
    }
  }

  void leaveUnscored(HeldRows rows, int place, Outlet<Row> output) {
    metrics.rowsWithoutModel.inc();
    output.result(
        plan.predictions().unscored(rows.row(place), now()),
        rows.timestamp(place),
        rows.window(place));
  }

  private static BadRowException refusal(ChosenModel model, Exception cause) {
    return new BadRowException(
        ModelUnusableException.describe(model.ref()) + ": " + cause.getMessage(), cause);
  }

  /** Refuses all rows of a batch whose model cannot be used. */
  void refuse(Batch batch, ModelUnusableException e, Outlet<Row> output) throws BadRowException {
    metrics.failedBatches.inc();
    BadRowException reason = new BadRowException(String.valueOf(e.getMessage()), e);
    for (int i = 0; i < batch.size(); i++) {
      refuse(batch.rows(), i, reason, output);
    }
  }

  void refuse(HeldRows rows, int place, BadRowException refusal, Outlet<Row> output)
      throws BadRowException {
    metrics.rowsRefused.inc();
    output.refused(
        plan.badRows().record(rows.row(place), refusal), rows.timestamp(place), rows.window(place));
  }

  private Instant now() {
    return plan.settings().clock().instant().truncatedTo(ChronoUnit.MICROS);
  }
}
