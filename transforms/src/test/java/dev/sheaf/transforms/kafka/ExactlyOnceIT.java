package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row once for consumers of committed records, whatever fails; counted in a real broker. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExactlyOnceIT {
  private static final Schema EVENT =
      Schema.builder().addStringField("EVENT_ID").addInt64Field("STORE").build();

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Broker broker;

  @BeforeAll
  static void start(@TempDir Path folder) {
    broker = new Broker(folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  private static Pipeline pipeline(String topic, int count, int shards) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(Row.withSchema(EVENT).addValues(Integer.toString(i), i % 20L).build());
    }
    Pipeline pipeline = Pipeline.create();
    pipeline
        .apply(Create.of(rows).withRowSchema(EVENT))
        .apply(
            KafkaRows.write()
                .withConnection(broker.connection())
                .toTopic(topic)
                .withKey("STORE")
                .withExactlyOnce("sink-of-" + topic)
                .withShards(shards));
    return pipeline;
  }

  /** Fails with the ids that are not there as often as they should be, and how often they are. */
  private static void assertOnce(List<String> ids, List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, Integer> wrong = counts(records);
    for (Map.Entry<String, Integer> expected : each(ids).entrySet()) {
      if (!wrong.remove(expected.getKey(), expected.getValue())) {
        wrong.putIfAbsent(expected.getKey(), 0);
      }
    }
    assertEquals(Map.of(), wrong);
  }

  private static Map<String, Integer> counts(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, Integer> counts = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      counts.merge(Broker.header(record, KafkaRows.RECORD_ID), 1, Integer::sum);
    }
    return counts;
  }

  private static Map<String, Integer> each(List<String> ids) {
    Map<String, Integer> counts = new HashMap<>();
    ids.forEach(id -> counts.merge(id, 1, Integer::sum));
    return counts;
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 4", "3, 4", "4, 2"})
  void aPipelineWritesEachRowOnceWhereItsKeyBelongs(int shards, int partitions) throws Exception {
    String topic = "rows-" + shards;
    broker.createTopic(topic, partitions);
    pipeline(topic, 1000, shards).run().waitUntilFinish();
    List<ConsumerRecord<byte[], byte[]>> records = broker.records(topic, 1000);
    assertOnce(ids(1000), records);
    Map<String, Integer> places = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Integer before = places.put(Broker.text(record.key()), record.partition());
      assertTrue(before == null || before == record.partition(), "one key in two partitions");
      if (partitions % shards == 0) {
        assertEquals(
            Utils.toPositive(Utils.murmur2(record.key())) % partitions, record.partition());
      }
    }
  }

  @Test
  void aJobThatRestartsWithoutACheckpointGoesOn() throws Exception {
    broker.createTopic("restarted", 2);
    Pipeline pipeline = pipeline("restarted", 300, 2);
    pipeline.run().waitUntilFinish();
    pipeline.run().waitUntilFinish();
    assertOnce(ids(300), broker.records("restarted", 300));
  }

  @Test
  void aNewJobOfTheSameNameWritesAnew() throws Exception {
    broker.createTopic("anew", 1);
    pipeline("anew", 10, 1).run().waitUntilFinish();
    pipeline("anew", 10, 1).run().waitUntilFinish();
    List<String> twice = new ArrayList<>(ids(10));
    twice.addAll(ids(10));
    assertOnce(twice, broker.records("anew", 20));
  }

  @Test
  void aBundleThatFailsAfterItsCommitIsNotWrittenAgain() throws Exception {
    broker.createTopic("after-commit", 1);
    ReplayedJob job = job("after-commit", 1, ids(100), 7);
    job.process(30);
    job.finishBundle();
    ReplayedJob.Checkpoint checkpoint = job.checkpoint();
    job.process(40);
    job.finishBundle();
    job.retry(checkpoint);
    job.process(55);
    job.finishBundle();
    job.restore(checkpoint);
    job.process(70);
    job.finishBundle();
    job.close();
    assertOnce(ids(100), broker.records("after-commit", 100));
  }

  @Test
  void aBundleThatFailsBeforeItsCommitIsNotThere() throws Exception {
    broker.createTopic("before-commit", 1);
    ReplayedJob job = job("before-commit", 1, ids(20), 8);
    ReplayedJob.Checkpoint checkpoint = job.checkpoint();
    job.process(10);
    job.restore(checkpoint);
    job.process(20);
    job.finishBundle();
    job.close();
    assertOnce(ids(20), broker.records("before-commit", 20));
  }

  @Test
  void aProcessTakenForDeadIsShutOut() throws Exception {
    broker.createTopic("zombie", 1);
    ReplayedJob job = job("zombie", 1, ids(20), 9);
    ReplayedJob.Checkpoint checkpoint = job.checkpoint();
    job.process(5);
    ShardBatches zombie = job.sink();
    job.restore(checkpoint);
    job.process(5);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> zombie.finish(count -> {}));
    assertEquals(
        "Cannot write to topic zombie as sink-of-zombie-0: a later writer has taken over; jobs that run at"
            + " the same time need names of their own",
        e.getMessage());
    job.finishBundle();
    job.process(15);
    job.finishBundle();
    job.close();
    assertOnce(ids(20), broker.records("zombie", 20));
  }

  @Test
  void eachBundleIsOneTransaction() throws Exception {
    broker.createTopic("batches", 3);
    ReplayedJob job = job("batches", 1, ids(5000), 10);
    while (!job.isDone()) {
      job.process(1000);
      job.finishBundle();
    }
    job.close();
    Set<String> batches = new HashSet<>();
    List<ConsumerRecord<byte[], byte[]>> records = broker.records("batches", 5000);
    records.forEach(record -> batches.add(Broker.header(record, WrittenRecords.BATCH)));
    assertEquals(
        Set.of(
            "sink-of-batches-0:1",
            "sink-of-batches-0:2",
            "sink-of-batches-0:3",
            "sink-of-batches-0:4",
            "sink-of-batches-0:5"),
        batches);
    assertOnce(ids(5000), records);
  }

  /** Any number of failures of any kind at any time, back to any checkpoint there was. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 2, 2", "3, 3, 4", "4, 2, 1"})
  void failuresNeitherLoseNorRepeat(int seed, int shards, int partitions) throws Exception {
    String topic = "failures-" + seed;
    broker.createTopic(topic, partitions);
    Random random = new Random(seed);
    List<String> ids = new ArrayList<>(ids(2000));
    // Events that come twice are two events.
    ids.addAll(ids.subList(500, 700));
    ReplayedJob job = job(topic, shards, ids, seed);
    List<ReplayedJob.Checkpoint> checkpoints = new ArrayList<>(List.of(job.checkpoint()));
    int failures = 0;
    while (!job.isDone()) {
      job.process(1 + random.nextInt(200));
      if (failures < 10 && random.nextInt(3) == 0) {
        failures++;
        switch (random.nextInt(3)) {
          case 0 -> job.finishBundle();
          case 1 -> job.failAfterOneCommit();
          default -> {}
        }
        int back = random.nextInt(3) == 0 ? random.nextInt(checkpoints.size()) : 0;
        ReplayedJob.Checkpoint from = checkpoints.get(checkpoints.size() - 1 - back);
        if (random.nextBoolean()) {
          job.restore(from);
        } else {
          job.retry(from);
        }
        continue;
      }
      job.finishBundle();
      if (random.nextInt(3) == 0) {
        checkpoints.add(job.checkpoint());
      }
    }
    job.close();
    assertTrue(failures >= 3, "only " + failures + " failures");
    assertOnce(ids, broker.records(topic, ids.size()));
  }

  private static ReplayedJob job(String topic, int shards, List<String> ids, int seed) {
    return new ReplayedJob(
        broker.connection(), topic, shards, "run-of-" + topic, ids, new Random(seed));
  }
}
