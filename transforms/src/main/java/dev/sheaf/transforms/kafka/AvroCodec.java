package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Rows as Avro records, by Avro's generic reader and writer. */
final class AvroCodec implements RecordCodec {
  private final RowForm form;
  private final GenericDatumReader<GenericRecord> reader;
  private final GenericDatumWriter<GenericRecord> writer;

  AvroCodec(Schema schema) {
    this.form = new RowForm(RowForm.OUTERMOST, schema);
    this.reader = new GenericDatumReader<>(form.avro());
    this.writer = new GenericDatumWriter<>(form.avro());
  }

  org.apache.avro.Schema avro() {
    return form.avro();
  }

  @Override
  // Avro's decoder throws what it happens to: of a length below zero, of an index out of bounds.
  public Row decode(byte[] value) throws BadRowException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
    GenericRecord record;
    try {
      record = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw new BadRowException("the value goes on behind its Avro record");
      }
    } catch (IOException | RuntimeException e) {
      throw new BadRowException("the value is not an Avro record of this schema: " + e, e);
    }
    return form.fromAvro(record);
  }

  @Override
  public byte[] encode(Row row) throws BadRowException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      writer.write(form.toAvro(row), encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new BadRowException("the row cannot be Avro: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }
}
