package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows whose inputs are read, and what scores any part of them. */
interface Call {
  /** What holds the rows. */
  HeldRows rows();

  /** The place there of a row of the call. */
  default int heldAt(int row) {
    return row;
  }

  /** The model that scores a row. */
  ChosenModel model(int row);

  /** Writes what the prediction of a row says of its model. */
  default void tell(int row, @Nullable Object[] columns, int from) {
    model(row).tellColumns(columns, from);
  }

  /** The classes of all its models; empty if they predict numbers. */
  List<String> classes();

  /** Scores some rows; their answers are written from the first place on. */
  void predict(int from, int rows, Answers into);

  /** The bytes of some rows' inputs. */
  long byteSize(int from, int rows);

  /** Rows of a model with a session of its own. */
  record OfSession(
      ChosenModel model,
      HeldRows rows,
      Inputs inputs,
      InputColumns columns,
      ModelSession session,
      BatchBuffers buffers)
      implements Call {
    @Override
    public ChosenModel model(int row) {
      return model;
    }

    @Override
    public List<String> classes() {
      return session.classes();
    }

    @Override
    public void predict(int from, int count, Answers into) {
      session.predict(buffers, columns, from, count, into.values(), 0);
    }

    @Override
    public long byteSize(int from, int count) {
      return inputs.byteSize(columns, from, count);
    }
  }

  /** Rows of one model through the session of its template. */
  record OfWeights(
      ChosenModel model, HeldRows rows, Inputs inputs, InputColumns columns, Weighted weighted)
      implements Call {
    /** The weights and what they go through. */
    record Weighted(ModelWeights weights, TemplateRows buffers, List<String> classes) {}

    @Override
    public ChosenModel model(int row) {
      return model;
    }

    @Override
    public List<String> classes() {
      return weighted.classes();
    }

    @Override
    public void predict(int from, int count, Answers into) {
      weighted.buffers().weightsOfAll(count, weighted.weights());
      inputs.copy(columns, from, count, weighted.buffers(), weighted.weights());
      weighted.buffers().predict(0, count, into.values());
    }

    @Override
    public long byteSize(int from, int count) {
      return inputs.byteSize(columns, from, count);
    }
  }
}
