package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import java.util.Optional;
import org.apache.beam.sdk.io.kafka.CustomTimestampPolicyWithLimitedDelay;
import org.apache.beam.sdk.io.kafka.KafkaRecord;
import org.apache.beam.sdk.io.kafka.TimestampPolicy;
import org.apache.beam.sdk.io.kafka.TimestampPolicyFactory;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.kafka.common.TopicPartition;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Gives records their event times and each partition its watermark: the latest time seen, or now if
 * that is earlier, less the bound on disorder. A partition with nothing to read goes with the
 * clock, also one that never had a record.
 *
 * <p>A record whose time cannot be read gets Kafka's, with which it becomes a bad record.
 */
final class EventTimes implements TimestampPolicyFactory<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final RecordFormat format;
  private final int column;
  private final Duration disorder;

  /**
   * @param column the place of the column with the event time; -1 for Kafka's time
   */
  EventTimes(RecordFormat format, int column, Duration disorder) {
    this.format = format;
    this.column = column;
    this.disorder = disorder;
  }

  @Override
  // Kafka's interface; Optional is what it hands out.
  @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
  public TimestampPolicy<byte[], byte[]> createTimestampPolicy(
      TopicPartition partition, Optional<Instant> previousWatermark) {
    return new Policy(
        column < 0 ? record -> kafkaTime(record) : new FromColumn(format, column),
        disorder,
        previousWatermark);
  }

  /** Beam's leaves the watermark of a partition without any record where it began. */
  private static final class Policy extends CustomTimestampPolicyWithLimitedDelay<byte[], byte[]> {
    private final Duration disorder;
    private final Instant opened = Instant.now();
    private boolean empty;

    // As of EventTimes.
    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    Policy(
        SerializableFunction<KafkaRecord<byte[], byte[]>, Instant> times,
        Duration disorder,
        Optional<Instant> previousWatermark) {
      super(times, disorder, previousWatermark);
      this.disorder = disorder;
      this.empty = previousWatermark.filter(mark -> mark.getMillis() > 0).isEmpty();
    }

    @Override
    public Instant getTimestampForRecord(
        PartitionContext partition, KafkaRecord<byte[], byte[]> record) {
      empty = false;
      return super.getTimestampForRecord(partition, record);
    }

    @Override
    public Instant getWatermark(PartitionContext partition) {
      Instant checked = partition.getBacklogCheckTime();
      return empty && partition.getMessageBacklog() == 0 && checked.isAfter(opened.plus(disorder))
          ? checked.minus(disorder)
          : super.getWatermark(partition);
    }
  }

  private static Instant kafkaTime(KafkaRecord<byte[], byte[]> record) {
    return Instant.ofEpochMilli(record.getTimestamp());
  }

  private static final class FromColumn
      implements SerializableFunction<KafkaRecord<byte[], byte[]>, Instant> {
    private static final long serialVersionUID = 1L;
    private final RecordFormat format;
    private final int column;
    private transient @Nullable RecordCodec codec;

    FromColumn(RecordFormat format, int column) {
      this.format = format;
      this.column = column;
    }

    @Override
    public Instant apply(KafkaRecord<byte[], byte[]> record) {
      RecordCodec open = codec;
      if (open == null) {
        open = format.codec();
        codec = open;
      }
      byte @Nullable [] value = record.getKV().getValue();
      if (value == null) {
        return kafkaTime(record);
      }
      try {
        return EventTime.of(open.decode(value), column);
      } catch (BadRowException e) {
        // The next step reads the record again, and it leaves by the error output there.
        return kafkaTime(record);
      }
    }
  }
}
