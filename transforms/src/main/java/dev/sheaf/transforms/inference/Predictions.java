package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
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
          Field.of("SCORED_AT", ScoredAt.TYPE));

  private final Schema schema;

  /** Columns of the input. */
  private final int width;

  private final PredictionKind kind;
  private final String layer;

  private Predictions(Schema schema, int width, PredictionKind kind, String layer) {
    this.schema = schema;
    this.width = width;
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
        Schema.builder().addFields(input.getFields()).addFields(columns).build(),
        input.getFieldCount(),
        kind,
        layer);
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
    @Nullable Object[] values = copy(input);
    int place = width + (kind == PredictionKind.CLASS ? OF_A_CLASS.size() : OF_A_NUMBER.size());
    values[place + ChosenModel.COLUMNS - 1] = FallbackLevel.NONE.name();
    return row(values, place + ChosenModel.COLUMNS, scoredAt);
  }

  /**
   * A row with a model's answer.
   *
   * @param row the place of the row in the call
   * @param answer the place of its answer among the answers
   * @throws BadRowException if the answer cannot be used
   */
  Row scored(Call call, int row, Answers answers, int answer, Instant scoredAt)
      throws BadRowException {
    @Nullable Object[] values = columns(call.rows(), call.heldAt(row));
    int next = answers.write(values, width, answer);
    call.tell(row, values, next);
    return row(values, next + ChosenModel.COLUMNS, scoredAt);
  }

  /** The columns of a row that is held, with room for those of a prediction. */
  @Nullable Object[] columns(HeldRows rows, int place) {
    @Nullable Object[] known = rows.columns(place);
    return known == null ? copy(rows.row(place)) : known;
  }

  /** The row's columns, with room for those of a prediction. */
  @Nullable Object[] copy(Row input) {
    return copy(input, schema);
  }

  /** The row's values with room for those that are added up to a schema's number of columns. */
  static @Nullable Object[] copy(Row input, Schema schema) {
    // Lists copy themselves at once into an array that has room.
    return input.getValues().toArray(new @Nullable Object[schema.getFieldCount()]);
  }

  private Row row(@Nullable Object[] values, int from, Instant scoredAt) {
    values[from] = layer;
    values[from + 1] = scoredAt;
    return Row.withSchema(schema).attachValues(Arrays.asList(values));
  }
}
