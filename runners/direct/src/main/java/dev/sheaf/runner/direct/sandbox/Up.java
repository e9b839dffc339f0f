package dev.sheaf.runner.direct.sandbox;

import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.flink.TaskManagerMemory;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import dev.sheaf.sandbox.process.Distribution;
import dev.sheaf.sandbox.process.Lifetime;
import dev.sheaf.sandbox.warehouse.WarehouseProcess;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sheaf sandbox up}. */
@Command(
    name = "up",
    description = {
      "Starts servers that do not run yet and tells where they listen, on 127.0.0.1. They stay until"
          + " sheaf sandbox down. Maven fetches Kafka's and Flink's jars the first time (50 and"
          + " 110 MB).",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class Up implements Callable<Integer> {
  @Mixin private SandboxCommand.Place place = new SandboxCommand.Place();

  @Option(
      names = "--snowflake-port",
      paramLabel = "PORT",
      description = "Of the warehouse; unless given, its last one or a free one.")
  private int snowflakePort;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Of the broker; unless given, its last one or a free one.")
  private int kafkaPort;

  @Option(
      names = "--flink-port",
      paramLabel = "PORT",
      description = "Of Flink's REST and web page; unless given, its last one or a free one.")
  private int flinkPort;

  @Option(
      names = "--load",
      paramLabel = "TABLE=FILE",
      description = "CSV file, plain or .gz, that the warehouse loads when it starts.")
  private Map<String, Path> tables = Map.of();

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of a topic that is made when first used (${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--task-managers",
      paramLabel = "N",
      defaultValue = "2",
      description = "TaskManagers of the Flink cluster (${DEFAULT-VALUE}).")
  private int taskManagers;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "2",
      description = "Slots of each TaskManager (${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = "--task-heap",
      paramLabel = "MiB",
      defaultValue = "384",
      description = "Heap of the tasks of each TaskManager (${DEFAULT-VALUE}).")
  private int taskHeap;

  @Option(
      names = "--task-off-heap",
      paramLabel = "MiB",
      defaultValue = "160",
      description = "Direct memory of the tasks of each TaskManager (${DEFAULT-VALUE}).")
  private int taskOffHeap;

  @Option(
      names = "--network-memory",
      paramLabel = "MiB",
      defaultValue = "384",
      description = "Network buffers of each TaskManager (${DEFAULT-VALUE}).")
  private int network;

  @Option(
      names = "--managed-memory",
      paramLabel = "MiB",
      defaultValue = "64",
      description = "Managed memory of each TaskManager, as RocksDB uses (${DEFAULT-VALUE}).")
  private int managed;

  @Option(
      names = "--flink-setting",
      paramLabel = "KEY=VALUE",
      description = "One key of Flink's configuration; may be repeated.")
  private Map<String, String> settings = Map.of();

  @Override
  public Integer call() {
    return place.alone(this::up);
  }

  private int up(PrintWriter out) {
    SandboxFolder folder = place.folder();
    try {
      for (Server server : place.servers()) {
        boolean running = folder.runs(server);
        long started = System.nanoTime();
        tellOfDownload(server);
        start(folder, server);
        out.printf(
            Locale.ROOT,
            "%-10s %-18s %s%n",
            server.label(),
            running
                ? "runs already"
                : String.format(
                    Locale.ROOT, "started in %.1f s", (System.nanoTime() - started) / 1e9),
            folder.line(server).orElse(""));
        out.flush();
      }
    } finally {
      folder.writeProperties();
    }
    out.println();
    out.println(NextSteps.of(folder, place.servers()));
    out.flush();
    return 0;
  }

  private void tellOfDownload(Server server) {
    if (server != Server.SNOWFLAKE && !Distribution.named(server.label()).isFetched()) {
      place.tell("Maven fetches the jars of " + server.label() + ", once");
    }
  }

  private void start(SandboxFolder folder, Server server) {
    switch (server) {
      case SNOWFLAKE -> startWarehouse(folder.of(server));
      case KAFKA -> startBroker(folder.of(server));
      case FLINK -> startCluster(folder.of(server));
    }
  }

  private void startWarehouse(Path folder) {
    WarehouseProcess.Builder builder =
        WarehouseProcess.in(folder).withLifetime(Lifetime.UNTIL_STOPPED);
    tables.forEach(builder::withTable);
    if (snowflakePort != 0) {
      builder.withPort(snowflakePort);
    }
    builder.start();
  }

  private void startBroker(Path folder) {
    KafkaBroker.Builder builder =
        KafkaBroker.in(folder).withPartitions(partitions).withLifetime(Lifetime.UNTIL_STOPPED);
    if (kafkaPort != 0) {
      builder.withPort(kafkaPort);
    }
    builder.start();
  }

  private void startCluster(Path folder) {
    FlinkCluster.Builder builder =
        FlinkCluster.in(folder)
            .withTaskManagers(taskManagers)
            .withSlots(slots)
            .withMemory(
                TaskManagerMemory.small()
                    .withHeap(taskHeap)
                    .withOffHeap(taskOffHeap)
                    .withNetwork(network)
                    .withManaged(managed))
            .withLifetime(Lifetime.UNTIL_STOPPED);
    settings.forEach(builder::withSetting);
    if (flinkPort != 0) {
      builder.withPort(flinkPort);
    }
    builder.start();
  }
}
