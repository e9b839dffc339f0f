package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.transforms.failure.BadRowException;
import org.jspecify.annotations.Nullable;

/**
 * The rows that wait to be scored together by one model.
 *
 * <p>Where the model's features are known its inputs are read as rows come, while they are in the
 * processor's cache; else when it is loaded.
 */
final class Batch {
  private static final int FIRST_CAPACITY = 4;

  private final ChosenModel model;
  private final @Nullable Inputs inputs;
  private final HeldRows rows = new HeldRows();
  private @Nullable InputColumns columns;

  /** Rows of a model; {@code inputs} null if its features are not known yet. */
  Batch(ChosenModel model, @Nullable Inputs inputs) {
    this.model = model;
    this.inputs = inputs;
    this.columns = inputs == null ? null : InputColumns.of(inputs.features(), FIRST_CAPACITY);
  }

  ChosenModel model() {
    return model;
  }

  int size() {
    return rows.size();
  }

  /** What its rows take, estimated. */
  long byteSize() {
    return rows.byteSize();
  }

  /** The same rows for another model. */
  Batch with(ChosenModel other) {
    Batch same = new Batch(other, null);
    for (int i = 0; i < rows.size(); i++) {
      same.rows.add(rows, i);
    }
    return same;
  }

  HeldRows rows() {
    return rows;
  }

  /** What reads the columns; null if they are still to be read. */
  @Nullable Inputs inputs() {
    return inputs;
  }

  /** What was read; null if it is still to be read. */
  @Nullable InputColumns columns() {
    return columns;
  }

  /** Adds a row of an intake unless its values cannot be read. */
  void add(Intake intake, int other) throws BadRowException {
    InputColumns read = columns;
    if (read != null && inputs != null) {
      int place = rows.size();
      if (place == read.rows()) {
        read = read.resized(2 * place);
        columns = read;
      }
      inputs.read(intake.columns(other), read, place);
    }
    rows.add(intake.rows(), other);
  }
}
