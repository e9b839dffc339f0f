package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.util.Map;

/**
 * TensorRT on a CUDA device. What it cannot take runs on CUDA, and what has no kernel there on the
 * CPU.
 *
 * <p>TensorRT compiles an engine for a model at the first call of a new shape, which takes seconds
 * to minutes: {@link #withEngineCache} keeps engines, {@link #withWarmUp} compiles them when the
 * model is loaded. It suits few big models, not one for each key.
 */
public final class TensorRtProvider extends GpuProvider {
  private static final long serialVersionUID = 1L;

  TensorRtProvider(GpuSettings settings) {
    super(settings);
  }

  /** The device with this number, from 0; 0 unless set. */
  public TensorRtProvider onDevice(int number) {
    return new TensorRtProvider(settings().onDevice(number));
  }

  /** Lets engines compute with 16-bit floats; predictions then differ in the third digit. */
  public TensorRtProvider withFloat16() {
    return with("trt_fp16_enable", "1");
  }

  /**
   * Keeps compiled engines in a folder of the worker's machine; they fit one kind of GPU and one
   * version of TensorRT. An engine is native code: nobody else may write there.
   */
  public TensorRtProvider withEngineCache(String folder) {
    return with("trt_engine_cache_enable", "1")
        .with("trt_engine_cache_path", folder("withEngineCache", folder));
  }

  /** Keeps the timings by which engines are compiled in a folder of the worker's machine. */
  public TensorRtProvider withTimingCache(String folder) {
    return with("trt_timing_cache_enable", "1")
        .with("trt_timing_cache_path", folder("withTimingCache", folder));
  }

  /** The most bytes that an engine may use to compute, at least 1 MiB; all unless set. */
  public TensorRtProvider withWorkspace(long bytes) {
    return with("trt_max_workspace_size", GpuOptions.bytes(bytes));
  }

  /**
   * Sets one of ONNX Runtime's options for TensorRT, such as {@code
   * trt_builder_optimization_level}.
   *
   * @throws IllegalArgumentException if ONNX Runtime 1.29 has no such option, if it is one that
   *     only a native program can use, or if the value is not of its kind
   */
  public TensorRtProvider withOption(String name, String value) {
    return with(GpuOptions.TENSOR_RT.check(name, value), value);
  }

  /** As {@link #withOption}, for each entry. */
  public TensorRtProvider withOptions(Map<String, String> options) {
    TensorRtProvider provider = this;
    for (Map.Entry<String, String> option : options.entrySet()) {
      provider = provider.withOption(option.getKey(), option.getValue());
    }
    return provider;
  }

  /** Refuses models with an operator that neither TensorRT nor CUDA can take. */
  public TensorRtProvider wholly() {
    return new TensorRtProvider(settings().refusingLeftovers());
  }

  /** Calls each session when it is opened with so many made-up rows; with none unless set. */
  public TensorRtProvider withWarmUp(int rows) {
    return new TensorRtProvider(settings().withWarmUp(rows));
  }

  /** This device, or the CPU where it cannot be used. */
  public TensorRtProvider orCpu() {
    return orCpu(ExecutionProvider.cpu());
  }

  /** This device, or the CPU with these settings where it cannot be used. */
  public TensorRtProvider orCpu(CpuProvider cpu) {
    return new TensorRtProvider(settings().or(cpu));
  }

  private TensorRtProvider with(String option, String value) {
    return new TensorRtProvider(settings().with(option, value));
  }

  private static String folder(String option, String folder) {
    if (folder.isBlank()) {
      throw new IllegalArgumentException(option + ": a folder is needed, found blank text");
    }
    return folder;
  }

  @Override
  public String runtimeName() {
    return "TensorrtExecutionProvider";
  }

  @Override
  String title() {
    return "TensorRT on CUDA device " + device();
  }

  @Override
  String factory() {
    return "tensorRt()";
  }

  @Override
  TensorRtProvider bare() {
    return new TensorRtProvider(settings().bare());
  }

  @Override
  void addTo(SessionOptions session) throws OrtException {
    addAloneTo(session);
    ExecutionProvider.cuda().onDevice(device()).addTo(session);
  }

  @Override
  void addAloneTo(SessionOptions session) throws OrtException {
    try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions(device())) {
      for (Map.Entry<String, String> option : options().entrySet()) {
        tensorRt.add(option.getKey(), option.getValue());
      }
      session.addTensorrt(tensorRt);
    }
  }
}
