package dev.sheaf.runner.direct.sandbox;

import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import dev.sheaf.sandbox.warehouse.WarehouseProcess;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf sandbox down}. */
@Command(
    name = "down",
    description = {"Stops servers that run. What they keep stays for the next time.", ""},
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class Down implements Callable<Integer> {
  @Mixin private SandboxCommand.Place place = new SandboxCommand.Place();

  @Override
  public Integer call() {
    return place.alone(this::down);
  }

  private int down(PrintWriter out) {
    SandboxFolder folder = place.folder();
    List<Server> servers = new ArrayList<>(place.servers());
    Collections.reverse(servers); // Who reads from another ends first.
    try {
      for (Server server : servers) {
        boolean running = folder.line(server).isPresent();
        stop(folder, server);
        out.printf(Locale.ROOT, "%-10s %s%n", server.label(), running ? "stopped" : "does not run");
        out.flush();
      }
    } finally {
      folder.writeProperties();
    }
    return 0;
  }

  private static void stop(SandboxFolder folder, Server server) {
    switch (server) {
      case SNOWFLAKE -> WarehouseProcess.find(folder.of(server)).ifPresent(WarehouseProcess::close);
      case KAFKA -> KafkaBroker.find(folder.of(server)).ifPresent(KafkaBroker::close);
      case FLINK -> FlinkCluster.find(folder.of(server)).ifPresent(FlinkCluster::close);
    }
  }
}
