package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.transforms.inference.WorkerResources;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProviderTest {
  private static ExecutionProvider provider(String... arguments) {
    return parse(arguments).execution();
  }

  private static Provider parse(String... arguments) {
    return Provider.of(
        PipelineOptionsFactory.fromArgs(arguments).withValidation().as(ProviderOptions.class));
  }

  private static @Nullable WorkerResources workers(String gpu) {
    return parse("--workerGpu=" + gpu).workers();
  }

  @Test
  void settingsAreReadInOnePlace() {
    assertEquals(ExecutionProvider.cpu(), provider());
    assertEquals(ExecutionProvider.cpu().withThreads(4), provider("--provider=cpu:threads=4"));
    assertEquals(
        ExecutionProvider.cpu().withWarmUp(7),
        provider("--provider=CPU:warmup=7", "--providerAbsence=CPU"));
    assertEquals(ExecutionProvider.cuda(), provider("--provider=cuda"));
    assertEquals(
        ExecutionProvider.cuda()
            .onDevice(1)
            .withMemoryLimit(2L << 30)
            .withTensorFloat32()
            .withWarmUp(64)
            .orCpu(),
        provider(
            "--provider=cuda:device=1,memory=2g,use_tf32=1,warmup=64", "--providerAbsence=CPU"));
    assertEquals(
        ExecutionProvider.tensorRt()
            .onDevice(2)
            .withFloat16()
            .withWorkspace(512 << 20)
            .withEngineCache("/engines")
            .withTimingCache("/timings")
            .withWarmUp(3)
            .withOption("trt_builder_optimization_level", "2"),
        provider(
            "--provider=tensorrt:device=2,fp16=1,workspace=512M,cache=/engines,timings=/timings,"
                + "warmup=3,trt_builder_optimization_level=2"));
    assertEquals(
        ExecutionProvider.tensorRt().orCpu(),
        provider("--provider=tensorrt", "--providerAbsence=CPU"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpu | valid are cpu, cuda and tensorrt",
        "cpu:device=1 | cpu has no setting 'device' (1); valid are threads, warmup",
        "cuda:device | cannot read the setting 'device': settings are NAME=VALUE,NAME=VALUE, each name once",
        "cuda:device=1,device=2 | cannot read the setting 'device=2': settings are NAME=VALUE,NAME=VALUE, each name once",
        "cuda: | cannot read the setting '': settings are NAME=VALUE,NAME=VALUE, each name once",
        "cuda:device=one | cannot read device=one: not a whole number",
        "cuda:memory=2t | cannot read memory=2t: valid are bytes such as 500000000, 512m or 2g",
        "cuda:memory=5 | cannot limit a GPU's memory to 5 bytes; at least 1048576 are needed",
        "cuda:use_tf32=maybe | cannot set the option use_tf32 of CUDA to 'maybe'; valid are 0 and 1",
        "tensorrt:cache= | withEngineCache: a folder is needed, found blank text",
      })
  void wrongSettingsAreNamed(String text, String message) {
    assertEquals(
        "--provider: found \"" + text + "\"; " + message,
        assertThrows(OptionException.class, () -> provider("--provider=" + text)).getMessage());
  }

  @Test
  void workersGetTheGpuThatIsNamed() {
    assertEquals(WorkerResources.any(), workers("none"));
    assertEquals(WorkerResources.gpu("nvidia-l4"), workers("nvidia-l4"));
    assertEquals(WorkerResources.gpu("nvidia-l4").withGpus(2), workers("nvidia-l4:2"));
    assertEquals(
        "--workerGpu: found \"nvidia l4\"; valid are a kind such as nvidia-l4, with a number of"
            + " them such as nvidia-l4:2, and none",
        assertThrows(OptionException.class, () -> workers("nvidia l4")).getMessage());
    assertEquals(
        "--workerGpu: cannot ask for 99 GPUs of the kind 'nvidia-l4'; valid are 1 to 16 of a kind,"
            + " or 0 of none",
        assertThrows(OptionException.class, () -> workers("nvidia-l4:99")).getMessage());
  }
}
