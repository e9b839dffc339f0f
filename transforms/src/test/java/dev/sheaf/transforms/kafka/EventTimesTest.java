package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.apache.beam.sdk.io.kafka.KafkaRecord;
import org.apache.beam.sdk.io.kafka.KafkaTimestampType;
import org.apache.beam.sdk.io.kafka.TimestampPolicy;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.kafka.common.TopicPartition;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

/** The watermark of one partition. */
final class EventTimesTest {
  private static final Duration DISORDER = Duration.standardMinutes(1);
  private static final EventTimes TIMES =
      new EventTimes(RecordFormat.json(Schema.builder().addInt64Field("ID").build()), -1, DISORDER);

  private static TimestampPolicy<byte[], byte[]> policy() {
    return TIMES.createTimestampPolicy(new TopicPartition("t", 0), Optional.empty());
  }

  private static TimestampPolicy.PartitionContext partition(long backlog, Instant checked) {
    return new TimestampPolicy.PartitionContext() {
      @Override
      public long getMessageBacklog() {
        return backlog;
      }

      @Override
      public Instant getBacklogCheckTime() {
        return checked;
      }
    };
  }

  private static KafkaRecord<byte[], byte[]> record(Instant time) {
    return new KafkaRecord<>(
        "t",
        0,
        0,
        time.getMillis(),
        KafkaTimestampType.CREATE_TIME,
        null,
        new byte[0],
        new byte[0]);
  }

  @Test
  void aPartitionWithoutAnyRecordGoesWithTheClock() {
    TimestampPolicy<byte[], byte[]> policy = policy();
    Instant soon = Instant.now().plus(Duration.standardSeconds(1));
    Instant later = Instant.now().plus(Duration.standardMinutes(5));
    assertTrue(policy.getWatermark(partition(0, soon)).getMillis() < 0);
    assertTrue(policy.getWatermark(partition(3, later)).getMillis() < 0, "records are to come");
    assertEquals(later.minus(DISORDER), policy.getWatermark(partition(0, later)));
  }

  @Test
  void recordsMoveTheWatermarkOnceThereAreSome() {
    TimestampPolicy<byte[], byte[]> policy = policy();
    Instant time = Instant.parse("2026-11-01T12:00:00Z");
    assertEquals(time, policy.getTimestampForRecord(partition(7, time), record(time)));
    assertEquals(
        time.minus(DISORDER),
        policy.getWatermark(partition(7, Instant.now().plus(Duration.standardMinutes(5)))));
  }
}
