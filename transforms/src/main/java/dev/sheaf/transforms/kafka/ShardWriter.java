package dev.sheaf.transforms.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the batches of one shard, each in a transaction of its own.
 *
 * <p>Opening one shuts out all earlier ones of the shard, in whichever process: their open
 * transaction is aborted and their next one fails.
 */
final class ShardWriter {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final int TRANSACTION_MILLIS = 60_000;
  private static final AtomicLong OPENED = new AtomicLong();

  private final SinkSettings settings;
  private final int shard;
  private final Producer<byte[], byte[]> producer;
  private final List<Integer> partitions;
  private final Map<Integer, Long> positions = new HashMap<>();
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private final long order = OPENED.incrementAndGet();
  private long batch;

  ShardWriter(SinkSettings settings, int shard, Producer<byte[], byte[]> producer) {
    this.settings = settings;
    this.shard = shard;
    this.producer = producer;
    this.partitions = settings.partitions(shard, producer.partitionsFor(settings.topic()).size());
  }

  /** The next writer of a shard, and the only one from now on. */
  static ShardWriter open(SinkSettings settings, int shard) {
    Producer<byte[], byte[]> producer =
        settings
            .connection()
            .producer(
                Map.of(
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    settings.name(shard),
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    TRANSACTION_MILLIS));
    try {
      producer.initTransactions();
      return new ShardWriter(settings, shard, producer);
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** What this run has written already if it has started before; else it starts here. */
  WrittenRecords start() {
    Map<TopicPartition, OffsetAndMetadata> marks;
    try (Consumer<byte[], byte[]> consumer =
        WrittenRecords.consumer(settings.connection(), settings.name(shard), "read_committed")) {
      marks = consumer.committed(Set.copyOf(topicPartitions()));
    }
    Map<Integer, Long> begun = new HashMap<>();
    marks.forEach(
        (partition, mark) -> {
          if (mark != null && mark.metadata().equals(settings.run())) {
            begun.put(partition.partition(), mark.offset());
          }
        });
    if (begun.size() == partitions.size()) {
      return resume(new ShardState(0, 0, begun));
    }
    mark();
    return new WrittenRecords(Map.of(), 0, positions);
  }

  private void mark() {
    Map<TopicPartition, OffsetAndMetadata> marks = new HashMap<>();
    WrittenRecords.ends(settings, topicPartitions())
        .forEach(
            (partition, end) -> {
              marks.put(partition, new OffsetAndMetadata(end, settings.run()));
              positions.put(partition.partition(), end);
            });
    producer.beginTransaction();
    producer.sendOffsetsToTransaction(marks, new ConsumerGroupMetadata(settings.name(shard)));
    producer.commitTransaction();
  }

  /** What was written since a checkpoint. */
  WrittenRecords resume(ShardState checkpoint) {
    WrittenRecords written = WrittenRecords.since(settings, shard, topicPartitions(), checkpoint);
    positions.putAll(written.positions());
    return written;
  }

  private List<TopicPartition> topicPartitions() {
    return partitions.stream().map(each -> new TopicPartition(settings.topic(), each)).toList();
  }

  /** The number of the last batch. */
  long batch() {
    return batch;
  }

  /** Later ones have shut out earlier ones. */
  boolean isLaterThan(ShardWriter other) {
    return order > other.order;
  }

  /** Offsets at or before the first record of the next batch. */
  Map<Integer, Long> positions() {
    return Map.copyOf(positions);
  }

  /** Hands a batch to the client; {@link #commit} makes it count. */
  void send(long number, List<ProducerRecord<byte[], byte[]>> records) {
    byte[] batchName = (settings.name(shard) + ":" + number).getBytes(StandardCharsets.UTF_8);
    try {
      producer.beginTransaction();
      for (ProducerRecord<byte[], byte[]> record : records) {
        // A copy: the record belongs to the runner.
        ProducerRecord<byte[], byte[]> own =
            new ProducerRecord<>(
                settings.topic(),
                settings.partition(record, partitions),
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers());
        own.headers().add(WrittenRecords.BATCH, batchName);
        sent.add(producer.send(own));
      }
    } catch (KafkaException e) {
      throw failure(e);
    }
  }

  /** Ends a batch; without records there is nothing to commit. */
  void commit(long number) {
    if (!sent.isEmpty()) {
      try {
        producer.commitTransaction();
        for (Future<RecordMetadata> each : sent) {
          RecordMetadata place = each.get();
          positions.merge(place.partition(), place.offset() + 1, Math::max);
        }
      } catch (KafkaException e) {
        throw failure(e);
      } catch (ExecutionException e) {
        throw failure(new KafkaException(e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure(new KafkaException(e));
      }
      sent.clear();
    }
    batch = number;
  }

  private IllegalStateException failure(KafkaException e) {
    boolean shutOut =
        e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException;
    @Nullable String message = e.getMessage();
    return new IllegalStateException(
        String.format(
            "Cannot write to topic %s as %s: %s",
            settings.topic(),
            settings.name(shard),
            shutOut
                ? "a later writer has taken over; jobs that run at the same time need names of"
                    + " their own"
                : message),
        e);
  }

  /** Gives up what is not committed. */
  void close() {
    producer.close(CLOSE_LIMIT);
  }

  /** Closes each, whichever of them fails, as all do in a thread that is interrupted. */
  static void closeAll(Collection<ShardWriter> writers) {
    KafkaException failure = null;
    for (ShardWriter writer : writers) {
      try {
        writer.close();
      } catch (KafkaException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
