package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.jspecify.annotations.Nullable;

/** The options that say where models compute. */
public interface ProviderOptions extends PipelineOptions {
  @Description(
      "Where models compute: cpu, cuda or tensorrt, with settings after a colon, such as"
          + " cpu:threads=4, cuda:device=0,memory=2g or tensorrt:fp16=1,cache=/engines; see"
          + " docs/gpu.md")
  @Default.String("cpu")
  String getProvider();

  void setProvider(String provider);

  @Description("What a worker without the GPU of --provider does: FAIL, or take the CPU")
  @Default.Enum("FAIL")
  Absence getProviderAbsence();

  void setProviderAbsence(Absence absence);

  @Description(
      "GPU that the runner gives its workers, such as nvidia-l4 or nvidia-l4:2 for two in each, or"
          + " none; unless set, one nvidia-tesla-t4 where --provider is on a GPU")
  @Nullable String getWorkerGpu();

  void setWorkerGpu(@Nullable String gpu);

  /** What a worker without the GPU does. */
  enum Absence {
    FAIL,
    CPU
  }
}
