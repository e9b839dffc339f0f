package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.flink.TaskManagerMemory;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import dev.sheaf.sandbox.warehouse.WarehouseProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scoring stream on a cluster of separate JVMs, through a real broker. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class StreamJobsIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @ParameterizedTest
  @ValueSource(strings = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
  void everyEventHasAPredictionThroughAKillAndANewVersion(String delivery, @TempDir Path folder)
      throws Exception {
    StoreModels models = new StoreModels(folder.resolve("models"));
    models.publish(1);
    Commands commands = new Commands(Files.createDirectories(folder.resolve("commands")));
    try (KafkaBroker broker = KafkaBroker.in(folder.resolve("kafka")).start();
        FlinkCluster cluster =
            FlinkCluster.in(folder.resolve("flink"))
                .withTaskManagers(2)
                .withMemory(TaskManagerMemory.small().withMetaspace(384))
                .start()) {
      Events events = new Events(broker.bootstrapServers());
      events.createTopics();
      commands.submit(cluster.restAddress(), job(broker, cluster, models, delivery));
      events.sendPoison("no json", "{\"SALE_ID\":\"x\",\"PRICE\":1}");
      List<String> refused = events.deadLetters(2, LIMIT); // From here on the job runs.
      assertTrue(refused.contains("no json"), refused::toString);
      int count = 40_000;
      events.send(
          count,
          2000,
          Map.of(
              12_000,
              () -> {
                events.awaitPredictionsFrom(0, LIMIT); // Some by version 1, however late it begins.
                models.publish(2);
              },
              22_000,
              () -> {
                cluster.killTaskManager(cluster.taskManagers().get(0));
                cluster.startTaskManager();
              }));
      Events.Outcome outcome = events.await(count, LIMIT);
      assertEquals(
          Set.of(StoreModels.version(1).text(), StoreModels.version(2).text()),
          outcome.byVersion().keySet());
      if (delivery.equals("EXACTLY_ONCE")) {
        assertEquals(0, outcome.duplicates());
      }
    }
  }

  /**
   * Minutes long, so only when asked for: each kind of fault three times while 200,000 events flow
   * into a topic and, at least once, into a table.
   */
  @ParameterizedTest
  @ValueSource(strings = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
  @Tag("soak")
  @EnabledIfEnvironmentVariable(
      named = "SHEAF_SOAK",
      matches = ".+",
      disabledReason = "set SHEAF_SOAK to run faults for minutes")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void everyEventHasAPredictionThroughEachFaultThreeTimes(String delivery, @TempDir Path folder)
      throws Exception {
    StoreModels models = new StoreModels(folder.resolve("models"));
    models.publish(1);
    Commands commands = new Commands(Files.createDirectories(folder.resolve("commands")));
    try (KafkaBroker broker = KafkaBroker.in(folder.resolve("kafka")).start();
        WarehouseProcess warehouse = WarehouseProcess.in(folder.resolve("warehouse")).start();
        FlinkCluster cluster =
            FlinkCluster.in(folder.resolve("flink"))
                .withTaskManagers(2)
                .withMemory(TaskManagerMemory.small().withMetaspace(512))
                .start()) {
      PredictionTables tables = new PredictionTables(warehouse, folder.resolve("staging"));
      Events events = new Events(broker.bootstrapServers());
      events.createTopics();
      List<String> job = job(broker, cluster, models, delivery);
      job.addAll(tables.options());
      commands.submit(cluster.restAddress(), job);
      events.sendPoison("no json");
      events.deadLetters(1, LIMIT);
      int count = 200_000;
      Map<Integer, Events.Incident> incidents = new TreeMap<>();
      for (int time = 0; time < 3; time++) {
        int version = time + 2;
        int from = 5_000 + 64_000 * time;
        incidents.put(
            from,
            () -> {
              // A worker that has never had a whole version can only refuse what a broken one gets.
              events.awaitPredictionsFrom(from + 500, LIMIT);
              models.publishBroken(10 + version);
              awaitTold(folder.resolve("flink"), StoreModels.version(10 + version).text());
              models.publish(version);
              cluster.killTaskManager(cluster.taskManagers().get(0));
              cluster.startTaskManager();
            });
        incidents.put(
            from + 30_000,
            () -> {
              broker.kill();
              broker.restart();
            });
        incidents.put(
            from + 38_000,
            () -> {
              warehouse.kill();
              warehouse.restart();
            });
        incidents.put(from + 54_000, () -> freeze(warehouse, Duration.ofSeconds(8)));
        incidents.put(
            from + 46_000,
            () -> {
              String savepoint =
                  new ClusterJobs(cluster).stopWithSavepoint(folder.resolve("savepoints"));
              List<String> again = new ArrayList<>(job);
              again.add("--savepointPath=" + savepoint);
              commands.submit(cluster.restAddress(), again);
            });
      }
      events.send(count, 1000, incidents);
      Events.Outcome outcome = events.await(count, Duration.ofMinutes(10));
      System.out.println(delivery + ": " + outcome);
      assertEquals(
          Set.of(1, 2, 3, 4).stream()
              .map(number -> StoreModels.version(number).text())
              .collect(Collectors.toSet()),
          outcome.byVersion().keySet());
      if (delivery.equals("EXACTLY_ONCE")) {
        assertEquals(0, outcome.duplicates());
      }
      tables.createView(commands);
      PredictionTables.Counts counts = tables.await(count, Duration.ofMinutes(5));
      System.out.println(delivery + ": " + counts);
      assertEquals(new PredictionTables.Counts(count, count, counts.loaded()), counts);
    }
  }

  /** Makes the warehouse take connections and answer none of them, for a time. */
  private static void freeze(WarehouseProcess warehouse, Duration time) throws Exception {
    signal("-STOP", warehouse);
    LockSupport.parkNanos(time.toNanos());
    signal("-CONT", warehouse);
  }

  private static void signal(String signal, WarehouseProcess warehouse) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(warehouse.pid())).start();
    assertTrue(kill.waitFor(5, TimeUnit.SECONDS), signal);
    assertEquals(0, kill.exitValue(), signal);
  }

  /** Waits until a worker has told of a version. */
  private static void awaitTold(Path logs, String version) throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    boolean told = false;
    while (!told) {
      if (System.nanoTime() > end) {
        fail("no worker has told of version " + version);
      }
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      try (Stream<Path> files = Files.list(logs)) {
        for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
          told |= Files.readString(log, StandardCharsets.ISO_8859_1).contains(version);
        }
      }
    }
  }

  /** Exactly once also with events that wait for others, which checkpoints must hold. */
  private static List<String> job(
      KafkaBroker broker, FlinkCluster cluster, StoreModels models, String delivery) {
    List<String> job =
        new ArrayList<>(
            List.of(
                "score-stream",
                "--detached",
                "--parallelism=2",
                "--checkpointingInterval=2000",
                "--flinkConfDir=" + cluster.configurationFolder(),
                "--bootstrapServers=" + broker.bootstrapServers(),
                "--sourceTopic=" + Events.SOURCE,
                "--targetTopic=" + Events.TARGET,
                "--columns=SALE_ID:text!,STORE_ID:integer!,PRICE:number",
                "--eventId=SALE_ID",
                "--key=STORE_ID",
                "--modelStore=" + models.location(),
                "--delivery=" + delivery,
                "--refreshSeconds=1"));
    if (delivery.equals("EXACTLY_ONCE")) {
      job.addAll(List.of("--batchSize=32", "--longestWaitMillis=100"));
    }
    return job;
  }
}
