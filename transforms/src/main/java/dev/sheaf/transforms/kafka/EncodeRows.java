package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.failure.BadRows;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.io.kafka.ProducerRecordCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Turns rows into records: value, key and the header with the record's id. */
final class EncodeRows extends DoFn<Row, ProducerRecord<byte[], byte[]>> {
  private static final long serialVersionUID = 1L;

  static final TupleTag<ProducerRecord<byte[], byte[]>> RECORDS = new TupleTag<>() {};
  static final ProducerRecordCoder<byte[], byte[]> CODER =
      ProducerRecordCoder.of(
          NullableCoder.of(ByteArrayCoder.of()), NullableCoder.of(ByteArrayCoder.of()));

  private final String topic;
  private final RecordFormat format;
  private final Source source;
  private final BadRows bad;
  private transient @Nullable RecordCodec codec;

  EncodeRows(String topic, RecordFormat format, Source source, BadRows bad) {
    this.topic = topic;
    this.format = format;
    this.source = source;
    this.bad = bad;
  }

  @Setup
  public void open() {
    codec = format.codec();
  }

  @ProcessElement
  public void encode(@Element Row row, MultiOutputReceiver out) throws BadRowException {
    ProducerRecord<byte[], byte[]> record;
    try {
      record = record(row);
    } catch (BadRowException e) {
      BadRecord refusal = bad.record(row, e);
      out.get(BadRecordRouter.BAD_RECORD_TAG).output(refusal);
      return;
    }
    out.get(RECORDS).output(record);
  }

  private ProducerRecord<byte[], byte[]> record(Row row) throws BadRowException {
    RecordCodec open = codec;
    if (open == null) {
      throw new IllegalStateException("not set up");
    }
    byte[] id = text(row, source.eventId(), "event id");
    byte @Nullable [] key = source.key() < 0 ? null : text(row, source.key(), "key");
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key, open.encode(source.select(row, format.schema())));
    record.headers().add(KafkaRows.RECORD_ID, id);
    return record;
  }

  private static byte[] text(Row row, int column, String meaning) throws BadRowException {
    Object value = row.getValue(column);
    if (value == null || value.toString().isEmpty()) {
      throw new BadRowException(
          "field "
              + row.getSchema().getField(column).getName()
              + " is empty but is the "
              + meaning);
    }
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Where in a row the value's columns, the event id and the key are; a key of -1 is none. */
  record Source(List<Integer> columns, int eventId, int key) implements Serializable {
    Source {
      columns = List.copyOf(columns);
    }

    static Source of(Schema rows, RecordFormat format, String eventId, @Nullable String key) {
      Schema value = format.schema();
      List<Integer> columns = new ArrayList<>();
      for (Field wanted : value.getFields()) {
        Field found = Columns.field("withFormat", rows, wanted.getName());
        if (!found.getType().equals(wanted.getType())) {
          throw new IllegalArgumentException(
              "withFormat needs the column "
                  + wanted.getName()
                  + " of "
                  + wanted.getType()
                  + ", found "
                  + found.getType());
        }
        columns.add(rows.indexOf(wanted.getName()));
      }
      return new Source(
          columns,
          Columns.identifier("withEventId", rows, eventId),
          key == null ? -1 : Columns.identifier("withKey", rows, key));
    }

    Row select(Row row, Schema schema) {
      List<@Nullable Object> values = new ArrayList<>(columns.size());
      for (int column : columns) {
        values.add(row.getValue(column));
      }
      return Row.withSchema(schema).attachValues(values);
    }
  }
}
