package dev.sheaf.models.onnx;

import java.io.Serializable;

/**
 * Where ONNX Runtime computes: on the CPU, on a CUDA device, or with TensorRT on a CUDA device.
 *
 * <p>A value: whether a machine has the device is found out there, by {@link #activate()}.
 *
 * <pre>{@code
 * ExecutionProvider provider = ExecutionProvider.cuda().withMemoryLimit(2L << 30).orCpu();
 * ExecutionProvider active = provider.activate(); // the same, or the CPU
 * }</pre>
 */
public sealed interface ExecutionProvider extends Serializable permits CpuProvider, GpuProvider {
  /** The CPU, which every machine has; one thread for each call. */
  static CpuProvider cpu() {
    return CpuProvider.LEAN;
  }

  /**
   * The first CUDA device. It fails where there is none; see {@link CudaProvider#orCpu()}. Needs
   * the artefact {@code onnxruntime_gpu} or its libraries, and CUDA 12: see docs/gpu.md.
   */
  static CudaProvider cuda() {
    return new CudaProvider(GpuSettings.DEVICE_0);
  }

  /**
   * TensorRT on the first CUDA device, and CUDA for what TensorRT cannot take. It fails where there
   * is none; see {@link TensorRtProvider#orCpu()}. Needs what {@link #cuda()} needs and TensorRT
   * 10.
   */
  static TensorRtProvider tensorRt() {
    return new TensorRtProvider(GpuSettings.DEVICE_0);
  }

  /** ONNX Runtime's name for it, such as {@code CUDAExecutionProvider}. */
  String runtimeName();

  /** The rows of the made-up call that a session makes when it is opened; 0 for none. */
  int warmUpRows();

  /**
   * Starts ONNX Runtime and proves that this JVM can compute here, on a device by opening and
   * running a tiny model that may run nowhere else. That is done once in a JVM for each device and
   * its options, and can take some seconds; call it before the first model is loaded.
   *
   * @return this, or the CPU where the device cannot be used and the CPU may take its place; then a
   *     warning is logged, once
   * @throws OnnxFailure if ONNX Runtime does not start or the device cannot be used; the message
   *     says what is missing
   */
  default ExecutionProvider activate() {
    Environment.get();
    return Activations.shared().activate(this);
  }
}
