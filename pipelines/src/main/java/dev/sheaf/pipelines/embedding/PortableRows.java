package dev.sheaf.pipelines.embedding;

import dev.sheaf.transforms.snowflake.OffsetTimestamp;
import java.io.Serializable;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.MicrosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Gives columns the types that Beam's other languages and SQL know: points in time become {@code
 * DATETIME}, cut to milliseconds, and dates and times without a zone ISO text. Rows that have no
 * other types are passed on as they are.
 */
final class PortableRows extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  private static final Set<String> INSTANTS =
      Set.of(
          MicrosInstant.IDENTIFIER,
          NanosInstant.IDENTIFIER,
          Timestamp.IDENTIFIER,
          OffsetTimestamp.IDENTIFIER);
  private static final Set<String> TEXTS =
      Set.of(
          SqlTypes.DATE.getIdentifier(),
          SqlTypes.TIME.getIdentifier(),
          SqlTypes.DATETIME.getIdentifier());

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema schema = portable(input.getSchema());
    return schema.equals(input.getSchema())
        ? input
        : input.apply("ToPortable", ParDo.of(new ToPortable(schema))).setRowSchema(schema);
  }

  private static Schema portable(Schema schema) {
    List<Field> fields = new ArrayList<>();
    for (Field field : schema.getFields()) {
      fields.add(
          portable(field.getType())
              .map(type -> field.withType(type.withNullable(field.getType().getNullable())))
              .orElse(field));
    }
    return Schema.of(fields.toArray(Field[]::new));
  }

  private static Optional<FieldType> portable(FieldType type) {
    Schema.LogicalType<?, ?> logical = type.getLogicalType();
    if (logical == null) {
      return Optional.empty();
    } else if (INSTANTS.contains(logical.getIdentifier())) {
      return Optional.of(FieldType.DATETIME);
    }
    return TEXTS.contains(logical.getIdentifier())
        ? Optional.of(FieldType.STRING)
        : Optional.empty();
  }

  private static final class ToPortable extends DoFn<Row, Row> implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Schema schema;

    ToPortable(Schema schema) {
      this.schema = schema;
    }

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      List<@Nullable Object> values = new ArrayList<>(schema.getFieldCount());
      for (int i = 0; i < schema.getFieldCount(); i++) {
        boolean changed =
            !schema.getField(i).getType().equals(row.getSchema().getField(i).getType());
        Object value = row.getValue(i);
        values.add(changed && value != null ? portable(value) : value);
      }
      out.output(Row.withSchema(schema).addValues(values).build());
    }

    private static Object portable(Object value) {
      if (value instanceof OffsetDateTime time) {
        return org.joda.time.Instant.ofEpochMilli(time.toInstant().toEpochMilli());
      }
      return value instanceof Instant instant
          ? org.joda.time.Instant.ofEpochMilli(instant.toEpochMilli())
          : value.toString();
    }
  }
}
