package dev.sheaf.sandbox.flink;

import dev.sheaf.sandbox.process.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a cluster keeps on disk.
 *
 * @param path the folder
 */
record ClusterFolder(Path path) {
  static final String JOB_MANAGER = "jobmanager";
  static final String TASK_MANAGER = "taskmanager-";
  static final String REST_PORT = "rest.port";

  private static final String LOGGING =
      """
      rootLogger.level = INFO
      rootLogger.appenderRef.console.ref = console
      appender.console.type = Console
      appender.console.name = console
      appender.console.layout.type = PatternLayout
      appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c - %m%n
      logger.metrics.name = org.apache.flink.metrics.MetricGroup
      logger.metrics.level = ERROR
      logger.kafka.name = org.apache.kafka
      logger.kafka.level = WARN
      """;

  Path configuration() {
    return path.resolve("conf");
  }

  Path logging() {
    return configuration().resolve("log4j2.properties");
  }

  /** What every cluster is told, the ports and sizes aside. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String host :
        List.of(
            "rest.bind-address",
            "rest.address",
            "jobmanager.bind-host",
            "jobmanager.rpc.address",
            "taskmanager.bind-host",
            "taskmanager.host")) {
      settings.put(host, "127.0.0.1");
    }
    settings.put("rest.flamegraph.enabled", "false");
    settings.put("web.upload.dir", path.resolve("uploads").toString());
    settings.put("io.tmp.dirs", path.resolve("tmp").toString());
    settings.put("state.checkpoints.dir", path.resolve("checkpoints").toUri().toString());
    settings.put("state.savepoints.dir", path.resolve("savepoints").toUri().toString());
    // Read by the client that submits: without it every keyed shuffle costs up to 100 ms.
    settings.put("execution.buffer-timeout.interval", "1 ms");
    // A job outlives servers that are killed now and then, and ends if it fails again and again.
    settings.put("restart-strategy.type", "failure-rate");
    settings.put("restart-strategy.failure-rate.max-failures-per-interval", "12");
    settings.put("restart-strategy.failure-rate.failure-rate-interval", "5 min");
    settings.put("restart-strategy.failure-rate.delay", "1 s");
    settings.put("heartbeat.interval", "1000");
    settings.put("heartbeat.timeout", "8000");
    settings.put("pekko.ask.timeout", "30 s");
    return settings;
  }

  void write(Map<String, String> settings) {
    String yaml =
        settings.entrySet().stream()
            .map(entry -> entry.getKey() + ": '" + entry.getValue().replace("'", "''") + "'\n")
            .collect(Collectors.joining());
    try {
      for (String folder : List.of("conf", "uploads", "tmp", "checkpoints", "savepoints")) {
        Files.createDirectories(path.resolve(folder));
      }
      Files.writeString(configuration().resolve("config.yaml"), yaml);
      Files.writeString(logging(), LOGGING);
    } catch (IOException e) {
      throw new SandboxException("cannot write " + configuration() + ": " + e, e);
    }
  }

  /** The settings that the folder's cluster was started with; empty if there was none. */
  Optional<Map<String, String>> read() {
    Path file = configuration().resolve("config.yaml");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return Optional.of(
          lines
              .map(line -> line.split(": ", 2))
              .filter(parts -> parts.length == 2)
              .collect(
                  Collectors.toMap(
                      parts -> parts[0],
                      parts -> parts[1].replaceAll("^'|'$", "").replace("''", "'"),
                      (first, second) -> second,
                      LinkedHashMap::new)));
    } catch (IOException e) {
      throw new SandboxException("cannot read " + file + ": " + e, e);
    }
  }

  /** The port of REST and web page among settings that {@link #read} gave. */
  int restPort(Map<String, String> settings) {
    String port = settings.getOrDefault(REST_PORT, "");
    if (!port.matches("\\d{1,5}")) {
      throw new SandboxException(
          "cannot tell where the cluster of "
              + path
              + " listens: "
              + REST_PORT
              + " in its configuration must be a port, found '"
              + port
              + "'");
    }
    return Integer.parseInt(port);
  }

  /** The number of the next TaskManager: none is used twice, so that each has a log of its own. */
  int nextTaskManager() {
    return knownTaskManagers().max().orElse(0) + 1;
  }

  /** Numbers of all TaskManagers that ever ran here. */
  IntStream knownTaskManagers() {
    try (Stream<Path> files = Files.list(path)) {
      List<Integer> numbers =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.matches(TASK_MANAGER + "\\d{1,9}\\.log"))
              .map(name -> name.substring(TASK_MANAGER.length(), name.length() - ".log".length()))
              .map(Integer::valueOf)
              .sorted()
              .toList();
      return numbers.stream().mapToInt(Integer::intValue);
    } catch (IOException e) {
      throw new SandboxException("cannot list " + path + ": " + e, e);
    }
  }
}
