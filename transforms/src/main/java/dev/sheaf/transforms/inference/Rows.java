package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;

/** The rows of a batch's output: along the first dimension, or the elements of a sequence. */
final class Rows {
  private Rows() {}

  /**
   * Refuses an output that has not as many rows as the batch.
   *
   * @throws UnbatchableModelException if so
   */
  static void check(String name, OnnxOutput output, int rows) {
    long found;
    if (output instanceof OnnxOutput.OfTensor tensor) {
      found = tensor.tensor().rank() == 0 ? -1 : tensor.tensor().dimension(0);
    } else if (output instanceof OnnxOutput.OfSequence sequence) {
      found = sequence.elements().size();
    } else {
      found = -1;
    }
    if (found != rows) {
      throw new UnbatchableModelException(
          "for " + rows + " rows the output '" + name + "' " + describe(output));
    }
  }

  /** Some rows of an output that was checked. */
  static OnnxOutput of(OnnxOutput output, int from, int rows) {
    if (output instanceof OnnxOutput.OfTensor tensor) {
      Tensor some = tensor.tensor().slice(from, rows);
      return new OnnxOutput.OfTensor(some);
    } else if (output instanceof OnnxOutput.OfSequence sequence) {
      return new OnnxOutput.OfSequence(sequence.elements().subList(from, from + rows));
    }
    throw new IllegalStateException("no rows in " + output);
  }

  private static String describe(OnnxOutput output) {
    if (output instanceof OnnxOutput.OfTensor tensor) {
      return tensor.tensor().toString();
    } else if (output instanceof OnnxOutput.OfSequence sequence) {
      return "a sequence of " + sequence.elements().size();
    }
    return String.valueOf(output);
  }
}
