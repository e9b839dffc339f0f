package dev.sheaf.models.onnx;

import java.io.Serializable;

/**
 * A library of operators that ONNX Runtime does not bring itself.
 *
 * <p>It is native code and runs with the rights of the worker: name libraries that you trust.
 */
public sealed interface CustomOps extends Serializable {

  /**
   * A library in a file of the worker's machine.
   *
   * @param path such as {@code /opt/ops/libscoring_ops.so}
   */
  static CustomOps library(String path) {
    return new Library(path);
  }

  /**
   * Microsoft's operators for text, images and sound, such as tokenizers, which take raw text into
   * the model. Needs {@code com.microsoft.onnxruntime:onnxruntime-extensions} on the class path.
   */
  static CustomOps extensions() {
    return new Extensions();
  }

  /** A library in a file of the worker's machine. */
  record Library(String path) implements CustomOps {
    /** Checks the path. */
    public Library {
      if (path.isBlank()) {
        throw new IllegalArgumentException(
            "cannot use a library of operators without a path; valid is a path such as"
                + " /opt/ops/libscoring_ops.so");
      }
    }
  }

  /** Microsoft's operators for text, images and sound. */
  record Extensions() implements CustomOps {}
}
