package dev.sheaf.sandbox.flink;

import dev.sheaf.sandbox.process.SandboxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory of each TaskManager, in MiB.
 *
 * <p>What ONNX Runtime and the trainers allocate in C++ is in none of these and has no limit here;
 * count it beside them when the machine is small. A TaskManager takes about the sum of all, plus
 * 200 MiB that a JVM needs, plus that native memory.
 *
 * @param heap of the tasks: rows, state of the heap backend, models being trained; 384 by default
 * @param offHeap of the tasks: direct buffers, as tensors and the Kafka clients use; 160 by default
 * @param network buffers of shuffles, 192 by default; a job with many steps needs more, and says
 *     "insufficient number of network buffers"
 * @param managed by Flink, for RocksDB and sorting; 64 by default
 * @param metaspace for classes; each job brings its own; 512 by default
 */
public record TaskManagerMemory(int heap, int offHeap, int network, int managed, int metaspace) {
  private static final int FRAMEWORK_HEAP = 128;
  private static final int FRAMEWORK_OFF_HEAP = 64;
  private static final int OVERHEAD = 192;

  public TaskManagerMemory {
    require("heap", heap, 64);
    require("off-heap memory", offHeap, 0);
    require("network memory", network, 16);
    require("managed memory", managed, 0);
    require("metaspace", metaspace, 64);
  }

  private static void require(String what, int mebibytes, int least) {
    if (mebibytes < least) {
      throw new IllegalArgumentException(
          "cannot give a TaskManager a "
              + what
              + " of "
              + mebibytes
              + " MiB: at least "
              + least
              + " are needed");
    }
  }

  /** What small jobs need; the network's part is enough for a batch job of a dozen shuffles. */
  public static TaskManagerMemory small() {
    return new TaskManagerMemory(384, 160, 384, 64, 512);
  }

  public TaskManagerMemory withHeap(int mebibytes) {
    return new TaskManagerMemory(mebibytes, offHeap, network, managed, metaspace);
  }

  public TaskManagerMemory withOffHeap(int mebibytes) {
    return new TaskManagerMemory(heap, mebibytes, network, managed, metaspace);
  }

  public TaskManagerMemory withNetwork(int mebibytes) {
    return new TaskManagerMemory(heap, offHeap, mebibytes, managed, metaspace);
  }

  public TaskManagerMemory withManaged(int mebibytes) {
    return new TaskManagerMemory(heap, offHeap, network, mebibytes, metaspace);
  }

  public TaskManagerMemory withMetaspace(int mebibytes) {
    return new TaskManagerMemory(heap, offHeap, network, managed, mebibytes);
  }

  /** Flink's keys; a TaskManager that is started without Flink's scripts needs every one. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("taskmanager.memory.framework.heap.size", FRAMEWORK_HEAP + "m");
    settings.put("taskmanager.memory.task.heap.size", heap + "m");
    settings.put("taskmanager.memory.framework.off-heap.size", FRAMEWORK_OFF_HEAP + "m");
    settings.put("taskmanager.memory.task.off-heap.size", offHeap + "m");
    settings.put("taskmanager.memory.network.min", network + "m");
    settings.put("taskmanager.memory.network.max", network + "m");
    settings.put("taskmanager.memory.managed.size", managed + "m");
    settings.put("taskmanager.memory.jvm-metaspace.size", metaspace + "m");
    settings.put("taskmanager.memory.jvm-overhead.min", OVERHEAD + "m");
    settings.put("taskmanager.memory.jvm-overhead.max", OVERHEAD + "m");
    return settings;
  }

  /** As {@link #settings} wrote it. */
  static TaskManagerMemory of(Map<String, String> settings) {
    return new TaskManagerMemory(
        mebibytes(settings, "taskmanager.memory.task.heap.size"),
        mebibytes(settings, "taskmanager.memory.task.off-heap.size"),
        mebibytes(settings, "taskmanager.memory.network.max"),
        mebibytes(settings, "taskmanager.memory.managed.size"),
        mebibytes(settings, "taskmanager.memory.jvm-metaspace.size"));
  }

  private static int mebibytes(Map<String, String> settings, String key) {
    String value = settings.getOrDefault(key, "");
    if (!value.matches("\\d{1,9}m")) {
      throw new SandboxException(
          "cannot read the memory of a TaskManager: "
              + key
              + " must be like 384m, found '"
              + value
              + "'");
    }
    return Integer.parseInt(value.substring(0, value.length() - 1));
  }

  /** The same for the JVM, as Flink's scripts would say it. */
  List<String> jvmOptions() {
    return List.of(
        "-Xmx" + (FRAMEWORK_HEAP + heap) + "m",
        "-XX:MaxDirectMemorySize=" + (FRAMEWORK_OFF_HEAP + offHeap + network) + "m",
        "-XX:MaxMetaspaceSize=" + metaspace + "m");
  }
}
