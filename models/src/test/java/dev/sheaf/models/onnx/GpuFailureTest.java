package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ONNX Runtime 1.29 said on machines that lacked something, shortened. */
class GpuFailureTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Error code - ORT_EP_FAIL - message: Failed to find CUDA shared provider | the artefact onnxruntime, for CPUs, is on the class path; build with the Maven profile gpu, which takes onnxruntime_gpu, or name the folder of its libraries in -Donnxruntime.native.path",
        "Failed to load library /t/libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory | the library libcublasLt.so.12 is missing: install CUDA 12, or name its folder in LD_LIBRARY_PATH",
        "with error: libcuda.so.1: cannot open shared object file | the library libcuda.so.1 of the NVIDIA driver is missing: there is no GPU, or the container was not given it (docker run --gpus all)",
        "with error: libnvinfer.so.10: cannot open shared object file | the library libnvinfer.so.10 is missing: install TensorRT 10",
        "with error: libcudnn.so.9: cannot open shared object file | the library libcudnn.so.9 is missing: install cuDNN 9 for CUDA 12",
        "libonnxruntime_providers_cuda.so: undefined symbol: cudaFreeHost, version libcudart.so.12 | a library is of another version than needed, it lacks cudaFreeHost; needed are those of CUDA 12",
        "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version | the NVIDIA driver is too old for CUDA 12; needed is 525 or later",
        "CUDA failure 100: no CUDA-capable device is detected | the driver shows no GPU; give the container one (docker run --gpus all) and look at CUDA_VISIBLE_DEVICES",
        "Invalid device ID: 3, must be between 0 (inclusive) and 1 (exclusive). | the machine has no GPU of that number",
        "CUDA failure 209: no kernel image is available for execution on the device | ONNX Runtime has no kernels for this generation of GPU",
        "nodes that are assigned to the default CPU EP | ONNX Runtime left the trial's product to the CPU",
        "something else | its trial failed",
      })
  void saysWhatIsMissing(String said, String reason) {
    assertEquals(reason, GpuFailure.reason(said));
  }
}
