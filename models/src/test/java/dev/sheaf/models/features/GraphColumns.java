package dev.sheaf.models.features;

import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Runs what was written into a graph: its columns pass for the probabilities of classes. */
final class GraphColumns {
  private GraphColumns() {}

  static byte[] onnx(TableSchema schema, int width, Function<OnnxGraph, String> writer) {
    List<String> classes = IntStream.range(0, width).mapToObj(c -> "c" + c).toList();
    OnnxGraph graph =
        OnnxGraph.of(
            new ModelMetadata("1", "Y", schema.features(), classes, "none", Map.of(), 1, "none"));
    graph.classify(writer.apply(graph));
    return graph.toBytes();
  }

  /** The columns as the graph computes them from rows in batches of a size. */
  static double[][] run(byte[] onnx, TableSchema schema, RowBlock rows, int batch) {
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(session.shape())) {
      int width = session.classes().size();
      InputColumns inputs = InputColumns.of(schema.features(), rows);
      double[] flat = new double[rows.rows() * width];
      for (int from = 0; from < rows.rows(); from += batch) {
        int count = Math.min(batch, rows.rows() - from);
        session.predict(buffers, inputs, from, count, flat, from * width);
      }
      double[][] columns = new double[width][rows.rows()];
      for (int i = 0; i < flat.length; i++) {
        columns[i % width][i / width] = flat[i];
      }
      return columns;
    }
  }

  /** Rows out of one list of values per row: texts, numbers, or null for missing. */
  static RowBlock rows(TableSchema schema, List<List<Object>> rows) {
    RowBlock.Builder builder = RowBlock.builder(schema);
    for (List<Object> row : rows) {
      double[] values = new double[row.size()];
      for (int f = 0; f < values.length; f++) {
        Object value = row.get(f);
        values[f] =
            value instanceof String text
                ? builder.code(f, text)
                : value instanceof Number number ? number.doubleValue() : Double.NaN;
      }
      builder.append(values, builder.rows(), builder.rows(), builder.rows());
    }
    return builder.build();
  }

  /** Rows of one feature. */
  static RowBlock column(TableSchema schema, List<Object> values) {
    return rows(schema, values.stream().map(Collections::singletonList).toList());
  }
}
