package dev.sheaf.pipelines;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.StreamingOptions;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/** Which events a streaming pipeline reads from Kafka. */
public interface EventOptions extends StreamingOptions {
  @Description("Kafka brokers to begin with, host:port, separated by commas")
  @Validation.Required
  String getBootstrapServers();

  void setBootstrapServers(String servers);

  @Description(
      "More settings of Kafka's clients, name=value separated by commas, such as"
          + " security.protocol=SSL; a secret's text does not belong here")
  @Nullable List<String> getKafkaSettings();

  void setKafkaSettings(@Nullable List<String> settings);

  @Description("Topics with the events, separated by commas")
  @Validation.Required
  List<String> getSourceTopic();

  void setSourceTopic(List<String> topics);

  @Description(
      "Topic for events that cannot be used; the first source topic's name with"
          + " -dead-letters unless set")
  @Nullable String getDeadLetterTopic();

  void setDeadLetterTopic(@Nullable String topic);

  @Description("How values are written: JSON or AVRO")
  @Default.Enum("JSON")
  Format getFormat();

  void setFormat(Format format);

  @Description(
      "Columns of an event, separated by commas, as NAME:TYPE; types are text, integer, number,"
          + " boolean, date and timestamp; a ! after the type where the value is always there")
  @Validation.Required
  List<String> getColumns();

  void setColumns(List<String> columns);

  @Description("Column with the event's time; the record's timestamp in Kafka unless set")
  @Nullable String getEventTime();

  void setEventTime(@Nullable String column);

  /** How values are written. */
  enum Format {
    JSON,
    AVRO
  }
}
