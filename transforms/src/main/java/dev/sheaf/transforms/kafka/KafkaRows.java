package dev.sheaf.transforms.kafka;

/**
 * Reads Kafka topics as schema rows, and writes schema rows to Kafka topics.
 *
 * <pre>{@code
 * KafkaConnection kafka = KafkaConnection.to("broker:9092");
 * PCollection<Row> events =
 *     pipeline.apply(
 *         KafkaRows.read()
 *             .withConnection(kafka)
 *             .fromTopic("sales")
 *             .withFormat(RecordFormat.json(salesSchema))
 *             .withEventTime("SOLD_AT")
 *             .withEventId("SALE_ID"));
 * predictions.apply(
 *     KafkaRows.write().withConnection(kafka).toTopic("predictions").withKey("STORE_ID"));
 * }</pre>
 *
 * <p>What the values look like is the {@link RecordFormat}'s matter.
 */
public final class KafkaRows {
  /** The column with an event's id that reading adds, and that writing looks for. */
  public static final String EVENT_ID = "EVENT_ID";

  /**
   * The header with a record's id: the event id in UTF-8. Records of one id are copies of one
   * event's record.
   */
  public static final String RECORD_ID = "sheaf-record-id";

  private KafkaRows() {}

  /** A transform that reads topics. */
  public static ReadKafka read() {
    return ReadKafka.ANY;
  }

  /** A transform that writes to a topic. */
  public static WriteKafka write() {
    return WriteKafka.ANY;
  }

  /** A sink for bad records, to be registered as a pipeline's error handler. */
  public static WriteDeadLetters deadLetters(String topic) {
    return WriteDeadLetters.to(topic);
  }
}
