package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.LocalTime;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;

/** Types of which Avro has none that is exact: texts there. */
abstract class TextForm extends FieldForm {
  private TextForm() {}

  static FieldForm decimal() {
    return new Decimals();
  }

  static FieldForm time() {
    return new Times();
  }

  static FieldForm dateTime() {
    return new DateTimes();
  }

  /** The value of a text. */
  abstract Object parse(String text) throws BadRowException;

  @Override
  Object fromJson(JsonParser in) throws IOException, BadRowException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw mismatch(wanted(), in);
    }
    return parse(in.getText());
  }

  abstract String wanted();

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException {
    out.writeString(value.toString());
  }

  @Override
  Schema avro() {
    return Schema.create(Schema.Type.STRING);
  }

  @Override
  Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    return parse(AvroCodec.text(in));
  }

  @Override
  Object toAvro(Object value) {
    return value.toString();
  }

  final BadRowException mismatch(String text) {
    return new BadRowException("must be " + wanted() + ", found \"" + text + "\"");
  }

  private static final class Decimals extends TextForm {
    /** Far beyond any column's; a short text must not become a number of gigabytes. */
    private static final int MOST_DIGITS = 10_000;

    @Override
    String wanted() {
      return "a number of at most " + MOST_DIGITS + " digits";
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (!in.currentToken().isNumeric()) {
        throw mismatch(wanted(), in);
      }
      return parse(in.getText());
    }

    @Override
    Object parse(String text) throws BadRowException {
      try {
        BigDecimal value = new BigDecimal(text);
        if (Math.abs((long) value.scale()) <= MOST_DIGITS) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw mismatch(text);
      }
      throw mismatch(text);
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      out.writeNumber((BigDecimal) value);
    }
  }

  private static final class Times extends TextForm {
    @Override
    String wanted() {
      return "a time such as \"10:00:00.5\"";
    }

    @Override
    Object parse(String text) throws BadRowException {
      try {
        return LocalTime.parse(text);
      } catch (DateTimeException e) {
        throw mismatch(text);
      }
    }
  }

  private static final class DateTimes extends TextForm {
    @Override
    String wanted() {
      return "a date and time such as \"2015-07-31T10:00:00.5\"";
    }

    @Override
    Object parse(String text) throws BadRowException {
      try {
        return LocalDateTime.parse(text);
      } catch (DateTimeException e) {
        throw mismatch(text);
      }
    }
  }
}
