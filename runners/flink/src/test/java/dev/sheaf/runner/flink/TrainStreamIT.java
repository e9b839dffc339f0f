package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.flink.TaskManagerMemory;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream trains a version per window on a cluster of separate JVMs, and another takes each of
 * them up to score with.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class TrainStreamIT {
  private static final String SALES = "sales";
  private static final String LEDGER = "ledger";
  private static final String BASKETS = "baskets";
  private static final String SCORED = "scored";
  private static final Duration WINDOW = Duration.ofSeconds(15);
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final ModelStore store;

  TrainStreamIT(@TempDir Path folder) {
    this.folder = folder;
    this.store = ModelStore.at(folder.resolve("models").toString());
  }

  @Test
  void everyWindowBecomesAVersionThatTheScoringJobTakesUp() throws Exception {
    Commands commands = new Commands(Files.createDirectories(folder.resolve("commands")));
    try (KafkaBroker broker = KafkaBroker.in(folder.resolve("kafka")).start();
        FlinkCluster cluster =
            FlinkCluster.in(folder.resolve("flink"))
                .withTaskManagers(2)
                .withSlots(3)
                .withMemory(TaskManagerMemory.small().withMetaspace(512).withNetwork(384))
                .start()) {
      Topics topics = new Topics(broker.bootstrapServers());
      topics.create(Sales.PARTITIONS, SALES, BASKETS, SCORED);
      topics.create(1, LEDGER, SALES + "-dead-letters", BASKETS + "-dead-letters");
      commands.submit(cluster.restAddress(), training(broker, cluster));
      try (Sales sales = Sales.flowInto(topics, SALES, WINDOW)) {
        Instant first = sales.endOf(Instant.now()).plus(WINDOW);
        awaitChampion(first);
        new ClusterJobs(cluster).uploadAndRun(Commands.bundledJar(), scoring(broker, cluster));
        Instant scored = awaitScored(sales, topics, first);

        cluster.killTaskManager(cluster.taskManagers().get(0)); // Half a window is in its state.
        cluster.startTaskManager();
        Instant killed = sales.endOf(Instant.now());
        sales.sellLate(first);
        awaitChampion(killed.plus(WINDOW));
        awaitScored(sales, topics, killed);
        for (Instant end = first; !end.isAfter(killed); end = end.plus(WINDOW)) {
          assertEquals(withoutLate(sales, end, first), rowsOf(VersionId.at(end)), end::toString);
        }
        assertTrue(scored.isBefore(killed.plus(WINDOW)));
        VersionId late = awaitLateVersionOf(first);
        assertEquals(sales.soldUpTo(first).get("7"), rowsOf(late).get("7"));
        assertEveryKeyIsInTheLedger(topics, first);
      }
    }
  }

  private static Map<String, Long> withoutLate(Sales sales, Instant end, Instant late)
      throws Exception {
    Map<String, Long> sold = sales.soldUpTo(end);
    if (end.equals(late)) {
      sold.merge("7", -1L, Long::sum);
    }
    return sold;
  }

  private void awaitChampion(Instant end) {
    await(
        "version " + VersionId.at(end) + " does not serve",
        () ->
            store.alias(ModelStore.CHAMPION).stream()
                .anyMatch(alias -> alias.version().compareTo(VersionId.at(end)) >= 0));
  }

  private VersionId awaitLateVersionOf(Instant end) {
    String name = VersionId.at(end) + "-late";
    await("no version " + name, () -> lateVersion(name) != null);
    return Objects.requireNonNull(lateVersion(name));
  }

  private @Nullable VersionId lateVersion(String name) {
    return store.versions().stream()
        .filter(version -> version.text().startsWith(name))
        .findFirst()
        .orElse(null);
  }

  /** A condition that is waited for. */
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String otherwise, Condition condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      while (!condition.holds()) {
        if (System.nanoTime() > end) {
          fail(otherwise + " within " + LIMIT);
        }
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    } catch (Exception e) {
      throw new IllegalStateException(otherwise, e);
    }
  }

  /** Sends baskets until one is scored by the version of a window or a later one; gives that. */
  private static Instant awaitScored(Sales sales, Topics topics, Instant end) {
    AtomicReference<Instant> found = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = topics.producer();
        KafkaConsumer<byte[], byte[]> consumer = topics.consumer(SCORED)) {
      await(
          "nothing is scored by version " + VersionId.at(end) + " or a later one",
          () -> {
            String basket = "{\"STORE_ID\":7,\"PRICE\":4}";
            producer
                .send(new ProducerRecord<>(BASKETS, basket.getBytes(StandardCharsets.UTF_8)))
                .get();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Topics.POLL)) {
              JsonNode scored = JSON.readTree(record.value());
              Instant window = VersionId.ofText(scored.get("MODEL_VERSION").asText()).time();
              assertEquals(
                  sales.amount(window, 7, 4),
                  scored.get("PREDICTION").asDouble(),
                  1e-2,
                  scored::toString);
              if (!window.isBefore(end)) {
                found.set(window);
              }
            }
            return found.get() != null;
          });
    }
    return Objects.requireNonNull(found.get());
  }

  private Map<String, Long> rowsOf(VersionId version) {
    Map<String, Long> rows = new TreeMap<>();
    for (IndexEntry entry : store.version(version).index().values()) {
      rows.put(entry.key(), entry.rows());
    }
    return rows;
  }

  private static void assertEveryKeyIsInTheLedger(Topics topics, Instant end) throws IOException {
    Set<String> ids = new HashSet<>();
    for (String value : topics.read(LEDGER, 3 * Sales.STORES, LIMIT)) {
      JsonNode row = JSON.readTree(value);
      assertEquals("TRAINED", row.get("STATUS").asText(), value);
      ids.add(row.get("EVENT_ID").asText().replaceAll("/TRAINED/\\d+$", ""));
    }
    for (int each = 0; each < Sales.STORES; each++) {
      assertTrue(ids.contains("quarters-" + VersionId.at(end) + "/KEY/" + each), ids::toString);
    }
  }

  private List<String> training(KafkaBroker broker, FlinkCluster cluster) {
    return job(
        "train-stream",
        broker,
        cluster,
        "--sourceTopic=" + SALES,
        "--columns=STORE_ID:integer!,PRICE:number,AMOUNT:number,SOLD_AT:timestamp!",
        "--eventTime=SOLD_AT",
        "--label=AMOUNT",
        "--features=PRICE",
        "--window=" + WINDOW,
        "--outOfOrderness=PT5S",
        "--allowedLateness=PT10M",
        "--lateWait=PT1S",
        "--minimumRows=2",
        "--runId=quarters",
        "--ledgerTopic=" + LEDGER,
        "--parallelism=2");
  }

  private List<String> scoring(KafkaBroker broker, FlinkCluster cluster) {
    return job(
        "score-stream",
        broker,
        cluster,
        "--sourceTopic=" + BASKETS,
        "--targetTopic=" + SCORED,
        "--columns=STORE_ID:integer!,PRICE:number",
        "--refreshSeconds=1",
        "--parallelism=1");
  }

  private List<String> job(
      String pipeline, KafkaBroker broker, FlinkCluster cluster, String... more) {
    List<String> job =
        new ArrayList<>(
            List.of(
                pipeline,
                "--detached",
                "--checkpointingInterval=1000",
                "--flinkConfDir=" + cluster.configurationFolder(),
                "--bootstrapServers=" + broker.bootstrapServers(),
                "--key=STORE_ID",
                "--modelStore=" + store.location()));
    job.addAll(List.of(more));
    return job;
  }
}
