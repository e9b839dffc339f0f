package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.transforms.failure.BadRowException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thread's columns for models of the same features that have sessions of their own, and the
 * rows that one of them scores.
 */
final class SoloLane extends Lane {
  private final InputColumns columns;
  private final boolean numbers;

  /** What scores the rows of the moment; its rows are the places of the columns. */
  private @Nullable Call call;

  private @Nullable Answers answers;

  SoloLane(Inputs inputs, Intake intake) {
    super(inputs, intake);
    this.columns = InputColumns.of(inputs.features(), intake.capacity());
    this.numbers = inputs.areNumbers();
  }

  InputColumns columns() {
    return columns;
  }

  /** Has its rows scored by a model: by a call over these columns. */
  void use(Call over) {
    if (answers == null || !over.classes().equals(classes())) {
      answers = new Answers(columns.rows(), over.classes());
    }
    call = over;
  }

  private Call call() {
    return Objects.requireNonNull(call);
  }

  @Override
  boolean readsAhead() {
    return true;
  }

  @Override
  boolean readUnknown(@Nullable Object[] row, int at) {
    try {
      inputs().read(row, columns, at);
      return true;
    } catch (BadRowException toldWhenItIsRead) {
      return false;
    }
  }

  @Override
  int bytesAt(int at) {
    return numbers ? inputs().numberBytes() : (int) inputs().byteSize(columns, at, 1);
  }

  @Override
  int readKnown(@Nullable Object[] row, int at, int place) throws BadRowException {
    inputs().read(row, columns, at);
    return bytesAt(at);
  }

  @Override
  void giveModels(int rows) {
    // It is that of the call.
  }

  @Override
  boolean isCheap() {
    return false;
  }

  @Override
  void move(int from, int to) {
    columns.move(from, to);
  }

  @Override
  void predictAt(int first, int count, Answers into) {
    call().predict(first, count, into);
  }

  @Override
  Answers answers() {
    return Objects.requireNonNull(answers);
  }

  @Override
  public ChosenModel model(int row) {
    return call().model(row);
  }

  @Override
  public List<String> classes() {
    return call().classes();
  }
}
