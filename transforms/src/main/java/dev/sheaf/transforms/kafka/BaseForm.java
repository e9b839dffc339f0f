package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema.LogicalType;

/** Logical types without a form of their own: their base type's. */
final class BaseForm extends FieldForm {
  private final FieldForm base;
  private final LogicalType<Object, Object> type;

  // A logical type takes and gives objects of the two types that it declares.
  @SuppressWarnings("unchecked")
  BaseForm(FieldForm base, LogicalType<?, ?> type) {
    this.base = base;
    this.type = (LogicalType<Object, Object>) type;
  }

  @Override
  Object fromJson(JsonParser in) throws IOException, BadRowException {
    return value(base.fromJson(in));
  }

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException, BadRowException {
    base.toJson(type.toBaseType(value), out);
  }

  @Override
  org.apache.avro.Schema avro() {
    return base.avro();
  }

  @Override
  Object fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    return value(base.fromAvro(in));
  }

  @Override
  Object toAvro(Object value) throws BadRowException {
    return base.toAvro(type.toBaseType(value));
  }

  private Object value(Object baseValue) throws BadRowException {
    try {
      return type.toInputType(baseValue);
    } catch (RuntimeException e) {
      throw new BadRowException("is not a value of " + type.getIdentifier() + ": " + e, e);
    }
  }
}
