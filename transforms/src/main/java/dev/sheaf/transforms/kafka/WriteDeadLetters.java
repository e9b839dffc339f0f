package dev.sheaf.transforms.kafka;

import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.jspecify.annotations.Nullable;

/**
 * Writes bad records to a topic, at least once; made by {@link KafkaRows#deadLetters}.
 *
 * <p>A record that {@link ReadKafka} refused arrives with its own bytes, key and headers, and the
 * headers {@code sheaf-reason}, {@code sheaf-step}, {@code sheaf-source-topic}, {@code
 * sheaf-source-partition}, {@code sheaf-source-offset} and {@code sheaf-record-id} (the three last
 * ones with hyphens between). A row that another step refused arrives as JSON with the first two.
 *
 * <pre>{@code
 * try (BadRecordErrorHandler<PDone> letters =
 *     pipeline.registerBadRecordErrorHandler(
 *         KafkaRows.deadLetters("sales-dead").withConnection(kafka))) {
 *   pipeline.apply(KafkaRows.read()…withBadRecordErrorHandler(letters));
 * }
 * }</pre>
 */
public final class WriteDeadLetters extends PTransform<PCollection<BadRecord>, PDone> {
  private static final long serialVersionUID = 1L;
  private final String topic;
  private final @Nullable KafkaConnection connection;

  private WriteDeadLetters(String topic, @Nullable KafkaConnection connection) {
    this.topic = topic;
    this.connection = connection;
  }

  static WriteDeadLetters to(String topic) {
    return new WriteDeadLetters(Topic.named("deadLetters", topic), null);
  }

  /** Writes over this connection. Required. */
  public WriteDeadLetters withConnection(KafkaConnection newConnection) {
    return new WriteDeadLetters(topic, newConnection);
  }

  @Override
  public PDone expand(PCollection<BadRecord> input) {
    if (connection == null) {
      throw new IllegalArgumentException(
          "Cannot write to topic " + topic + ": withConnection is required.");
    }
    return input
        .apply("To records", ParDo.of(new DeadLetterRecords(topic)))
        .setCoder(EncodeRows.CODER)
        .apply("Produce", AtLeastOnce.over(connection));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("topic", topic));
  }
}
