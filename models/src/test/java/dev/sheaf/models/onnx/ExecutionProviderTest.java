package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.onnx.CudaProvider.ConvolutionSearch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionProviderTest {
  private static final CudaProvider CUDA = ExecutionProvider.cuda();
  private static final TensorRtProvider TENSOR_RT = ExecutionProvider.tensorRt();

  private static String refusal(Executable wrong) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
  }

  @Test
  void cudaSettingsBecomeOptions() {
    CudaProvider cuda =
        CUDA.onDevice(2)
            .withMemoryLimit(3 << 20)
            .withConvolutionSearch(ConvolutionSearch.HEURISTIC)
            .withTensorFloat32()
            .withOptions(Map.of("prefer_nhwc", "1", "arena_extend_strategy", "kSameAsRequested"));
    assertEquals(2, cuda.device());
    assertEquals(
        Map.of(
            "gpu_mem_limit",
            "3145728",
            "cudnn_conv_algo_search",
            "HEURISTIC",
            "use_tf32",
            "1",
            "prefer_nhwc",
            "1",
            "arena_extend_strategy",
            "kSameAsRequested"),
        cuda.options());
    assertEquals(
        "CUDA device 1 with {gpu_mem_limit=1048576}, or the CPU",
        CUDA.onDevice(1).withMemoryLimit(1 << 20).orCpu().toString());
  }

  @Test
  void tensorRtSettingsBecomeOptions() {
    TensorRtProvider tensorRt =
        TENSOR_RT
            .onDevice(1)
            .withFloat16()
            .withEngineCache("/engines")
            .withTimingCache("/timings")
            .withWorkspace(5 << 20)
            .withOptions(Map.of("trt_builder_optimization_level", "3"));
    assertEquals(
        Map.of(
            "trt_fp16_enable",
            "1",
            "trt_engine_cache_enable",
            "1",
            "trt_engine_cache_path",
            "/engines",
            "trt_timing_cache_enable",
            "1",
            "trt_timing_cache_path",
            "/timings",
            "trt_max_workspace_size",
            "5242880",
            "trt_builder_optimization_level",
            "3"),
        tensorRt.options());
    assertEquals("TensorRT on CUDA device 1", TENSOR_RT.onDevice(1).toString());
  }

  @Test
  void theCpuInPlaceOfADeviceHasSettingsOfItsOwn() {
    assertEquals(Optional.empty(), CUDA.fallback());
    assertEquals(Optional.of(ExecutionProvider.cpu()), CUDA.orCpu().fallback());
    CpuProvider four = ExecutionProvider.cpu().withThreads(4);
    assertEquals(Optional.of(four), CUDA.orCpu(four).fallback());
    assertEquals(Optional.of(four), TENSOR_RT.orCpu(four).fallback());
  }

  @Test
  void providersAreValues() throws Exception {
    assertEquals(CUDA.onDevice(1).withWarmUp(7), CUDA.withWarmUp(7).onDevice(1));
    assertEquals(CUDA.hashCode(), ExecutionProvider.cuda().hashCode());
    assertNotEquals(CUDA, CUDA.onDevice(1));
    assertNotEquals(CUDA, CUDA.wholly());
    assertNotEquals(CUDA, CUDA.orCpu());
    assertNotEquals((ExecutionProvider) CUDA, TENSOR_RT);
    ExecutionProvider[] providers = {
      ExecutionProvider.cpu().withThreads(3).withOptimization(GraphOptimization.BASIC),
      CUDA.onDevice(1).withMemoryLimit(1 << 20).orCpu(),
      TENSOR_RT.withFloat16().wholly()
    };
    for (ExecutionProvider provider : providers) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(provider);
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertEquals(provider, in.readObject());
      }
    }
  }

  @Test
  void namesAreOnnxRuntimes() {
    assertEquals("CPUExecutionProvider", ExecutionProvider.cpu().runtimeName());
    assertEquals("CUDAExecutionProvider", CUDA.runtimeName());
    assertEquals("TensorrtExecutionProvider", TENSOR_RT.runtimeName());
  }

  @Test
  void wrongSettingsAreRefused() {
    assertEquals(
        "cannot use CUDA device -1: devices are numbered from 0", refusal(() -> CUDA.onDevice(-1)));
    assertEquals(
        "cannot limit a GPU's memory to 1048575 bytes; at least 1048576 are needed",
        refusal(() -> CUDA.withMemoryLimit((1 << 20) - 1)));
    assertEquals(
        "cannot limit a GPU's memory to 5 bytes; at least 1048576 are needed",
        refusal(() -> TENSOR_RT.withWorkspace(5)));
    assertEquals(
        "withEngineCache: a folder is needed, found blank text",
        refusal(() -> TENSOR_RT.withEngineCache(" ")));
    assertEquals(
        "withTimingCache: a folder is needed, found blank text",
        refusal(() -> TENSOR_RT.withTimingCache("")));
    assertEquals(
        "cannot warm up with -1 rows; valid are 0, for none, and more",
        refusal(() -> CUDA.withWarmUp(-1)));
    assertEquals(
        "cannot warm up with -2 rows; valid are 0, for none, and more",
        refusal(() -> ExecutionProvider.cpu().withWarmUp(-2)));
    assertEquals(
        "cannot compute on 0 threads; valid are 1 to 1024",
        refusal(() -> ExecutionProvider.cpu().withThreads(0)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpu_mem_limit | 2g | cannot set the option gpu_mem_limit of CUDA to '2g'; valid are whole numbers from 0",
        "use_tf32 | yes | cannot set the option use_tf32 of CUDA to 'yes'; valid are 0 and 1",
        "arena_extend_strategy | small | cannot set the option arena_extend_strategy of CUDA to 'small'; valid are kNextPowerOfTwo, kSameAsRequested",
        "device_id | 3 | cannot set the option device_id of CUDA: say onDevice(3)",
        "gpu_external_alloc | 1 | cannot set the option gpu_external_alloc of CUDA: it is for addresses in the memory of a native program",
      })
  void wrongOptionsOfCudaAreRefused(String name, String value, String message) {
    assertEquals(message, refusal(() -> CUDA.withOption(name, value)));
  }

  @Test
  void unknownOptionsAreRefusedWithTheKnownOnes() {
    assertEquals(
        "cannot set the option 'gpu_mem_limi' of CUDA: ONNX Runtime 1.29 has none of that name; valid are [arena_extend_strategy, cudnn_conv1d_pad_to_nc1d, cudnn_conv_algo_search, cudnn_conv_use_max_workspace, do_copy_in_default_stream, enable_skip_layer_norm_strict_mode, fuse_conv_bias, gpu_mem_limit, prefer_nhwc, sdpa_kernel, tunable_op_enable, tunable_op_max_tuning_duration_ms, tunable_op_tuning_enable, use_ep_level_unified_stream, use_tf32]",
        refusal(() -> CUDA.withOption("gpu_mem_limi", "1")));
    assertEquals(
        "cannot set the option trt_dla_core of TensorRT to '-1'; valid are whole numbers from 0",
        refusal(() -> TENSOR_RT.withOption("trt_dla_core", "-1")));
    assertEquals(
        "-1",
        TENSOR_RT.withOption("trt_auxiliary_streams", "-1").options().get("trt_auxiliary_streams"));
  }
}
