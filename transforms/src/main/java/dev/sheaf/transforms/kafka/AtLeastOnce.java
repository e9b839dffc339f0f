package dev.sheaf.transforms.kafka;

import org.apache.beam.sdk.io.kafka.KafkaIO;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own sink: a bundle ends when the brokers have its records; a repeated one repeats them.
 */
final class AtLeastOnce {
  private AtLeastOnce() {}

  static KafkaIO.WriteRecords<byte[], byte[]> over(KafkaConnection connection) {
    return KafkaIO.<byte[], byte[]>writeRecords()
        .withBootstrapServers(connection.servers())
        .withKeySerializer(ByteArraySerializer.class)
        .withValueSerializer(ByteArraySerializer.class)
        .withProducerFactoryFn(connection.producers());
  }
}
