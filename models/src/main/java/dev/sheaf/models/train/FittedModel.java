package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import java.util.List;
import java.util.Map;

/** A model as its trainer left it, before it is exported; confined to one thread. */
public interface FittedModel extends AutoCloseable {
  /**
   * The trainer's own predictions: one number per row, or for classes row after row the probability
   * of each of {@link #classes()}.
   *
   * @param rows rows with the schema of those trained on, texts by their own dictionaries
   */
  double[] predict(RowBlock rows) throws TrainingException;

  /** The classes that have a probability, in its order; empty for a regression. */
  default List<String> classes() {
    return List.of();
  }

  /**
   * The model as a self-contained ONNX file.
   *
   * @param metadata what the file says about itself; its features and classes are the model's
   */
  byte[] toOnnx(ModelMetadata metadata) throws TrainingException;

  /** What a reader of the results should know, such as a feature that had no value. */
  default List<String> notes() {
    return List.of();
  }

  /** How the error fell from round to round; empty if the trainer has no rounds. */
  default List<CurvePoint> curve() {
    return List.of();
  }

  /** How much the model makes of each feature; empty if the trainer cannot tell. */
  default List<FeatureImportance> importance() {
    return List.of();
  }

  /**
   * The losses of all models that were compared, by the text of their trainers; empty where there
   * was no choice.
   */
  default Map<String, Double> scores() {
    return Map.of();
  }

  /** The trainer that made it, where that is not the one that was asked: the winner of several. */
  default Trainer trainer(Trainer asked) {
    return asked;
  }

  /** Frees what the trainer holds in native memory. */
  @Override
  void close();
}
