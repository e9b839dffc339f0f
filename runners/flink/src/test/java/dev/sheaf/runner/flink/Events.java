package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Numbered events that go into a topic at a steady rate, and the count of what comes out. */
final class Events {
  static final String SOURCE = "sales";
  static final String TARGET = "predictions";
  static final String DEAD_LETTERS = "sales-dead-letters";

  private static final int PARTITIONS = 4;
  private static final Duration INCIDENT_LIMIT = Duration.ofMinutes(8);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Topics topics;
  private final AtomicReference<Throwable> failed = new AtomicReference<>();

  Events(String servers) {
    this.topics = new Topics(servers);
  }

  void createTopics() throws InterruptedException, ExecutionException {
    topics.create(PARTITIONS, SOURCE, TARGET);
    topics.create(1, DEAD_LETTERS);
  }

  private static double price(int event) {
    return event % 97 / 4.0;
  }

  private static int storeOf(int event) {
    return event % StoreModels.STORES;
  }

  /** What is done while events flow, at some of them. */
  interface Incident {
    void happen() throws Exception;
  }

  /** Sends events from 0 at a rate; at the number of an incident it happens. */
  void send(int count, int perSecond, Map<Integer, Incident> incidents) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = topics.producer()) {
      AtomicReference<Exception> refused = new AtomicReference<>();
      List<Thread> happening = new ArrayList<>();
      long start = System.nanoTime();
      for (int event = 0; event < count; event++) {
        Incident incident = incidents.get(event);
        if (incident != null) {
          Thread thread = new Thread(() -> happen(incident), "incident");
          thread.setDaemon(true);
          thread.start();
          happening.add(thread);
        }
        long due = start + event * 1_000_000_000L / perSecond;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(200_000);
        }
        Future<?> sent =
            producer.send(
                new ProducerRecord<>(SOURCE, event % PARTITIONS, null, value(event)),
                (metadata, thrown) -> {
                  if (thrown != null) {
                    refused.set(thrown);
                  }
                });
        if (event == count - 1) {
          sent.get();
        }
      }
      producer.flush();
      for (Thread each : happening) {
        each.join(INCIDENT_LIMIT.toMillis());
        assertFalse(each.isAlive(), "an incident did not end");
      }
      if (failed.get() != null) {
        throw new IllegalStateException("an incident failed", failed.get());
      }
      if (refused.get() != null) {
        throw refused.get();
      }
    }
  }

  private void happen(Incident incident) {
    try {
      incident.happen();
    } catch (Exception | AssertionError e) {
      failed.compareAndSet(null, e);
    }
  }

  private static byte[] value(int event) {
    return "{\"SALE_ID\":\"sale-%d\",\"STORE_ID\":%d,\"PRICE\":%s}"
        .formatted(event, storeOf(event), price(event))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Sends values that are no events. */
  void sendPoison(String... values) throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer = topics.producer()) {
      for (String value : values) {
        producer
            .send(new ProducerRecord<>(SOURCE, 0, null, value.getBytes(StandardCharsets.UTF_8)))
            .get();
      }
    }
  }

  /**
   * What came out.
   *
   * @param records all of them
   * @param duplicates records of an event beyond its first
   * @param byVersion events by the version that scored them first
   */
  record Outcome(long records, long duplicates, Map<String, Long> byVersion) {}

  /** Reads predictions until each event has one; checks every one of them. */
  Outcome await(int count, Duration limit) throws IOException {
    BitSet seen = new BitSet(count);
    Map<String, Long> byVersion = new TreeMap<>();
    long records = 0;
    long end = System.nanoTime() + limit.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer(TARGET)) {
      while (seen.cardinality() < count || !atEnd(consumer)) {
        if (System.nanoTime() > end) {
          fail(seen.cardinality() + " of " + count + " events have a prediction in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Topics.POLL)) {
          records++;
          JsonNode prediction = JSON.readTree(record.value());
          int event = number(prediction);
          String version = prediction.get("MODEL_VERSION").asText();
          assertEquals(
              StoreModels.prediction(version, storeOf(event), price(event)),
              prediction.get("PREDICTION").asDouble(),
              1e-6,
              prediction::toString);
          assertEquals(
              "sale-" + event,
              new String(
                  record.headers().lastHeader("sheaf-record-id").value(), StandardCharsets.UTF_8));
          if (!seen.get(event)) {
            seen.set(event);
            byVersion.merge(version, 1L, Long::sum);
          }
        }
      }
    }
    return new Outcome(records, records - count, byVersion);
  }

  /** Waits until what is read off every partition of the source is as new as an event. */
  void awaitPredictionsFrom(int event, Duration limit) throws IOException {
    BitSet seen = new BitSet(PARTITIONS);
    long end = System.nanoTime() + limit.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer(TARGET)) {
      consumer.seekToEnd(consumer.assignment());
      while (seen.cardinality() < PARTITIONS) {
        if (System.nanoTime() > end) {
          fail("the job did not come to event " + event + " within " + limit);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Topics.POLL)) {
          int number = number(JSON.readTree(record.value()));
          if (number >= event) {
            seen.set(number % PARTITIONS);
          }
        }
      }
    }
  }

  private static int number(JsonNode prediction) {
    return Integer.parseInt(prediction.get("SALE_ID").asText().substring(5));
  }

  /** The values of dead letters, once there are so many. */
  List<String> deadLetters(int count, Duration limit) {
    return topics.read(DEAD_LETTERS, count, limit);
  }

  private static boolean atEnd(KafkaConsumer<byte[], byte[]> consumer) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    return ends.entrySet().stream()
        .allMatch(entry -> consumer.position(entry.getKey()) >= entry.getValue());
  }

  @Override
  public String toString() {
    return topics + " " + Arrays.asList(SOURCE, TARGET, DEAD_LETTERS);
  }
}
