package dev.sheaf.models.train;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.Arrays;
import java.util.List;

/** What a classifier learns from rows of one class: that class, with certainty. */
public final class SingleClassModel implements FittedModel {
  private final TableSchema schema;
  private final String only;

  /** The model of rows that are all of the class {@code only}. */
  public SingleClassModel(TableSchema schema, String only) {
    this.schema = schema;
    this.only = only;
  }

  @Override
  public double[] predict(RowBlock rows) {
    double[] certain = new double[rows.rows()];
    Arrays.fill(certain, 1);
    return certain;
  }

  @Override
  public List<String> classes() {
    return List.of(only);
  }

  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(schema);
    OnnxGraph graph = OnnxGraph.of(metadata);
    String shape = graph.node("Shape", List.of(graph.inputs().get(0)), graph.name("single.shape"));
    String ones =
        graph.node(
            "Expand",
            List.of(graph.constant("single.one", new double[] {1}, 1), shape),
            graph.name("single.ones"));
    graph.classify(ones);
    return graph.toBytes();
  }

  @Override
  public List<String> notes() {
    return List.of("all rows are of the class '" + only + "'");
  }

  @Override
  public void close() {}
}
