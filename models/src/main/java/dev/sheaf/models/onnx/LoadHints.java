package dev.sheaf.models.onnx;

/** What to do about the refusals of ONNX Runtime that have a known cause. */
final class LoadHints {
  private static final String EXTENSIONS = "ai.onnx.contrib";

  private LoadHints() {}

  /** A hint to add to the message, or an empty text. */
  static String of(OnnxFailure failure, ModelGraph graph) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("Failed to construct locale")) {
      return "; the operator StringNormalizer needs the locale that it names on the machine: on"
          + " Debian, the package locales-all";
    }
    if (message.contains("is not a registered function/op")
        && graph.domains().contains(EXTENSIONS)) {
      return "; operators of ai.onnx.contrib come with withCustomOps(CustomOps.extensions())";
    }
    return "";
  }
}
