package dev.sheaf.transforms.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Writers that fail as they are closed, as all do in a thread that is interrupted. */
final class OpenWritersTest {
  private static final Node[] NODES = {};

  private final List<Integer> closed = new ArrayList<>();
  private final SinkSettings settings =
      new SinkSettings(
          KafkaConnection.to("127.0.0.1:1"), "t", UUID.randomUUID().toString(), 9, "run");

  private ShardWriter writer(int shard, boolean fails) {
    Cluster cluster =
        new Cluster(
            "cluster",
            List.of(),
            List.of(new PartitionInfo("t", 0, Node.noNode(), NODES, NODES)),
            Set.of(),
            Set.of());
    return new ShardWriter(
        settings,
        shard,
        new MockProducer<>(cluster, true, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public void close(Duration limit) {
            closed.add(shard);
            if (fails) {
              throw new KafkaException("writer " + shard);
            }
          }
        });
  }

  @Test
  void eachIsClosedWhicheverFails() {
    OpenWriters writers = OpenWriters.join(settings);
    for (int shard = 0; shard < 4; shard++) {
      writers.giveBack(shard, writer(shard, shard % 2 == 0));
    }
    KafkaException failure = assertThrows(KafkaException.class, writers::leave);
    assertEquals("writer 0", failure.getMessage());
    assertEquals("writer 2", failure.getSuppressed()[0].getMessage());
    assertEquals(List.of(0, 1, 2, 3), closed);
    OpenWriters next = OpenWriters.join(settings);
    assertNull(next.take(0));
    next.leave();
    assertEquals(List.of(0, 1, 2, 3), closed);
  }

  @Test
  void ofTwoWritersOfAShardTheLaterOneStays() {
    OpenWriters writers = OpenWriters.join(settings);
    ShardWriter earlier = writer(1, false);
    ShardWriter later = writer(1, false);
    writers.giveBack(1, later);
    writers.giveBack(1, earlier);
    assertEquals(List.of(1), closed);
    assertSame(later, writers.take(1));
    writers.giveBack(1, earlier);
    writers.giveBack(1, later);
    assertEquals(List.of(1, 1), closed);
    assertSame(later, writers.take(1));
    writers.leave();
    writers.giveBack(1, later);
    assertEquals(List.of(1, 1, 1), closed);
  }
}
