package dev.sheaf.benchmarks;

import dev.sheaf.transforms.inference.PredictionResult;
import java.util.function.Consumer;
import org.apache.beam.sdk.values.Row;

/** Adds up the predictions that come out, and counts them. */
final class OutputSum implements Consumer<Object> {
  private final Value value;
  private long outputs;
  private double sum;

  /** Reads the prediction of an output. */
  private interface Value {
    double of(Object output);
  }

  private OutputSum(Value value) {
    this.value = value;
  }

  /** Of rows with the prediction in this place. */
  static OutputSum ofRows(int place) {
    return new OutputSum(
        output -> {
          if (output instanceof Row row && row.getValue(place) instanceof Double prediction) {
            return prediction;
          }
          throw new IllegalStateException("no prediction at " + place + " in " + output);
        });
  }

  /** Of results whose inference is a number. */
  static OutputSum ofResults() {
    return new OutputSum(
        output -> {
          if (output instanceof PredictionResult<?, ?> result
              && result.inference() instanceof Double prediction) {
            return prediction;
          }
          throw new IllegalStateException("no number is predicted in " + output);
        });
  }

  @Override
  public void accept(Object output) {
    sum += value.of(output);
    outputs++;
  }

  /** The sum of exactly so many outputs since the last call. */
  double take(long expected) {
    double taken = sum;
    if (outputs != expected || Double.isNaN(taken)) {
      throw new IllegalStateException(
          "counted " + outputs + " outputs instead of " + expected + ", with the sum " + taken);
    }
    outputs = 0;
    sum = 0;
    return taken;
  }
}
