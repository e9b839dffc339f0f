package dev.sheaf.transforms.kafka;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * What an exactly-once sink is.
 *
 * @param sink its name, the same in every run that goes on from another one's state
 * @param shards how many writers share the topic
 * @param run names the job's graph: whatever finds no state but this run's mark in Kafka is a
 *     restart of the same job
 */
record SinkSettings(KafkaConnection connection, String topic, String sink, int shards, String run)
    implements Serializable {

  /** The name of a shard: its transactional id and the consumer group that holds its mark. */
  String name(int shard) {
    return sink + "-" + shard;
  }

  /** The shard of a record: that of its key, or without one of its id. */
  int shard(ProducerRecord<byte[], byte[]> record) {
    return hash(record) % shards;
  }

  /** The partitions that a shard writes to; no other one does where there are enough of them. */
  List<Integer> partitions(int shard, int count) {
    List<Integer> partitions = new ArrayList<>();
    for (int each = shard % count; each < count; each += shards) {
      partitions.add(each);
    }
    return partitions;
  }

  /**
   * The partition of a record: the one that Kafka's own partitioner chooses for its key, where the
   * shards divide the partitions.
   */
  int partition(ProducerRecord<byte[], byte[]> record, List<Integer> partitions) {
    return partitions.get(hash(record) / shards % partitions.size());
  }

  private static int hash(ProducerRecord<byte[], byte[]> record) {
    byte @Nullable [] key = record.key();
    return Utils.toPositive(Utils.murmur2(key == null ? idBytes(record) : key));
  }

  /** A record's id. */
  static String id(ProducerRecord<byte[], byte[]> record) {
    return new String(idBytes(record), StandardCharsets.UTF_8);
  }

  private static byte[] idBytes(ProducerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(KafkaRows.RECORD_ID);
    if (header == null) {
      throw new IllegalStateException("no record id: " + record);
    }
    return header.value();
  }
}
