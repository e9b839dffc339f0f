package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;

/** The rows of a batch's output: along the first dimension, or the elements of a sequence. */
final class Rows {
  private Rows() {}

  /** Some rows of an output that has so many. */
  static OnnxOutput of(OnnxOutput output, int from, int rows) {
    if (output instanceof OnnxOutput.OfTensor tensor) {
      Tensor some = tensor.tensor().slice(from, rows);
      return new OnnxOutput.OfTensor(some);
    } else if (output instanceof OnnxOutput.OfSequence sequence) {
      return new OnnxOutput.OfSequence(sequence.elements().subList(from, from + rows));
    }
    throw new IllegalStateException("no rows in " + output);
  }
}
