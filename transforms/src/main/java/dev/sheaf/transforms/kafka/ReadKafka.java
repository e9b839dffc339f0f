package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRows;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.io.kafka.KafkaIO;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads topics as schema rows; made by {@link KafkaRows#read}.
 *
 * <p>The output has the format's fields and, unless the event id is one of them by that name, the
 * STRING column {@code EVENT_ID}: the text of {@link #withEventId}'s column, else where the record
 * is, {@code topic-partition-offset}. Both are the same whenever the record is read again.
 *
 * <p>Unbounded, in the global window. The timestamp of a row is its event time. The watermark of a
 * partition is the latest event time seen, or now if that is earlier, less the bound on disorder;
 * with nothing left to read it goes on with the clock. Records of transactions are read once they
 * are committed. Each partition is read by one reader, its records in order.
 *
 * <p>A record that is no row of the format, or lacks its event time or id, goes to the error
 * handler with its reason and its bytes; without a handler it fails the job.
 *
 * <p>Where a runner takes up after a failure, it starts behind the records of its last checkpoint:
 * none is lost, and the steps up to there see some again.
 */
public final class ReadKafka extends PTransform<PBegin, PCollection<Row>> {
  private static final long serialVersionUID = 1L;
  private static final Duration USUAL_DISORDER = Duration.ofMinutes(1);
  private static final Duration MOST_DISORDER = Duration.ofDays(3650);

  static final ReadKafka ANY = new ReadKafka();

  private @Nullable KafkaConnection connection;
  private List<String> topics = List.of();
  private @Nullable RecordFormat format;
  private @Nullable String eventTime;
  private @Nullable String eventId;
  private @Nullable String group;
  private Duration disorder = USUAL_DISORDER;
  private String unread = "earliest";
  private @Nullable Instant start;
  private long maxRecords = Long.MAX_VALUE;
  private transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  private ReadKafka() {}

  private ReadKafka copy() {
    ReadKafka copy = new ReadKafka();
    copy.connection = connection;
    copy.topics = topics;
    copy.format = format;
    copy.eventTime = eventTime;
    copy.eventId = eventId;
    copy.group = group;
    copy.disorder = disorder;
    copy.unread = unread;
    copy.start = start;
    copy.maxRecords = maxRecords;
    copy.errorHandler = errorHandler;
    return copy;
  }

  /** Reads over this connection. Required. */
  public ReadKafka withConnection(KafkaConnection newConnection) {
    ReadKafka copy = copy();
    copy.connection = newConnection;
    return copy;
  }

  /** Reads this topic; this or {@link #fromTopics} is required, the last one counts. */
  public ReadKafka fromTopic(String topic) {
    return fromTopics(List.of(topic));
  }

  /** Reads these topics, all with values of one format. */
  public ReadKafka fromTopics(List<String> newTopics) {
    if (newTopics.isEmpty()) {
      throw new IllegalArgumentException("fromTopics needs at least one topic, found none");
    }
    ReadKafka copy = copy();
    copy.topics = newTopics.stream().map(topic -> Topic.named("fromTopic", topic)).toList();
    return copy;
  }

  /** What the values are. Required. */
  public ReadKafka withFormat(RecordFormat newFormat) {
    ReadKafka copy = copy();
    copy.format = newFormat;
    return copy;
  }

  /**
   * Takes the event time from this column: DATETIME, SqlTypes.TIMESTAMP, Timestamp, NanosInstant,
   * or INT64 of milliseconds since 1970. By default it is the record's own timestamp in Kafka.
   */
  public ReadKafka withEventTime(String column) {
    ReadKafka copy = copy();
    copy.eventTime = column;
    return copy;
  }

  /**
   * How much earlier than the latest event of its partition an event may be and still be on time;
   * from 0 to 3650 days, 1 minute unless set. A larger bound makes windows close later.
   */
  public ReadKafka withOutOfOrderness(Duration bound) {
    if (bound.isNegative() || bound.compareTo(MOST_DISORDER) > 0) {
      throw new IllegalArgumentException(
          "withOutOfOrderness needs a duration from 0 to " + MOST_DISORDER + ", found: " + bound);
    }
    ReadKafka copy = copy();
    copy.disorder = bound;
    return copy;
  }

  /** Takes the event id from this column: STRING, BYTE, INT16, INT32 or INT64. */
  public ReadKafka withEventId(String column) {
    ReadKafka copy = copy();
    copy.eventId = column;
    return copy;
  }

  /**
   * Starts where this consumer group has got to, and commits to it what checkpoints have passed,
   * for monitors and for later jobs. A job restored from a checkpoint starts from that instead.
   */
  public ReadKafka withGroup(String newGroup) {
    ReadKafka copy = copy();
    copy.group = Topic.named("withGroup", newGroup);
    return copy;
  }

  /** Starts with the records that come after the start, where a group has no place yet. */
  public ReadKafka startingAtLatest() {
    ReadKafka copy = copy();
    copy.unread = "latest";
    copy.start = null;
    return copy;
  }

  /** Starts with the oldest records, where a group has no place yet; so unless set. */
  public ReadKafka startingAtEarliest() {
    ReadKafka copy = copy();
    copy.unread = "earliest";
    copy.start = null;
    return copy;
  }

  /** Starts with the first records of this Kafka timestamp or later, whatever a group's place. */
  public ReadKafka startingAt(Instant moment) {
    ReadKafka copy = copy();
    copy.start = moment;
    return copy;
  }

  /** Ends after so many records, at least 1: the output is bounded. For samples and tests. */
  public ReadKafka withMaxRecords(long count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "withMaxRecords needs a number of at least 1, found: " + count);
    }
    ReadKafka copy = copy();
    copy.maxRecords = count;
    return copy;
  }

  /** Where records go that cannot be read; without it the first of them fails the job. */
  public ReadKafka withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    ReadKafka copy = copy();
    copy.errorHandler = handler;
    return copy;
  }

  @Override
  public PCollection<Row> expand(PBegin input) {
    KafkaConnection from = connection;
    RecordFormat values = format;
    if (from == null || topics.isEmpty() || values == null) {
      throw new IllegalArgumentException(
          "Cannot read from Kafka: withConnection, fromTopic and withFormat are required.");
    }
    DecodeRecords.EventColumns columns = columns(values.schema());
    PCollectionTuple decoded =
        input
            .apply("Consume", source(from, values, columns.eventTime()))
            .setCoder(PoisonRecords.CODER)
            .apply(
                "Decode",
                ParDo.of(
                        new DecodeRecords(
                            values, columns, new PoisonRecords(getName(), errorHandler != null)))
                    .withOutputTags(DecodeRecords.ROWS, BadRows.tags(errorHandler)));
    BadRows.collect(decoded, errorHandler);
    return decoded.get(DecodeRecords.ROWS).setRowSchema(columns.schema());
  }

  private DecodeRecords.EventColumns columns(Schema schema) {
    int time = -1;
    String timeColumn = eventTime;
    if (timeColumn != null) {
      EventTime.check(schema, timeColumn);
      time = schema.indexOf(timeColumn);
    }
    int id = eventId == null ? -1 : Columns.identifier("withEventId", schema, eventId);
    if (!schema.hasField(KafkaRows.EVENT_ID)) {
      Schema more =
          Schema.builder().addFields(schema.getFields()).addStringField(KafkaRows.EVENT_ID).build();
      return new DecodeRecords.EventColumns(more, time, id, true);
    }
    if (!KafkaRows.EVENT_ID.equals(eventId)
        || schema.getField(id).getType().getTypeName() != TypeName.STRING) {
      throw new IllegalArgumentException(
          "Cannot add the column EVENT_ID: the format has one already; valid are a STRING column of"
              + " that name with withEventId(\"EVENT_ID\"), or a format without it.");
    }
    return new DecodeRecords.EventColumns(schema, time, id, false);
  }

  private KafkaIO.Read<byte[], byte[]> source(KafkaConnection from, RecordFormat values, int time) {
    Map<String, Object> consumer = new HashMap<>();
    consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, unread);
    if (group != null) {
      consumer.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    }
    KafkaIO.Read<byte[], byte[]> read =
        KafkaIO.<byte[], byte[]>read()
            .withBootstrapServers(from.servers())
            .withTopics(topics)
            .withConsumerFactoryFn(from.consumers())
            .withConsumerConfigUpdates(consumer)
            .withReadCommitted()
            .withKeyDeserializerAndCoder(
                ByteArrayDeserializer.class, NullableCoder.of(ByteArrayCoder.of()))
            .withValueDeserializerAndCoder(
                ByteArrayDeserializer.class, NullableCoder.of(ByteArrayCoder.of()))
            .withTimestampPolicyFactory(
                new EventTimes(values, time, org.joda.time.Duration.millis(disorder.toMillis())));
    if (group != null) {
      read = read.commitOffsetsInFinalize();
    }
    if (start != null) {
      read = read.withStartReadTime(org.joda.time.Instant.ofEpochMilli(start.toEpochMilli()));
    }
    return maxRecords == Long.MAX_VALUE ? read : read.withMaxNumRecords(maxRecords);
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.addIfNotNull(
        DisplayData.item("connection", connection == null ? null : connection.toString()));
    builder.add(DisplayData.item("topics", String.join(", ", topics)));
    builder.addIfNotNull(DisplayData.item("format", format == null ? null : format.toString()));
    builder.addIfNotNull(DisplayData.item("eventTime", eventTime));
    builder.addIfNotNull(DisplayData.item("eventId", eventId));
    builder.addIfNotNull(DisplayData.item("group", group));
  }
}
