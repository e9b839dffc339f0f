package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.jspecify.annotations.Nullable;

/** A place for a value that may be null: a field of a row or an element of an array. */
final class Slot {
  private final String name;
  private final boolean nullable;
  private final FieldForm form;

  Slot(String name, FieldType type) {
    this.name = name;
    this.nullable = Boolean.TRUE.equals(type.getNullable());
    this.form = FieldForm.of(name, type);
  }

  @Nullable Object fromJson(JsonParser in) throws IOException, BadRowException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      absent("is null");
      return null;
    }
    try {
      return form.fromJson(in);
    } catch (BadRowException e) {
      throw named(e);
    }
  }

  /** What stands for a field that is not there: null, where it may be. */
  void missing() throws BadRowException {
    absent("is missing");
  }

  void toJson(@Nullable Object value, JsonGenerator out) throws IOException, BadRowException {
    if (value == null) {
      absent("is null");
      out.writeNull();
      return;
    }
    try {
      form.toJson(value, out);
    } catch (BadRowException e) {
      throw named(e);
    }
  }

  Schema avro() {
    Schema schema = form.avro();
    return nullable ? Schema.createUnion(Schema.create(Schema.Type.NULL), schema) : schema;
  }

  boolean nullable() {
    return nullable;
  }

  @Nullable Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    if (nullable) {
      int branch = in.readIndex();
      if (branch == 0) {
        return null;
      }
      if (branch != 1) {
        throw named(new BadRowException("must be null or a value, found the branch " + branch));
      }
    }
    try {
      return form.fromAvro(in);
    } catch (BadRowException e) {
      throw named(e);
    }
  }

  @Nullable Object toAvro(@Nullable Object value) throws BadRowException {
    if (value == null) {
      absent("is null");
      return null;
    }
    try {
      return form.toAvro(value);
    } catch (BadRowException e) {
      throw named(e);
    }
  }

  private void absent(String how) throws BadRowException {
    if (!nullable) {
      throw new BadRowException("field " + name + " " + how + " but may not be null");
    }
  }

  /** The innermost field is named; those around it are in its name. */
  private BadRowException named(BadRowException e) {
    return e.reason().startsWith("field ")
        ? e
        : new BadRowException("field " + name + " " + e.reason(), e);
  }
}
