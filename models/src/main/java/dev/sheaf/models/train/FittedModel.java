package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import java.util.List;

/** A model as its trainer left it, before it is exported; confined to one thread. */
public interface FittedModel extends AutoCloseable {
  /** The trainer's own predictions, one per row. */
  double[] predict(RowBlock rows) throws TrainingException;

  /** The model as a self-contained ONNX file. */
  byte[] toOnnx(ModelMetadata metadata) throws TrainingException;

  /** What a reader of the results should know, such as a feature that had no value. */
  List<String> notes();

  /** Frees what the trainer holds in native memory. */
  @Override
  void close();
}
