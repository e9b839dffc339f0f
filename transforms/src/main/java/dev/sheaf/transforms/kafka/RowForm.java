package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.SchemaParseException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Rows: objects in JSON, records in Avro. */
final class RowForm extends FieldForm {
  /** The Avro record's name where there is no field to name it by. */
  static final String OUTERMOST = "";

  private final String name;
  private final Schema schema;
  private final String[] fields;
  private final Slot[] slots;
  private final Map<String, Integer> places = new HashMap<>();
  private org.apache.avro.@Nullable Schema avro;

  RowForm(String name, Schema schema) {
    this.name = name;
    this.schema = schema;
    this.fields = schema.getFieldNames().toArray(new String[0]);
    this.slots = new Slot[fields.length];
    for (int i = 0; i < fields.length; i++) {
      String path = name.equals(OUTERMOST) ? fields[i] : name + "." + fields[i];
      places.put(fields[i], i);
      slots[i] = new Slot(path, schema.getField(i).getType());
    }
  }

  @Override
  Row fromJson(JsonParser in) throws IOException, BadRowException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw mismatch("an object", in);
    }
    @Nullable Object[] values = new @Nullable Object[slots.length];
    boolean[] seen = new boolean[slots.length];
    while (in.nextToken() != JsonToken.END_OBJECT) {
      Integer place = places.get(in.currentName());
      in.nextToken();
      if (place == null) {
        in.skipChildren();
      } else if (seen[place]) {
        throw new BadRowException("field " + fields[place] + " is there twice");
      } else {
        seen[place] = true;
        values[place] = slots[place].fromJson(in);
      }
    }
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        slots[i].missing();
      }
    }
    return Row.withSchema(schema).attachValues(Arrays.asList(values));
  }

  @Override
  void toJson(Object value, JsonGenerator out) throws IOException, BadRowException {
    Row row = (Row) value;
    out.writeStartObject();
    for (int i = 0; i < slots.length; i++) {
      out.writeFieldName(fields[i]);
      slots[i].toJson(row.getValue(i), out);
    }
    out.writeEndObject();
  }

  @Override
  org.apache.avro.Schema avro() {
    org.apache.avro.Schema made = avro;
    if (made == null) {
      made = makeAvro();
      avro = made;
    }
    return made;
  }

  private org.apache.avro.Schema makeAvro() {
    try {
      List<org.apache.avro.Schema.Field> made = new ArrayList<>();
      for (int i = 0; i < slots.length; i++) {
        // A null by default lets a reader do without the field.
        made.add(
            slots[i].nullable()
                ? new org.apache.avro.Schema.Field(
                    fields[i],
                    slots[i].avro(),
                    null,
                    org.apache.avro.Schema.Field.NULL_DEFAULT_VALUE)
                : new org.apache.avro.Schema.Field(fields[i], slots[i].avro()));
      }
      String record = name.equals(OUTERMOST) ? "row" : name.replace('.', '_') + "_row";
      return org.apache.avro.Schema.createRecord(record, null, null, false, made);
    } catch (SchemaParseException e) {
      throw new IllegalArgumentException(
          "Cannot write "
              + String.join(", ", fields)
              + " as Avro: names are letters, digits and underscores, "
              + e.getMessage(),
          e);
    }
  }

  @Override
  Row fromAvro(BinaryDecoder in) throws IOException, BadRowException {
    List<@Nullable Object> values = new ArrayList<>(slots.length);
    for (Slot slot : slots) {
      values.add(slot.fromAvro(in));
    }
    return Row.withSchema(schema).attachValues(values);
  }

  @Override
  GenericRecord toAvro(Object value) throws BadRowException {
    Row row = (Row) value;
    GenericRecord record = new GenericData.Record(avro());
    for (int i = 0; i < slots.length; i++) {
      record.put(i, slots[i].toAvro(row.getValue(i)));
    }
    return record;
  }
}
