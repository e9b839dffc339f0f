package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRows;
import java.util.UUID;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PDone;
import org.apache.beam.sdk.values.Row;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes schema rows to a topic, one record per row; made by {@link KafkaRows#write}.
 *
 * <p>Each record has the header {@code sheaf-record-id}: the text of the row's event id. A record
 * has the time at which it is written; times of the event are columns of the value. Takes bounded
 * and unbounded rows, whatever their windows.
 *
 * <p>Delivery is at least once: what a runner repeats after a failure is written again with the
 * same record ids.
 *
 * <p>A row whose event id or key is null or empty, or that the format cannot hold, goes to the
 * error handler; without a handler it fails the job.
 */
public final class WriteKafka extends PTransform<PCollection<Row>, PDone> {
  private static final long serialVersionUID = 1L;

  private static final int MOST_SHARDS = 64;

  static final WriteKafka ANY = new WriteKafka();

  private @Nullable KafkaConnection connection;
  private @Nullable String topic;
  private @Nullable RecordFormat format;
  private String eventId = KafkaRows.EVENT_ID;
  private @Nullable String key;
  private @Nullable String sink;
  private int shards = 1;
  private transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  private WriteKafka() {}

  private WriteKafka copy() {
    WriteKafka copy = new WriteKafka();
    copy.connection = connection;
    copy.topic = topic;
    copy.format = format;
    copy.eventId = eventId;
    copy.key = key;
    copy.sink = sink;
    copy.shards = shards;
    copy.errorHandler = errorHandler;
    return copy;
  }

  /** Writes over this connection. Required. */
  public WriteKafka withConnection(KafkaConnection newConnection) {
    WriteKafka copy = copy();
    copy.connection = newConnection;
    return copy;
  }

  /** Writes to this topic. Required. */
  public WriteKafka toTopic(String newTopic) {
    WriteKafka copy = copy();
    copy.topic = Topic.named("toTopic", newTopic);
    return copy;
  }

  /** What the values are: any of the rows' columns, by name. JSON of all of them unless set. */
  public WriteKafka withFormat(RecordFormat newFormat) {
    WriteKafka copy = copy();
    copy.format = newFormat;
    return copy;
  }

  /** The column with the event id: STRING, BYTE, INT16, INT32 or INT64; EVENT_ID unless set. */
  public WriteKafka withEventId(String column) {
    WriteKafka copy = copy();
    copy.eventId = column;
    return copy;
  }

  /**
   * The column whose text is the record's key, of the same types; it must be one of the event's
   * own, the same whenever the event is processed again. Without it records have no key.
   */
  public WriteKafka withKey(String column) {
    WriteKafka copy = copy();
    copy.key = column;
    return copy;
  }

  /**
   * Writes each row once, whatever is repeated, for consumers that read committed records.
   *
   * <p>Each bundle is written in one transaction per shard. After a failure the sink reads back
   * what it has written since the checkpoint and leaves those rows out when they come again: by
   * their event ids, which therefore must be the same then. It needs no stable input and waits for
   * no checkpoint: a record can be read when its bundle ends.
   *
   * @param name names the sink: the same when a job goes on from a checkpoint or savepoint, another
   *     one for each sink that runs at the same time; transactional ids and consumer groups begin
   *     with it
   */
  public WriteKafka withExactlyOnce(String name) {
    WriteKafka copy = copy();
    copy.sink = Topic.named("withExactlyOnce", name);
    return copy;
  }

  /**
   * How many writers share the work of exactly once, 1 to 64, each with a transaction per bundle; 1
   * unless set. Take more where one worker is not enough, best a divisor of the number of
   * partitions. A job that goes on from a savepoint needs the same number.
   */
  public WriteKafka withShards(int count) {
    if (count < 1 || count > MOST_SHARDS) {
      throw new IllegalArgumentException(
          "withShards needs a number from 1 to " + MOST_SHARDS + ", found: " + count);
    }
    WriteKafka copy = copy();
    copy.shards = count;
    return copy;
  }

  /**
   * Where rows go that cannot be written, in the global window; without it the first of them fails
   * the job.
   */
  public WriteKafka withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    WriteKafka copy = copy();
    copy.errorHandler = handler;
    return copy;
  }

  @Override
  public PDone expand(PCollection<Row> input) {
    KafkaConnection to = connection;
    String into = topic;
    if (to == null || into == null) {
      throw new IllegalArgumentException(
          "Cannot write to Kafka: withConnection and toTopic are required.");
    }
    if (!input.hasSchema()) {
      throw new IllegalArgumentException(
          "Cannot write to topic "
              + into
              + ": rows need a schema, found none on "
              + input.getName()
              + "; set it with setRowSchema.");
    }
    Schema rows = input.getSchema();
    RecordFormat values = format == null ? RecordFormat.json(rows) : format;
    EncodeRows encode =
        new EncodeRows(
            into,
            values,
            EncodeRows.Source.of(rows, values, eventId, key),
            BadRows.of(rows, getName(), errorHandler));
    PCollectionTuple encoded =
        input.apply(
            "Encode",
            ParDo.of(encode).withOutputTags(EncodeRows.RECORDS, BadRows.tags(errorHandler)));
    BadRows.collect(encoded, errorHandler);
    PCollection<ProducerRecord<byte[], byte[]>> records =
        encoded.get(EncodeRows.RECORDS).setCoder(EncodeRows.CODER);
    if (sink == null) {
      return records.apply("Produce", AtLeastOnce.over(to));
    }
    String run = UUID.randomUUID().toString();
    return records.apply("Commit", new ExactlyOnce(new SinkSettings(to, into, sink, shards, run)));
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.addIfNotNull(
        DisplayData.item("connection", connection == null ? null : connection.toString()));
    builder.addIfNotNull(DisplayData.item("topic", topic));
    builder.addIfNotNull(DisplayData.item("format", format == null ? null : format.toString()));
    builder.add(DisplayData.item("eventId", eventId));
    builder.addIfNotNull(DisplayData.item("key", key));
    builder.addIfNotNull(DisplayData.item("exactlyOnce", sink));
    builder.add(DisplayData.item("shards", shards));
  }
}
