package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.GpuProvider;
import java.io.Serializable;
import java.util.regex.Pattern;
import org.apache.beam.sdk.transforms.resourcehints.ResourceHints;

/**
 * What the machines that compute predictions must have; Beam calls it resource hints.
 *
 * <p>Dataflow gives its workers what is asked for here, the GPU with its driver. Other runners
 * ignore it: there the machines are what the cluster has, see docs/gpu.md.
 *
 * <pre>{@code
 * RunInference.with(store.champion()).keyedBy("STORE_ID")
 *     .on(ExecutionProvider.cuda())
 *     .withWorkers(WorkerResources.gpu("nvidia-l4").withMemory(16L << 30));
 * }</pre>
 *
 * @param gpuType the kind of GPU as the cloud calls it, such as {@code nvidia-l4}; empty for none
 * @param gpus how many of them in each machine; 0 if there is no kind
 * @param memoryBytes the least memory of a machine; 0 for any
 */
public record WorkerResources(String gpuType, int gpus, long memoryBytes) implements Serializable {
  private static final String USUAL_GPU = "nvidia-tesla-t4";
  private static final Pattern TYPE = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final int MOST_GPUS = 16;
  private static final long LEAST_BYTES = 1 << 20;

  public WorkerResources {
    if (gpuType.isEmpty() ? gpus != 0 : gpus < 1 || gpus > MOST_GPUS) {
      throw new IllegalArgumentException(
          "cannot ask for "
              + gpus
              + " GPUs of the kind '"
              + gpuType
              + "'; valid are 1 to "
              + MOST_GPUS
              + " of a kind, or 0 of none");
    }
    if (!gpuType.isEmpty() && !TYPE.matcher(gpuType).matches()) {
      throw new IllegalArgumentException(
          "cannot ask for a GPU of the kind '"
              + gpuType
              + "'; valid are lower-case words joined by hyphens, such as nvidia-l4");
    }
    if (memoryBytes != 0 && memoryBytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "cannot ask for " + memoryBytes + " bytes of memory; at least 1048576 are needed");
    }
  }

  /** Any machine that the runner has. */
  public static WorkerResources any() {
    return new WorkerResources("", 0, 0);
  }

  /** One GPU in each machine, of a kind such as {@code nvidia-tesla-t4} or {@code nvidia-l4}. */
  public static WorkerResources gpu(String type) {
    if (type.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot ask for a GPU of no kind; valid is a kind such as nvidia-l4");
    }
    return new WorkerResources(type, 1, 0);
  }

  /** What a provider needs: for one on a GPU one NVIDIA T4, for the CPU any machine. */
  static WorkerResources of(ExecutionProvider provider) {
    return provider instanceof GpuProvider ? gpu(USUAL_GPU) : any();
  }

  /** So many GPUs in each machine, 1 to 16. */
  public WorkerResources withGpus(int count) {
    return new WorkerResources(gpuType, count, memoryBytes);
  }

  /** Machines with at least so many bytes of memory, which must be 1 MiB or more. */
  public WorkerResources withMemory(long bytes) {
    return new WorkerResources(gpuType, gpus, bytes);
  }

  /** As Beam has them. */
  ResourceHints hints() {
    ResourceHints hints = ResourceHints.create();
    if (!gpuType.isEmpty()) {
      hints =
          hints.withAccelerator("type:" + gpuType + ";count:" + gpus + ";install-nvidia-driver");
    }
    return memoryBytes == 0 ? hints : hints.withMinRam(memoryBytes);
  }
}
