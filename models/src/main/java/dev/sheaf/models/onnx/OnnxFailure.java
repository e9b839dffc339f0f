package dev.sheaf.models.onnx;

/** A model could not be read, loaded or run; the cause, where there is one, says why. */
public sealed class OnnxFailure extends RuntimeException permits MixedRowsFailure {
  private static final long serialVersionUID = 1L;

  OnnxFailure(String message) {
    super(message);
  }

  OnnxFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
