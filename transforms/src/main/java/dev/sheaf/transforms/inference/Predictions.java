package dev.sheaf.transforms.inference;

import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** The rows that scoring gives: the input's columns, then those of the prediction. */
final class Predictions implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final List<Field> COLUMNS =
      List.of(
          Field.nullable("PREDICTION", FieldType.DOUBLE),
          Field.nullable("MODEL_KEY", FieldType.STRING),
          Field.nullable("MODEL_VERSION", FieldType.STRING),
          Field.of("FALLBACK_LEVEL", FieldType.STRING),
          Field.of("LAYER", FieldType.STRING),
          Field.of("SCORED_AT", FieldType.logicalType(Timestamp.NANOS)));

  private final Schema schema;
  private final String layer;

  private Predictions(Schema schema, String layer) {
    this.schema = schema;
    this.layer = layer;
  }

  /**
   * Predictions for rows of {@code input}.
   *
   * @throws IllegalArgumentException when the input has a column of a prediction's name already
   */
  static Predictions of(Schema input, String layer) {
    List<String> clashes =
        COLUMNS.stream()
            .map(Field::getName)
            .filter(name -> input.getFieldNames().stream().anyMatch(name::equalsIgnoreCase))
            .collect(Collectors.toList());
    if (!clashes.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              "RunInference cannot add its columns: the input has %s already; rename or leave out",
              String.join(", ", clashes)));
    }
    return new Predictions(
        Schema.builder().addFields(input.getFields()).addFields(COLUMNS).build(), layer);
  }

  Schema schema() {
    return schema;
  }

  Row row(
      Row input,
      @Nullable Double prediction,
      @Nullable String modelKey,
      @Nullable String modelVersion,
      FallbackLevel level,
      Instant scoredAt) {
    List<@Nullable Object> values = new ArrayList<>(schema.getFieldCount());
    values.addAll(input.getValues());
    values.add(prediction);
    values.add(modelKey);
    values.add(modelVersion);
    values.add(level.name());
    values.add(layer);
    values.add(scoredAt);
    return Row.withSchema(schema).attachValues(values);
  }
}
