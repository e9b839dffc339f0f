package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.jspecify.annotations.Nullable;

/** Arrays of any other form. */
final class ArrayForm extends FieldForm {
  private final Slot element;

  ArrayForm(String name, FieldType type) {
    this.element = new Slot(name + "_item", NestedForms.elementOf(type));
  }

  @Override
  Object fromJson(JsonParser in) throws IOException, BadRowException {
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw mismatch("an array", in);
    }
    List<@Nullable Object> values = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      values.add(element.fromJson(in));
    }
    return values;
  }

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException, BadRowException {
    out.writeStartArray();
    for (Object each : (Iterable<?>) value) {
      element.toJson(each, out);
    }
    out.writeEndArray();
  }

  @Override
  org.apache.avro.Schema avro() {
    return org.apache.avro.Schema.createArray(element.avro());
  }

  @Override
  Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    List<@Nullable Object> values = new ArrayList<>();
    for (long count = in.readArrayStart(); count != 0; count = in.arrayNext()) {
      // A damaged count must not fill the memory: each element has a byte at least.
      AvroCodec.checkThereAre(count, in);
      for (long i = 0; i < count; i++) {
        values.add(element.fromAvro(in));
      }
    }
    return values;
  }

  @Override
  Object toAvro(Object value) throws BadRowException {
    List<@Nullable Object> values = new ArrayList<>();
    for (Object each : (Iterable<?>) value) {
      values.add(element.toAvro(each));
    }
    return values;
  }
}
