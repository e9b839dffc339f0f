package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.LogicalType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.schemas.logicaltypes.MicrosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;

/** How values of one field type, none of them null, are written in JSON and in Avro. */
abstract class FieldForm {
  private static final int MILLIS = 3;
  private static final int MICROS = 6;
  private static final int NANOS = 9;
  private static final int LONGEST_SHOWN = 100;

  /**
   * The form of a type.
   *
   * @param name the field's name with those of the rows around it, by dots
   */
  static FieldForm of(String name, FieldType type) {
    TypeName kind = type.getTypeName();
    return switch (kind) {
      case BOOLEAN, BYTE, INT16, INT32, INT64, FLOAT, DOUBLE, STRING, BYTES -> PlainForm.of(kind);
      case DECIMAL -> TextForm.decimal();
      case DATETIME -> InstantForm.joda();
      case ARRAY, ITERABLE -> new ArrayForm(name, type);
      case ROW -> new RowForm(name, NestedForms.schemaOf(type));
      case LOGICAL_TYPE -> logical(name, NestedForms.logicalTypeOf(type));
      case MAP ->
          throw new IllegalArgumentException(
              "Cannot use the field "
                  + name
                  + " in a record format: maps have no form; valid are all other types.");
    };
  }

  private static FieldForm logical(String name, LogicalType<?, ?> type) {
    String id = type.getIdentifier();
    if (id.equals(SqlTypes.DATE.getIdentifier())) {
      return new DateForm();
    }
    if (id.equals(SqlTypes.TIME.getIdentifier())) {
      return TextForm.time();
    }
    if (id.equals(SqlTypes.DATETIME.getIdentifier())) {
      return TextForm.dateTime();
    }
    if (id.equals(MicrosInstant.IDENTIFIER)) {
      return InstantForm.ofDigits(MICROS);
    }
    if (id.equals(NanosInstant.IDENTIFIER)) {
      return InstantForm.ofDigits(NANOS);
    }
    if (id.equals(Timestamp.IDENTIFIER) && type instanceof Timestamp timestamp) {
      int digits = timestamp.getArgument();
      return InstantForm.ofDigits(digits <= MILLIS ? MILLIS : digits <= MICROS ? MICROS : NANOS);
    }
    return new BaseForm(of(name, type.getBaseType()), type);
  }

  /** The field's value, which the parser has got to; it stays on the value's last token. */
  abstract Object fromJson(JsonParser in) throws IOException, BadRowException;

  /** Writes a value. */
  abstract void toJson(Object value, JsonGenerator out) throws IOException, BadRowException;

  /** The type in Avro. */
  abstract org.apache.avro.Schema avro();

  /** Reads the field's value. */
  abstract Object fromAvro(BinaryDecoder in) throws IOException, BadRowException;

  /** What Avro's generic writer takes for a value. */
  abstract Object toAvro(Object value) throws BadRowException;

  static BadRowException mismatch(String wanted, JsonParser in) throws IOException {
    return new BadRowException("must be " + wanted + ", found " + shown(in));
  }

  private static String shown(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return "an object";
    }
    if (token == JsonToken.START_ARRAY) {
      return "an array";
    }
    String text = in.getText();
    String shown = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    return token == JsonToken.VALUE_STRING ? '"' + shown + '"' : shown;
  }
}
