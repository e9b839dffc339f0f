package dev.sheaf.pipelines;

import dev.sheaf.models.onnx.CpuProvider;
import dev.sheaf.models.onnx.CudaProvider;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.TensorRtProvider;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.inference.WorkerResources;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ProviderOptions} say.
 *
 * @param execution where models compute
 * @param workers what the runner's machines must have; null for what the former needs
 */
public record Provider(ExecutionProvider execution, @Nullable WorkerResources workers) {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmg]?)");
  private static final Pattern GPU = Pattern.compile("([a-z0-9-]+)(?::(\\d{1,2}))?");
  private static final String NONE = "none";

  /**
   * Reads the options.
   *
   * @throws OptionException naming the option, what was found and what is valid
   */
  public static Provider of(ProviderOptions options) {
    String gpu = options.getWorkerGpu();
    return new Provider(execution(options), gpu == null ? null : workers(gpu));
  }

  /** Lets a transform compute there. */
  public RunInference place(RunInference inference) {
    RunInference placed = inference.on(execution);
    return workers == null ? placed : placed.withWorkers(workers);
  }

  private static ExecutionProvider execution(ProviderOptions options) {
    String text = options.getProvider();
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    boolean orCpu = options.getProviderAbsence() == ProviderOptions.Absence.CPU;
    try {
      Map<String, String> settings = colon < 0 ? Map.of() : settings(text.substring(colon + 1));
      return switch (name.toLowerCase(Locale.ROOT)) {
        case "cpu" -> cpu(settings);
        case "cuda" -> orCpu ? cuda(settings).orCpu() : cuda(settings);
        case "tensorrt" -> orCpu ? tensorRt(settings).orCpu() : tensorRt(settings);
        default -> throw new IllegalArgumentException("valid are cpu, cuda and tensorrt");
      };
    } catch (IllegalArgumentException e) {
      throw new OptionException("--provider: found \"" + text + "\"; " + e.getMessage(), e);
    }
  }

  private static WorkerResources workers(String text) {
    if (text.equals(NONE)) {
      return WorkerResources.any();
    }
    Matcher gpu = GPU.matcher(text);
    if (!gpu.matches()) {
      throw new OptionException(
          "--workerGpu: found \""
              + text
              + "\"; valid are a kind such as nvidia-l4, with a number of them such as"
              + " nvidia-l4:2, and none");
    }
    try {
      WorkerResources workers = WorkerResources.gpu(gpu.group(1));
      return gpu.group(2) == null ? workers : workers.withGpus(Integer.parseInt(gpu.group(2)));
    } catch (IllegalArgumentException e) {
      throw new OptionException("--workerGpu: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> settings(String text) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String setting : text.split(",", -1)) {
      int equals = setting.indexOf('=');
      if (equals < 1
          || settings.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
        throw new IllegalArgumentException(
            "cannot read the setting '"
                + setting
                + "': settings are NAME=VALUE,NAME=VALUE, each name once");
      }
    }
    return settings;
  }

  private static CpuProvider cpu(Map<String, String> settings) {
    CpuProvider cpu = ExecutionProvider.cpu();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String value = setting.getValue();
      cpu =
          switch (setting.getKey()) {
            case "threads" -> cpu.withThreads(number(setting));
            case "warmup" -> cpu.withWarmUp(number(setting));
            default ->
                throw new IllegalArgumentException(
                    "cpu has no setting '"
                        + setting.getKey()
                        + "' ("
                        + value
                        + "); valid are threads, warmup");
          };
    }
    return cpu;
  }

  private static CudaProvider cuda(Map<String, String> settings) {
    CudaProvider cuda = ExecutionProvider.cuda();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      cuda =
          switch (setting.getKey()) {
            case "device" -> cuda.onDevice(number(setting));
            case "memory" -> cuda.withMemoryLimit(bytes(setting));
            case "warmup" -> cuda.withWarmUp(number(setting));
            default -> cuda.withOption(setting.getKey(), setting.getValue());
          };
    }
    return cuda;
  }

  private static TensorRtProvider tensorRt(Map<String, String> settings) {
    TensorRtProvider tensorRt = ExecutionProvider.tensorRt();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String value = setting.getValue();
      tensorRt =
          switch (setting.getKey()) {
            case "device" -> tensorRt.onDevice(number(setting));
            case "workspace" -> tensorRt.withWorkspace(bytes(setting));
            case "cache" -> tensorRt.withEngineCache(value);
            case "timings" -> tensorRt.withTimingCache(value);
            case "fp16" -> tensorRt.withOption("trt_fp16_enable", value);
            case "warmup" -> tensorRt.withWarmUp(number(setting));
            default -> tensorRt.withOption(setting.getKey(), value);
          };
    }
    return tensorRt;
  }

  private static int number(Map.Entry<String, String> setting) {
    try {
      return Integer.parseInt(setting.getValue());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "cannot read " + setting.getKey() + "=" + setting.getValue() + ": not a whole number", e);
    }
  }

  private static long bytes(Map.Entry<String, String> setting) {
    Matcher size = SIZE.matcher(setting.getValue().toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "cannot read "
              + setting.getKey()
              + "="
              + setting.getValue()
              + ": valid are bytes such as 500000000, 512m or 2g");
    }
    int shift =
        switch (size.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift);
  }
}
