package dev.sheaf.models.train.naive;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/** Predicts the same number, or the same probabilities, for every row. */
final class ConstantModel implements FittedModel {
  private final TableSchema schema;
  private final double[] values;
  private final List<String> classes;
  private final List<String> notes;

  ConstantModel(TableSchema schema, double[] values, List<String> classes, List<String> notes) {
    this.schema = schema;
    this.values = values;
    this.classes = List.copyOf(classes);
    this.notes = List.copyOf(notes);
  }

  @Override
  public double[] predict(RowBlock rows) {
    double[] predictions = new double[Math.multiplyExact(rows.rows(), values.length)];
    for (int i = 0; i < predictions.length; i++) {
      predictions[i] = values[i % values.length];
    }
    return predictions;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  /** Looks any input up in a table in which everything is the one number. */
  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(schema);
    OnnxGraph graph = OnnxGraph.of(metadata);
    if (classes.isEmpty()) {
      Lookup.of(values[0], values[0]).write(graph, schema, ModelSession.OUTPUT);
    } else {
      String zeros = Lookup.of(0, 0).write(graph, schema, graph.name("zeros"));
      String constant = graph.constant("frequencies", values, 1, values.length);
      graph.classify(graph.node("Add", List.of(zeros, constant), graph.name("all")));
    }
    return graph.toBytes();
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public void close() {
    // Nothing is held outside the heap.
  }
}
