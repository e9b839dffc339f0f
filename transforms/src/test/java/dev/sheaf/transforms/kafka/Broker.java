package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sheaf.sandbox.kafka.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** A real broker, and what tests do with it from outside. */
final class Broker implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final KafkaBroker broker;
  private final KafkaConnection connection;

  Broker(Path folder) {
    broker = KafkaBroker.in(folder).start();
    connection = KafkaConnection.to(broker.bootstrapServers());
  }

  KafkaConnection connection() {
    return connection;
  }

  void createTopic(String topic, int partitions) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", connection.servers()))) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  /** Writes values to partition 0, in this order. */
  void send(String topic, List<byte[]> values) throws InterruptedException, ExecutionException {
    try (Producer<byte[], byte[]> producer = connection.producer(Map.of())) {
      List<Future<?>> sent = new ArrayList<>();
      for (byte[] value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, 0, null, value)));
      }
      for (Future<?> each : sent) {
        each.get();
      }
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "(none)" : text(header.value());
  }

  /** All committed records of a topic, once there are at least so many; in partitions' order. */
  List<ConsumerRecord<byte[], byte[]>> records(String topic, int atLeast) {
    long end = System.nanoTime() + LIMIT.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        connection.consumer(
            Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest"))) {
      // The question makes a topic that is not there yet, and is answered with nothing until then.
      while (consumer.partitionsFor(topic).isEmpty() && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (records.size() < atLeast || !atEnd(consumer, partitions)) {
        if (System.nanoTime() > end) {
          fail("found " + records.size() + " records of " + atLeast + " in " + topic);
        }
        consumer.poll(POLL).forEach(records::add);
      }
      return records;
    }
  }

  /** Has more sent until a group has got to an offset of partition 0. */
  void awaitCommitted(String group, String topic, long offset, Runnable more)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + LIMIT.toNanos();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", connection.servers()))) {
      OffsetAndMetadata found = null;
      while (found == null || found.offset() < offset) {
        if (System.nanoTime() > end) {
          fail(group + " is at " + found + ", not at " + offset);
        }
        more.run();
        found =
            admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition);
      }
    }
  }

  /** Waits for the clock to pass a moment that is milliseconds away. */
  static void awaitClock(long millis) {
    while (System.currentTimeMillis() <= millis) {
      Thread.onSpinWait();
    }
  }

  private static boolean atEnd(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(each -> consumer.position(each) >= ends.getOrDefault(each, 0L));
  }

  @Override
  public void close() {
    broker.close();
  }
}
