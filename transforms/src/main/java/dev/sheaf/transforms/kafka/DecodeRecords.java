package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.io.kafka.KafkaRecord;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/** Reads the rows in records, and gives each its event id. */
final class DecodeRecords extends DoFn<KafkaRecord<byte[], byte[]>, Row> {
  private static final long serialVersionUID = 1L;

  static final TupleTag<Row> ROWS = new TupleTag<>() {};

  private final Counter read = Metrics.counter(KafkaRows.class, "kafka_records_read");
  private final Counter poison = Metrics.counter(KafkaRows.class, "kafka_poison_records");
  private final RecordFormat format;
  private final EventColumns columns;
  private final PoisonRecords refused;
  private transient @Nullable RecordCodec codec;

  DecodeRecords(RecordFormat format, EventColumns columns, PoisonRecords refused) {
    this.format = format;
    this.columns = columns;
    this.refused = refused;
  }

  @Setup
  public void open() {
    codec = format.codec();
  }

  @ProcessElement
  public void decode(@Element KafkaRecord<byte[], byte[]> record, MultiOutputReceiver out)
      throws BadRowException {
    Row row;
    try {
      row = row(record);
    } catch (BadRowException e) {
      poison.inc();
      BadRecord refusal = refused.of(record, e);
      out.get(BadRecordRouter.BAD_RECORD_TAG).output(refusal);
      return;
    }
    read.inc();
    out.get(ROWS).output(row);
  }

  private Row row(KafkaRecord<byte[], byte[]> record) throws BadRowException {
    RecordCodec open = codec;
    byte @Nullable [] value = record.getKV().getValue();
    if (open == null || value == null) {
      throw new BadRowException("the record has no value");
    }
    return columns.complete(open.decode(value), PoisonRecords.place(record));
  }

  /** Which columns of an event mean something to us, and the one that is added. */
  record EventColumns(Schema schema, int eventTime, int eventId, boolean adding)
      implements Serializable {

    /** The row as it leaves, or the reason why it is none. */
    Row complete(Row row, String place) throws BadRowException {
      if (eventTime >= 0) {
        EventTime.of(row, eventTime);
      }
      String id = place;
      if (eventId >= 0) {
        Object value = row.getValue(eventId);
        if (value == null || value.toString().isEmpty()) {
          throw new BadRowException(
              "field "
                  + row.getSchema().getField(eventId).getName()
                  + " is empty but is the event id");
        }
        id = value.toString();
      }
      if (!adding) {
        return row;
      }
      List<@Nullable Object> values = new ArrayList<>(row.getFieldCount() + 1);
      for (int i = 0; i < row.getFieldCount(); i++) {
        values.add(row.getValue(i));
      }
      values.add(id);
      return Row.withSchema(schema).attachValues(values);
    }
  }
}
