package dev.sheaf.benchmarks;

import dev.sheaf.sandbox.flink.FlinkCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How Flink runs inside a benchmark's process: on this machine alone, a slot per core. */
final class FlinkSettings {
  /** What Flink needs of a JVM of 17, and a heap for a cluster and its clients. */
  static final List<String> JVM_OPTIONS =
      Stream.concat(Stream.of("-Xmx4g"), FlinkCluster.jvmOptions().stream()).toList();

  /** Embedded Flink would listen to everyone. */
  private static final List<String> LOOPBACK =
      List.of(
          "rest.bind-address",
          "rest.address",
          "jobmanager.bind-host",
          "jobmanager.rpc.address",
          "taskmanager.bind-host",
          "taskmanager.host");

  private FlinkSettings() {}

  /** The arguments of a pipeline; writes Flink's configuration into a folder. */
  static List<String> arguments(Path folder) throws IOException {
    String settings =
        LOOPBACK.stream().map(key -> key + ": 127.0.0.1\n").collect(Collectors.joining());
    Path configuration = Files.createDirectories(folder.resolve("flink"));
    Files.writeString(configuration.resolve("flink-conf.yaml"), settings, Benchmarks.CHARSET);
    return List.of(
        "--runner=FlinkRunner",
        "--flinkMaster=[local]",
        "--flinkConfDir=" + configuration,
        "--parallelism=" + Runtime.getRuntime().availableProcessors());
  }
}
