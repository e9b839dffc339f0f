package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.transforms.failure.BadRows;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows with any one ONNX model, inside the worker: columns become the model's inputs, its
 * outputs become columns.
 *
 * <p><b>Input.</b> A {@link PCollection} with a schema, bounded or unbounded. An input of the model
 * is read off the column of its name, without regard to case where that is unambiguous, or off what
 * {@link #withInput}, {@link #withArrayInput} and {@link #withConstantInput} name; optional inputs
 * without a column are left out. The first dimension of an input is that of the rows. The others
 * are filled by
 *
 * <ul>
 *   <li>one column of one value, where they have one element: {@code [N]} and {@code [N,1]};
 *   <li>as many columns as they have elements, in the order given: {@code [N,d]};
 *   <li>one column of arrays, flat or nested, or of bytes, with as many elements; one dimension may
 *       be open, and rows with different lengths never share a call.
 * </ul>
 *
 * <p>A column goes into a tensor of its own type or of one that holds each of its values exactly:
 * INT16 into INT64 or FLOAT, DOUBLE into DOUBLE alone, text into text alone. With {@link
 * #convertingNumbers} numbers and booleans go into every type of numbers: rounded to the nearest
 * float; into whole numbers only if they are whole and in range, else the row is bad. NULL is NaN
 * in tensors of floats; in others it makes the row bad.
 *
 * <p><b>Output.</b> One row for each input row: its columns; one column for each output, of its
 * name, or what {@link #withOutput} and {@link #withOutputs} ask for; then {@code MODEL_ID}, {@code
 * LAYER} ({@code batch} for bounded input, {@code stream} for unbounded) and {@code SCORED_AT}. An
 * output {@code [N]} or {@code [N,1]} becomes a value, others become nested arrays, of the
 * narrowest type that holds every element: UINT8 becomes INT16, UINT64 DECIMAL, the 16-bit floats
 * FLOAT. Sequences with an element for each row, as ZipMap gives them, become the MAP or ARRAY that
 * {@link #withOutput} names. Timestamps and windows are kept, panes and the order of rows are not.
 *
 * <p><b>Construction.</b> The model is opened once, on the CPU, when the pipeline is built: what
 * does not fit fails then. Where it cannot be reached from there, see {@link #checkedOnWorkers}.
 *
 * <p><b>Batches, memory, errors and delivery</b> are as {@link InferElements} tells; a row that
 * cannot be read, or that the model refuses, is a bad record.
 *
 * <pre>{@code
 * PCollection<Row> scored = flowers.apply(
 *     RunInference.onRows(OnnxModel.at("gs://models/iris.onnx"))
 *         .withInput("X", "SEPAL_LENGTH", "SEPAL_WIDTH", "PETAL_LENGTH", "PETAL_WIDTH")
 *         .withOutput("label", "SPECIES")
 *         .withOutputs("probabilities", "P_SETOSA", "P_VERSICOLOR", "P_VIRGINICA"));
 * }</pre>
 */
public final class InferRows extends PTransform<PCollection<Row>, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  private final InferSettings settings;
  private final RowMapping mapping;
  private final Check check;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  /** Where it is seen whether the model fits. */
  private enum Check {
    AT_CONSTRUCTION,
    ON_WORKERS
  }

  private InferRows(
      InferSettings settings,
      RowMapping mapping,
      Check check,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.settings = settings;
    this.mapping = mapping;
    this.check = check;
    this.errorHandler = errorHandler;
  }

  static InferRows with(OnnxModel model) {
    return new InferRows(InferSettings.of(model), RowMapping.byName(), Check.AT_CONSTRUCTION, null);
  }

  /** Reads an input off one column, or off several in their order, each of one value. */
  public InferRows withInput(String input, String... columns) {
    if (columns.length == 0) {
      throw new IllegalArgumentException(
          "withInput: the columns of the input '" + input + "' are needed, found none");
    }
    return with(mapping.with(input, new InputSource.Columns(List.of(columns))));
  }

  /**
   * Reads an input off a column of arrays.
   *
   * @param shape of the elements of one row; one dimension may be -1, which takes what is left
   */
  public InferRows withArrayInput(String input, String column, long... shape) {
    return with(mapping.with(input, new InputSource.Array(column, shape)));
  }

  /**
   * Gives an input the same value for every row.
   *
   * @param value a scalar, or a tensor whose first dimension is 1
   */
  public InferRows withConstantInput(String input, Tensor value) {
    return with(mapping.with(input, new InputSource.Constant(value)));
  }

  /** Lets numbers and booleans go into every type of numbers; by default only where exact. */
  public InferRows convertingNumbers() {
    return with(mapping.convertingNumbers());
  }

  /** Writes an output into a column; outputs that are not named are then left out. */
  public InferRows withOutput(String output, String column) {
    return with(mapping.with(new OutputTarget(output, List.of(column), null)));
  }

  /**
   * As the other form, into a column of a given type: one that holds every element of the output
   * or, for a sequence, {@code MAP} or {@code ARRAY} as the model gives it.
   */
  public InferRows withOutput(String output, String column, FieldType type) {
    return with(mapping.with(new OutputTarget(output, List.of(column), type)));
  }

  /** Writes the elements of an output's row into as many columns. */
  public InferRows withOutputs(String output, String... columns) {
    return with(mapping.with(new OutputTarget(output, List.of(columns), null)));
  }

  /**
   * Does not open the model when the pipeline is built, for where it cannot be reached then: each
   * output to write must be named with its column and type, and what does not fit fails when a
   * worker starts.
   */
  public InferRows checkedOnWorkers() {
    return new InferRows(settings, mapping, Check.ON_WORKERS, errorHandler);
  }

  /** How many rows go into a call; up to 4096 of a bundle unless set. */
  public InferRows withBatching(Batching batching) {
    return with(settings.withBatching(batching));
  }

  /** As {@link InferElements#withWorkers}. */
  public InferRows withWorkers(WorkerResources workers) {
    return with(settings.withWorkers(workers));
  }

  /** As {@link InferElements#withTimeLimit}. */
  public InferRows withTimeLimit(Duration limit) {
    return with(settings.withTimeLimit(limit));
  }

  /** As {@link InferElements#refreshedEvery}; new content must have the outputs of the old. */
  public InferRows refreshedEvery(Duration interval) {
    return with(settings.refreshedEvery(interval));
  }

  /**
   * As {@link InferElements#withModelUpdates}; another model must have the outputs of the first.
   */
  public InferRows withModelUpdates(PCollectionView<String> locations) {
    return with(settings.withModelUpdates(locations));
  }

  /**
   * What {@code SCORED_AT} and intervals are read from; must be serializable. The system's clock
   * unless set.
   */
  public InferRows withClock(Clock clock) {
    return with(settings.withClock(clock));
  }

  /**
   * Takes the rows that cannot be scored, in the global window; without it the first fails the
   * pipeline.
   */
  public InferRows withBadRecordErrorHandler(ErrorHandler<BadRecord, ?> handler) {
    return new InferRows(settings, mapping, check, handler);
  }

  private InferRows with(InferSettings changed) {
    return new InferRows(changed, mapping, check, errorHandler);
  }

  private InferRows with(RowMapping changed) {
    return new InferRows(settings, changed, check, errorHandler);
  }

  @Override
  public PCollection<Row> expand(PCollection<Row> input) {
    Schema schema = input.getSchema();
    Schema output = check == Check.ON_WORKERS ? mapping.schema(schema) : checked(schema);
    String layer = input.isBounded() == IsBounded.BOUNDED ? "batch" : "stream";
    BadRows badRows = BadRows.of(schema, "InferRows", errorHandler);
    RowDoor door = new RowDoor(mapping, schema, output, layer, settings.clock(), badRows);
    return input
        .apply(
            "Infer",
            new Infer<>(
                door, settings, RowCoder.of(output), WaitForOthers.Measures.none(), errorHandler))
        .setRowSchema(output);
  }

  /** The columns of the results, after a look at the model. */
  private Schema checked(Schema schema) {
    try (TensorSession session = TensorSession.open(settings.model().on(ExecutionProvider.cpu()))) {
      mapping.readers(session, schema);
      return mapping.schema(session, schema);
    }
  }
}
