package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.util.Map;

/**
 * A CUDA device. Operators that have no kernel there run on the CPU, such as trees and texts;
 * {@link #wholly()} refuses models that have such.
 *
 * <p>Predictions agree with the CPU's within rounding, not to the bit. To keep it so, matrix
 * products are computed with all bits of a float; {@link #withTensorFloat32()} gives that up.
 */
public final class CudaProvider extends GpuProvider {
  private static final long serialVersionUID = 1L;

  private static final String TF32 = "use_tf32";

  CudaProvider(GpuSettings settings) {
    super(settings);
  }

  /** How cuDNN chooses the algorithm of a convolution. */
  public enum ConvolutionSearch {
    /** Tries all of them for each new shape, at the first call: slow to start, fastest after. */
    EXHAUSTIVE,
    /** Asks cuDNN's heuristics; best where shapes change. */
    HEURISTIC,
    /** Takes the default algorithm. */
    DEFAULT
  }

  /** The device with this number, from 0; 0 unless set. */
  public CudaProvider onDevice(int number) {
    return new CudaProvider(settings().onDevice(number));
  }

  /**
   * The most bytes of the device's memory that each session's tensors may take, at least 1 MiB; all
   * that there is unless set. CUDA's own libraries take some hundred MiB beyond it.
   */
  public CudaProvider withMemoryLimit(long bytes) {
    return new CudaProvider(settings().with("gpu_mem_limit", GpuOptions.bytes(bytes)));
  }

  /** How convolutions are chosen; {@code EXHAUSTIVE} unless set, as ONNX Runtime has it. */
  public CudaProvider withConvolutionSearch(ConvolutionSearch search) {
    return new CudaProvider(settings().with("cudnn_conv_algo_search", search.name()));
  }

  /**
   * Lets matrix products of floats be computed with 10 bits of mantissa, which GPUs since Ampere do
   * several times faster; predictions then differ from the CPU's in the fourth digit.
   */
  public CudaProvider withTensorFloat32() {
    return new CudaProvider(settings().with(TF32, "1"));
  }

  /**
   * Sets one of ONNX Runtime's options for CUDA, such as {@code arena_extend_strategy}.
   *
   * @throws IllegalArgumentException if ONNX Runtime 1.29 has no such option, if it is one that
   *     only a native program can use, or if the value is not of its kind
   */
  public CudaProvider withOption(String name, String value) {
    return new CudaProvider(settings().with(GpuOptions.CUDA.check(name, value), value));
  }

  /** As {@link #withOption}, for each entry. */
  public CudaProvider withOptions(Map<String, String> options) {
    CudaProvider provider = this;
    for (Map.Entry<String, String> option : options.entrySet()) {
      provider = provider.withOption(option.getKey(), option.getValue());
    }
    return provider;
  }

  /** Refuses models with an operator that has no kernel on the device, instead of slowing down. */
  public CudaProvider wholly() {
    return new CudaProvider(settings().refusingLeftovers());
  }

  /** Calls each session when it is opened with so many made-up rows; with none unless set. */
  public CudaProvider withWarmUp(int rows) {
    return new CudaProvider(settings().withWarmUp(rows));
  }

  /** This device, or the CPU where it cannot be used. */
  public CudaProvider orCpu() {
    return orCpu(ExecutionProvider.cpu());
  }

  /** This device, or the CPU with these settings where it cannot be used. */
  public CudaProvider orCpu(CpuProvider cpu) {
    return new CudaProvider(settings().or(cpu));
  }

  @Override
  public String runtimeName() {
    return "CUDAExecutionProvider";
  }

  @Override
  String title() {
    return "CUDA device " + device();
  }

  @Override
  String factory() {
    return "cuda()";
  }

  @Override
  CudaProvider bare() {
    return new CudaProvider(settings().bare());
  }

  @Override
  void addTo(SessionOptions session) throws OrtException {
    addAloneTo(session);
  }

  @Override
  void addAloneTo(SessionOptions session) throws OrtException {
    // By options, not by number alone: only so does the error name the library that is missing.
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device())) {
      if (!options().containsKey(TF32)) {
        cuda.add(TF32, "0");
      }
      for (Map.Entry<String, String> option : options().entrySet()) {
        cuda.add(option.getKey(), option.getValue());
      }
      session.addCUDA(cuda);
    }
  }
}
