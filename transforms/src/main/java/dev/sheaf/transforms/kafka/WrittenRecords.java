package dev.sheaf.transforms.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What a shard has written since a checkpoint: read back from the topic itself, committed records
 * only.
 *
 * @param ids how many records there are of each id
 * @param batch the highest number of their batches; that of the checkpoint if there are none
 * @param positions where the reading ended
 */
record WrittenRecords(Map<String, Integer> ids, long batch, Map<Integer, Long> positions) {
  /** The header that names a record's shard and batch: {@code sink-shard:batch}. */
  static final String BATCH = "sheaf-batch";

  private static final Duration POLL = Duration.ofMillis(100);

  /** More than the time after which brokers end a transaction that its writer has left open. */
  private static final Duration LIMIT = Duration.ofSeconds(150);

  long count() {
    return ids.values().stream().mapToLong(Integer::longValue).sum();
  }

  /** Reads from a checkpoint's positions to the end; a partition that it lacks from the start. */
  static WrittenRecords since(
      SinkSettings settings, int shard, List<TopicPartition> partitions, ShardState checkpoint) {
    Map<String, Integer> ids = new HashMap<>();
    long highest = checkpoint.batch();
    Map<Integer, Long> positions = new HashMap<>();
    Map<TopicPartition, Long> ends = ends(settings, partitions);
    try (Consumer<byte[], byte[]> consumer =
        consumer(settings.connection(), settings.name(shard), "read_committed")) {
      consumer.assign(partitions);
      for (TopicPartition each : partitions) {
        consumer.seek(each, checkpoint.positions().getOrDefault(each.partition(), 0L));
      }
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!atEnd(consumer, ends)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              String.format(
                  "Cannot write to topic %s as %s: what was written before could not be read within"
                      + " %s; a transaction of some other writer is open, or the brokers are slow",
                  settings.topic(), settings.name(shard), LIMIT));
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          long batch = batch(record, settings.name(shard));
          if (batch > checkpoint.batch()) {
            highest = Math.max(highest, batch);
            Header id = record.headers().lastHeader(KafkaRows.RECORD_ID);
            ids.merge(new String(id.value(), StandardCharsets.UTF_8), 1, Integer::sum);
          }
        }
      }
      for (TopicPartition each : partitions) {
        positions.put(each.partition(), consumer.position(each));
      }
    }
    return new WrittenRecords(ids, highest, positions);
  }

  private static boolean atEnd(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** The number of the batch of a record of this shard; -1 of any other's. */
  private static long batch(ConsumerRecord<byte[], byte[]> record, String shard) {
    @Nullable Header header = record.headers().lastHeader(BATCH);
    if (header == null) {
      return -1;
    }
    String text = new String(header.value(), StandardCharsets.UTF_8);
    int colon = text.lastIndexOf(':');
    return colon > 0 && text.substring(0, colon).equals(shard)
        ? Long.parseLong(text.substring(colon + 1))
        : -1;
  }

  /** Where the partitions end, with what is not committed. */
  static Map<TopicPartition, Long> ends(SinkSettings settings, List<TopicPartition> partitions) {
    try (Consumer<byte[], byte[]> consumer =
        consumer(settings.connection(), settings.sink(), "read_uncommitted")) {
      return consumer.endOffsets(new ArrayList<>(partitions));
    }
  }

  static Consumer<byte[], byte[]> consumer(
      KafkaConnection connection, String group, String isolation) {
    return connection.consumer(
        Map.of(
            "group.id",
            group,
            "isolation.level",
            isolation,
            "enable.auto.commit",
            false,
            "auto.offset.reset",
            "earliest",
            "max.poll.records",
            5_000,
            // Closing a consumer waits for the answer to the fetch that found nothing more.
            "fetch.max.wait.ms",
            20));
  }
}
