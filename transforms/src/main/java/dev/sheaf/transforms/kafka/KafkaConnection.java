package dev.sheaf.transforms.kafka;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Which Kafka cluster to talk to, and with which settings of Kafka's clients.
 *
 * <pre>{@code
 * KafkaConnection kafka =
 *     KafkaConnection.to("broker-1:9092,broker-2:9092")
 *         .with("security.protocol", "SASL_SSL")
 *         .with("sasl.mechanism", "PLAIN")
 *         .with("sasl.jaas.config", "${file:/secrets/kafka.properties:jaas}")
 *         .with("config.providers", "file")
 *         .with("config.providers.file.class",
 *             "org.apache.kafka.common.config.provider.FileConfigProvider");
 * }</pre>
 *
 * <p>Making one opens nothing. Values of settings are never shown: not in {@link #toString}, not in
 * a job's display data. They travel with the pipeline, so that a secret is better left to a config
 * provider, as above.
 */
public final class KafkaConnection implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern SERVER = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\s,:/]+):\\d{1,5}");

  /** What the transforms themselves decide. */
  private static final Set<String> OURS =
      Set.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
          CommonClientConfigs.GROUP_ID_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG);

  private final String servers;
  private final TreeMap<String, String> settings;

  private KafkaConnection(String servers, Map<String, String> settings) {
    this.servers = servers;
    this.settings = new TreeMap<>(settings);
  }

  /**
   * A connection to the cluster of these brokers.
   *
   * @param bootstrapServers {@code host:port}, or several of them with commas between
   */
  public static KafkaConnection to(String bootstrapServers) {
    for (String server : bootstrapServers.split(",", -1)) {
      if (!SERVER.matcher(server.strip()).matches()) {
        throw new IllegalArgumentException(
            "Cannot connect to Kafka: bootstrap servers are host:port, several with commas"
                + " between, found: "
                + bootstrapServers);
      }
    }
    return new KafkaConnection(bootstrapServers, Map.of());
  }

  /** Adds a setting of Kafka's clients, given to consumers and producers alike. */
  public KafkaConnection with(String setting, String value) {
    if (setting.isBlank() || OURS.contains(setting)) {
      throw new IllegalArgumentException(
          "Cannot set "
              + setting
              + " of a Kafka client: the transforms set "
              + String.join(", ", new java.util.TreeSet<>(OURS))
              + " themselves; valid are all other settings.");
    }
    TreeMap<String, String> more = new TreeMap<>(settings);
    more.put(setting, value);
    return new KafkaConnection(servers, more);
  }

  String servers() {
    return servers;
  }

  /** Makes KafkaIO's consumers; the settings stay out of the display data that way. */
  SerializableFunction<Map<String, Object>, Consumer<byte[], byte[]>> consumers() {
    return this::consumer;
  }

  /** Makes KafkaIO's producers. */
  SerializableFunction<Map<String, Object>, Producer<byte[], byte[]>> producers() {
    return this::producer;
  }

  /** A consumer of bytes; the given settings count before the connection's. */
  Consumer<byte[], byte[]> consumer(Map<String, Object> own) {
    Map<String, Object> all = all(own);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return new KafkaConsumer<>(all);
  }

  /** A producer of bytes that loses nothing; the given settings count before the connection's. */
  Producer<byte[], byte[]> producer(Map<String, Object> own) {
    Map<String, Object> all = all(own);
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return new KafkaProducer<>(all);
  }

  private Map<String, Object> all(Map<String, Object> own) {
    Map<String, Object> all = new TreeMap<>(settings);
    all.putAll(own);
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KafkaConnection that
        && servers.equals(that.servers)
        && settings.equals(that.settings);
  }

  @Override
  public int hashCode() {
    return servers.hashCode() * 31 + settings.hashCode();
  }

  @Override
  public String toString() {
    return "Kafka at " + servers + (settings.isEmpty() ? "" : " with " + settings.keySet());
  }
}
