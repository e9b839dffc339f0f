package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema.TypeName;

/** Types that JSON and Avro have themselves. */
abstract class PlainForm extends FieldForm {
  private final Schema.Type avro;

  private PlainForm(Schema.Type avro) {
    this.avro = avro;
  }

  static FieldForm of(TypeName type) {
    return switch (type) {
      case BOOLEAN -> new Booleans();
      case BYTE -> new Integers(Schema.Type.INT, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case INT16 -> new Integers(Schema.Type.INT, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT32 -> new Integers(Schema.Type.INT, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT64 -> new Integers(Schema.Type.LONG, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT -> new Floats();
      case DOUBLE -> new Doubles();
      case STRING -> new Strings();
      case BYTES -> new Bytes();
      default -> throw new IllegalStateException("no plain type: " + type);
    };
  }

  @Override
  Schema avro() {
    return Schema.create(avro);
  }

  @Override
  Object toAvro(Object value) throws BadRowException {
    return value;
  }

  private static final class Booleans extends PlainForm {
    Booleans() {
      super(Schema.Type.BOOLEAN);
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (in.currentToken() != JsonToken.VALUE_TRUE && in.currentToken() != JsonToken.VALUE_FALSE) {
        throw mismatch("true or false", in);
      }
      return in.getBooleanValue();
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      out.writeBoolean((Boolean) value);
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException {
      return in.readBoolean();
    }
  }

  private static final class Integers extends PlainForm {
    private final Schema.Type type;
    private final long least;
    private final long most;

    Integers(Schema.Type type, long least, long most) {
      super(type);
      this.type = type;
      this.least = least;
      this.most = most;
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (in.currentToken() != JsonToken.VALUE_NUMBER_INT
          || in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw mismatch(wanted(), in);
      }
      long value = in.getLongValue();
      if (value < least || value > most) {
        throw mismatch(wanted(), in);
      }
      return boxed(value);
    }

    private String wanted() {
      return "a whole number from " + least + " to " + most;
    }

    private Object boxed(long value) {
      if (most == Byte.MAX_VALUE) {
        return (byte) value;
      }
      if (most == Short.MAX_VALUE) {
        return (short) value;
      }
      if (most == Integer.MAX_VALUE) {
        return (int) value;
      }
      return value;
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      out.writeNumber(((Number) value).longValue());
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
      long value = type == Schema.Type.LONG ? in.readLong() : in.readInt();
      if (value < least || value > most) {
        throw new BadRowException("must be " + wanted() + ", found " + value);
      }
      return boxed(value);
    }

    @Override
    Object toAvro(Object value) {
      Number number = (Number) value;
      return type == Schema.Type.LONG ? (Object) number.longValue() : (Object) number.intValue();
    }
  }

  /** Numbers that JSON lacks are texts in it. */
  private abstract static class Fractions extends PlainForm {
    private static final String WANTED = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";

    Fractions(Schema.Type type) {
      super(type);
    }

    /** Whether there is a number; else one of the texts that stand for one. */
    final boolean isNumber(JsonParser in) {
      return in.currentToken().isNumeric();
    }

    final double named(JsonParser in) throws IOException, BadRowException {
      String text = in.currentToken() == JsonToken.VALUE_STRING ? in.getText() : "";
      return switch (text) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw mismatch(WANTED, in);
      };
    }
  }

  private static final class Floats extends Fractions {
    Floats() {
      super(Schema.Type.FLOAT);
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (!isNumber(in)) {
        return (float) named(in);
      }
      float value = Float.parseFloat(in.getText());
      if (Float.isInfinite(value)) {
        throw mismatch("a number that fits FLOAT", in);
      }
      return value;
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      float number = (Float) value;
      if (Float.isFinite(number)) {
        out.writeNumber(number);
      } else {
        out.writeString(Float.toString(number));
      }
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException {
      return in.readFloat();
    }
  }

  private static final class Doubles extends Fractions {
    Doubles() {
      super(Schema.Type.DOUBLE);
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (!isNumber(in)) {
        return named(in);
      }
      double value = Double.parseDouble(in.getText());
      if (Double.isInfinite(value)) {
        throw mismatch("a number that fits DOUBLE", in);
      }
      return value;
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      double number = (Double) value;
      if (Double.isFinite(number)) {
        out.writeNumber(number);
      } else {
        out.writeString(Double.toString(number));
      }
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException {
      return in.readDouble();
    }
  }

  private static final class Strings extends PlainForm {
    private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();

    Strings() {
      super(Schema.Type.STRING);
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (in.currentToken() != JsonToken.VALUE_STRING) {
        throw mismatch("a string", in);
      }
      return in.getText();
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      out.writeString((String) value);
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
      return AvroCodec.text(in);
    }

    @Override
    Object toAvro(Object value) throws BadRowException {
      // Avro itself would write a question mark for half a surrogate pair.
      if (!utf8.canEncode((String) value)) {
        throw new BadRowException("must be a text that UTF-8 can hold");
      }
      return value;
    }
  }

  private static final class Bytes extends PlainForm {
    Bytes() {
      super(Schema.Type.BYTES);
    }

    @Override
    Object fromJson(JsonParser in) throws IOException, BadRowException {
      if (in.currentToken() != JsonToken.VALUE_STRING) {
        throw mismatch("a string of base64", in);
      }
      try {
        return Base64.getDecoder().decode(in.getText());
      } catch (IllegalArgumentException e) {
        throw mismatch("a string of base64", in);
      }
    }

    @Override
    void toJson(Object value, JsonGenerator out) throws IOException {
      out.writeBinary((byte[]) value);
    }

    @Override
    Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
      return AvroCodec.bytes(in);
    }

    @Override
    Object toAvro(Object value) {
      return ByteBuffer.wrap((byte[]) value);
    }
  }
}
