package dev.sheaf.transforms.kafka;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/**
 * Rows as Avro records, by Avro's binary decoder and generic writer.
 *
 * <p>Avro's own reader is not used: it sets aside memory for as many bytes or elements as a damaged
 * value says it has, gigabytes in a record of a few bytes.
 */
final class AvroCodec implements RecordCodec {
  private final RowForm form;
  private final GenericDatumWriter<GenericRecord> writer;

  AvroCodec(Schema schema) {
    this.form = new RowForm(RowForm.OUTERMOST, schema);
    this.writer = new GenericDatumWriter<>(form.avro());
  }

  org.apache.avro.Schema avro() {
    return form.avro();
  }

  @Override
  public Row decode(byte[] value) throws BadRowException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
    try {
      Row row = form.fromAvro(decoder);
      if (!decoder.isEnd()) {
        throw new BadRowException("the value goes on behind its Avro record");
      }
      return row;
    } catch (EOFException e) {
      throw new BadRowException("the value ends within its Avro record", e);
    } catch (IOException | RuntimeException e) {
      // Avro's decoder has several exceptions for numbers that cannot be, without a common type.
      throw new BadRowException("the value is not an Avro record of this schema: " + e, e);
    }
  }

  /** The bytes that come next, after their number. */
  static byte[] bytes(BinaryDecoder in) throws IOException, BadRowException {
    long length = in.readLong();
    checkThereAre(length, in);
    byte[] bytes = new byte[(int) length];
    in.readFixed(bytes);
    return bytes;
  }

  static String text(BinaryDecoder in) throws IOException, BadRowException {
    byte[] bytes = bytes(in);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadRowException("must be a text in UTF-8, found other bytes", e);
    }
  }

  /** Refuses a number of bytes that a value cannot have. */
  static void checkThereAre(long count, BinaryDecoder in) throws IOException, BadRowException {
    int left = in.inputStream().available();
    if (count < 0 || count > left) {
      throw new BadRowException("needs " + count + " bytes or more, found " + left);
    }
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
