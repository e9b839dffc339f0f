package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Registers libraries of operators with a session. */
final class OperatorLibraries {
  private static final String PACKAGE = "ai.onnxruntime.extensions.OrtxPackage";

  private OperatorLibraries() {}

  static void register(SessionOptions options, CustomOps ops) throws OrtException {
    options.registerCustomOpLibrary(
        ops instanceof CustomOps.Library library ? existing(library.path()) : extensions());
  }

  private static String existing(String path) {
    if (!Files.isRegularFile(Path.of(path))) {
      throw new OnnxFailure(
          "cannot load the operators in " + path + ": there is no such file on this machine");
    }
    return Path.of(path).toAbsolutePath().toString();
  }

  /** By reflection: the artefact is 19 MB, and few models need it. */
  private static String extensions() {
    try {
      return (String) Class.forName(PACKAGE).getMethod("getLibraryPath").invoke(null);
    } catch (ClassNotFoundException e) {
      throw new OnnxFailure(
          "cannot load the operators of onnxruntime-extensions: add the artefact"
              + " com.microsoft.onnxruntime:onnxruntime-extensions:0.13.0 to the class path",
          e);
    } catch (InvocationTargetException e) {
      throw new OnnxFailure(
          "cannot load the operators of onnxruntime-extensions on this machine; it brings them for"
              + " x86-64 alone: "
              + e.getCause(),
          e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new OnnxFailure("cannot load the operators of onnxruntime-extensions: " + e, e);
    }
  }
}
