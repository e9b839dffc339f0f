package dev.sheaf.models.onnx;

/** ONNX Runtime could not load or run a model; the cause says why. */
public final class OnnxFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OnnxFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
