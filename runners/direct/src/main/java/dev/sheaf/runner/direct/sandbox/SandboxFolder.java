package dev.sheaf.runner.direct.sandbox;

import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import dev.sheaf.sandbox.process.SandboxException;
import dev.sheaf.sandbox.warehouse.WarehouseProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A sandbox's folder: a folder of each server, and {@code sandbox.properties}, which tells programs
 * where they listen.
 *
 * @param path the folder
 */
record SandboxFolder(Path path) {
  Path of(Server server) {
    return path.resolve(server.label());
  }

  Path properties() {
    return path.resolve("sandbox.properties");
  }

  /** What runs of a server, as key and value of {@code sandbox.properties}; empty if nothing. */
  Map<String, String> facts(Server server) {
    return switch (server) {
      case SNOWFLAKE ->
          WarehouseProcess.find(of(server)).map(SandboxFolder::facts).orElse(Map.of());
      case KAFKA -> KafkaBroker.find(of(server)).map(SandboxFolder::facts).orElse(Map.of());
      case FLINK -> FlinkCluster.find(of(server)).map(SandboxFolder::facts).orElse(Map.of());
    };
  }

  private static Map<String, String> facts(WarehouseProcess warehouse) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("snowflake.url", warehouse.jdbcUrl());
    facts.put("snowflake.user", WarehouseProcess.USER);
    facts.put("snowflake.password", "file:" + warehouse.passwordFile());
    facts.put("snowflake.privateKey", "file:" + warehouse.privateKeyFile());
    facts.put("snowflake.database", WarehouseProcess.DATABASE);
    facts.put("snowflake.pid", Long.toString(warehouse.pid()));
    return facts;
  }

  private static Map<String, String> facts(KafkaBroker broker) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("kafka.bootstrapServers", broker.bootstrapServers());
    facts.put("kafka.pid", Long.toString(broker.pid()));
    return facts;
  }

  private static Map<String, String> facts(FlinkCluster cluster) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("flink.master", cluster.restAddress());
    facts.put("flink.web", cluster.webAddress());
    facts.put("flink.configurationFolder", cluster.configurationFolder().toString());
    cluster.pids().forEach((name, pid) -> facts.put("flink." + name + ".pid", Long.toString(pid)));
    return facts;
  }

  /** Writes down what runs now. */
  void writeProperties() {
    String text =
        Arrays.stream(Server.values())
            .flatMap(server -> facts(server).entrySet().stream())
            .map(fact -> fact.getKey() + "=" + fact.getValue() + "\n")
            .collect(Collectors.joining());
    try {
      Files.writeString(properties(), text);
    } catch (IOException e) {
      throw new SandboxException("cannot write " + properties() + ": " + e, e);
    }
  }

  /** Whether a server runs; a cluster does while its JobManager does. */
  boolean runs(Server server) {
    return facts(server)
        .containsKey(server == Server.FLINK ? "flink.jobmanager.pid" : server.label() + ".pid");
  }

  /** One line on what runs of a server; empty if nothing. */
  Optional<String> line(Server server) {
    Map<String, String> facts = facts(server);
    if (facts.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (server) {
          case SNOWFLAKE -> facts.getOrDefault("snowflake.url", "");
          case KAFKA -> facts.getOrDefault("kafka.bootstrapServers", "");
          case FLINK -> flinkLine(facts);
        });
  }

  private static String flinkLine(Map<String, String> facts) {
    long taskManagers =
        facts.keySet().stream().filter(key -> key.startsWith("flink.taskmanager-")).count();
    return facts.get("flink.web")
        + ", "
        + taskManagers
        + (taskManagers == 1 ? " TaskManager" : " TaskManagers")
        + (facts.containsKey("flink.jobmanager.pid") ? "" : ", the JobManager has ended");
  }
}
