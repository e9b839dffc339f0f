package dev.sheaf.models.onnx;

/**
 * A model did not give one result for each row that went in, so that results cannot be told apart.
 */
public final class MixedRowsFailure extends OnnxFailure {
  private static final long serialVersionUID = 1L;

  MixedRowsFailure(String message) {
    super(message);
  }
}
