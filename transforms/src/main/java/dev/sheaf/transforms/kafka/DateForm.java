package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;

/** Days: ISO texts in JSON, days since 1970 in Avro. */
final class DateForm extends FieldForm {
  private static final String WANTED = "a date such as \"2015-07-31\"";

  @Override
  Object fromJson(JsonParser in) throws IOException, BadRowException {
    try {
      if (in.currentToken() == JsonToken.VALUE_STRING) {
        return LocalDate.parse(in.getText());
      }
    } catch (DateTimeException e) {
      throw mismatch(WANTED, in);
    }
    throw mismatch(WANTED, in);
  }

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException {
    out.writeString(value.toString());
  }

  @Override
  Schema avro() {
    return LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
  }

  @Override
  Object fromAvro(BinaryDecoder in) throws IOException {
    return LocalDate.ofEpochDay(in.readInt());
  }

  @Override
  Object toAvro(Object value) throws BadRowException {
    try {
      return Math.toIntExact(((LocalDate) value).toEpochDay());
    } catch (ArithmeticException e) {
      throw new BadRowException("must be a date of at most 2^31 days from 1970, found " + value, e);
    }
  }
}
