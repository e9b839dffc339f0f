package dev.sheaf.models.onnx;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what a machine lacks, from what ONNX Runtime and the system's loader say. */
final class GpuFailure {
  private static final Pattern LIBRARY =
      Pattern.compile("([\\w.+-]+\\.so[.\\d]*): cannot open shared object file");
  private static final Pattern SYMBOL = Pattern.compile("undefined symbol: ([^\\s,]+)");

  private GpuFailure() {}

  /** What to tell the user about a trial that failed. */
  static OnnxFailure explain(GpuProvider provider, Throwable cause) {
    String said = String.valueOf(cause.getMessage()).strip();
    return new OnnxFailure(
        "cannot use " + provider.title() + ": " + reason(said) + " (" + said + ")", cause);
  }

  /** What to tell the user about a trial without an end. */
  static OnnxFailure unanswered(GpuProvider provider, Duration limit, Throwable cause) {
    return new OnnxFailure(
        "cannot use "
            + provider.title()
            + ": it did not answer within "
            + limit.toMillis()
            + " ms; look at nvidia-smi on that machine",
        cause);
  }

  static String reason(String said) {
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("shared provider") && lower.contains("failed to find")) {
      return "the artefact onnxruntime, for CPUs, is on the class path; build with the Maven profile"
          + " gpu, which takes onnxruntime_gpu, or name the folder of its libraries in"
          + " -Donnxruntime.native.path";
    }
    Matcher library = LIBRARY.matcher(said);
    if (library.find()) {
      return missing(library.group(1));
    }
    Matcher symbol = SYMBOL.matcher(said);
    if (symbol.find()) {
      return "a library is of another version than needed, it lacks "
          + symbol.group(1)
          + "; needed are those of CUDA 12";
    }
    if (lower.contains("cuda failure 35:") || lower.contains("driver version is insufficient")) {
      return "the NVIDIA driver is too old for CUDA 12; needed is 525 or later";
    }
    if (lower.contains("cuda failure 100:") || lower.contains("no cuda-capable device")) {
      return "the driver shows no GPU; give the container one (docker run --gpus all) and look at"
          + " CUDA_VISIBLE_DEVICES";
    }
    if (lower.contains("invalid device id") || lower.contains("invalid device ordinal")) {
      return "the machine has no GPU of that number";
    }
    if (lower.contains("no kernel image")) {
      return "ONNX Runtime has no kernels for this generation of GPU";
    }
    if (lower.contains("assigned to the default cpu ep")) {
      return "ONNX Runtime left the trial's product to the CPU";
    }
    return "its trial failed";
  }

  private static String missing(String library) {
    if (library.startsWith("libcuda.so")) {
      return "the library "
          + library
          + " of the NVIDIA driver is missing: there is no GPU, or the container was not given it"
          + " (docker run --gpus all)";
    }
    if (library.startsWith("libnvinfer") || library.startsWith("libnvonnxparser")) {
      return "the library " + library + " is missing: install TensorRT 10";
    }
    if (library.startsWith("libcudnn")) {
      return "the library " + library + " is missing: install cuDNN 9 for CUDA 12";
    }
    return "the library "
        + library
        + " is missing: install CUDA 12, or name its folder in LD_LIBRARY_PATH";
  }
}
