package dev.sheaf.pipelines;

import dev.sheaf.transforms.kafka.KafkaConnection;
import dev.sheaf.transforms.kafka.KafkaRows;
import dev.sheaf.transforms.kafka.ReadKafka;
import dev.sheaf.transforms.kafka.RecordFormat;
import dev.sheaf.transforms.kafka.WriteKafka;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PDone;

/** The topics of a streaming pipeline, as {@link EventOptions} say. */
final class EventStream {
  private final EventOptions options;
  private final KafkaConnection connection;
  private final Schema columns;

  private EventStream(EventOptions options, KafkaConnection connection, Schema columns) {
    this.options = options;
    this.connection = connection;
    this.columns = columns;
  }

  /**
   * Reads the options.
   *
   * @throws OptionException naming the one that is wrong
   */
  static EventStream of(EventOptions options) {
    KafkaConnection kafka = KafkaConnection.to(options.getBootstrapServers());
    List<String> settings = options.getKafkaSettings();
    for (String setting : settings == null ? List.<String>of() : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new OptionException("--kafkaSettings: name=value is needed, found '" + setting + "'");
      }
      kafka = kafka.with(setting.substring(0, equals).strip(), setting.substring(equals + 1));
    }
    return new EventStream(options, kafka, EventColumns.parse(options.getColumns()));
  }

  /** The columns of an event. */
  Schema columns() {
    return columns;
  }

  /** Takes the events that cannot be used; to be closed once the pipeline is built. */
  BadRecordErrorHandler<PDone> deadLetters(Pipeline pipeline) {
    String topic = options.getDeadLetterTopic();
    return pipeline.registerBadRecordErrorHandler(
        KafkaRows.deadLetters(
                topic == null ? options.getSourceTopic().get(0) + "-dead-letters" : topic)
            .withConnection(connection));
  }

  ReadKafka read(ErrorHandler<BadRecord, ?> deadLetters) {
    ReadKafka read =
        KafkaRows.read()
            .withConnection(connection)
            .fromTopics(options.getSourceTopic())
            .withFormat(format(columns))
            .withBadRecordErrorHandler(deadLetters);
    String time = options.getEventTime();
    return time == null ? read : read.withEventTime(time);
  }

  WriteKafka write(String topic, Schema rows, ErrorHandler<BadRecord, ?> deadLetters) {
    return KafkaRows.write()
        .withConnection(connection)
        .toTopic(topic)
        .withFormat(format(rows))
        .withBadRecordErrorHandler(deadLetters);
  }

  private RecordFormat format(Schema schema) {
    return switch (options.getFormat()) {
      case JSON -> RecordFormat.json(schema);
      case AVRO -> RecordFormat.avro(schema);
    };
  }
}
