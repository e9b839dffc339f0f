package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.transforms.failure.BadRowException;
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

  private static final List<Field> OF_A_NUMBER =
      List.of(Field.nullable("PREDICTION", FieldType.DOUBLE));
  private static final List<Field> OF_A_CLASS =
      List.of(
          Field.nullable("PREDICTION", FieldType.STRING),
          Field.nullable("PROBABILITY", FieldType.DOUBLE),
          Field.nullable("PROBABILITIES", FieldType.STRING));
  private static final List<Field> OF_THE_MODEL =
      List.of(
          Field.nullable("MODEL_KEY", FieldType.STRING),
          Field.nullable("MODEL_VERSION", FieldType.STRING),
          Field.of("FALLBACK_LEVEL", FieldType.STRING),
          Field.of("LAYER", FieldType.STRING),
          Field.of("SCORED_AT", FieldType.logicalType(Timestamp.NANOS)));

  private final Schema schema;
  private final PredictionKind kind;
  private final String layer;

  private Predictions(Schema schema, PredictionKind kind, String layer) {
    this.schema = schema;
    this.kind = kind;
    this.layer = layer;
  }

  /**
   * Predictions for rows of {@code input}.
   *
   * @throws IllegalArgumentException when the input has a column of a prediction's name already
   */
  static Predictions of(Schema input, PredictionKind kind, String layer) {
    List<Field> columns = new ArrayList<>(kind == PredictionKind.CLASS ? OF_A_CLASS : OF_A_NUMBER);
    columns.addAll(OF_THE_MODEL);
    List<String> clashes =
        columns.stream()
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
        Schema.builder().addFields(input.getFields()).addFields(columns).build(), kind, layer);
  }

  Schema schema() {
    return schema;
  }

  /**
   * Refuses a model that does not predict what the rows have columns for.
   *
   * @throws IllegalArgumentException if its classes are missing, or are there
   */
  void check(List<String> classes) {
    if (classes.isEmpty() == (kind == PredictionKind.CLASS)) {
      throw new IllegalArgumentException(
          classes.isEmpty()
              ? "it predicts a number, and classifying() asks for classes"
              : "it predicts one of the classes "
                  + classes
                  + ", and a number is asked for: use classifying()");
    }
  }

  /** A row that no model scores. */
  Row unscored(Row input, Instant scoredAt) {
    List<@Nullable Object> values = new ArrayList<>(schema.getFieldCount());
    values.addAll(input.getValues());
    int own = values.size();
    while (values.size() < own + (kind == PredictionKind.CLASS ? OF_A_CLASS : OF_A_NUMBER).size()) {
      values.add(null);
    }
    return row(values, null, null, FallbackLevel.NONE, scoredAt);
  }

  /**
   * A row with a model's answer.
   *
   * @param place the place of the row among the answers
   * @throws BadRowException if the answer cannot be used
   */
  Row scored(Row input, Answers answers, int place, ModelRef model, Instant scoredAt)
      throws BadRowException {
    List<@Nullable Object> values = new ArrayList<>(schema.getFieldCount());
    values.addAll(input.getValues());
    answers.addTo(values, place);
    ModelScope scope = ModelScope.ofStoreKey(model.key());
    String version = model.version().toString();
    if (scope instanceof ModelScope.Key key) {
      return row(values, key.text(), version, FallbackLevel.KEY, scoredAt);
    }
    FallbackLevel level =
        scope instanceof ModelScope.Group ? FallbackLevel.GROUP : FallbackLevel.GLOBAL;
    return row(values, model.key(), version, level, scoredAt);
  }

  private Row row(
      List<@Nullable Object> values,
      @Nullable String modelKey,
      @Nullable String modelVersion,
      FallbackLevel level,
      Instant scoredAt) {
    values.add(modelKey);
    values.add(modelVersion);
    values.add(level.name());
    values.add(layer);
    values.add(scoredAt);
    return Row.withSchema(schema).attachValues(values);
  }
}
