package dev.sheaf.models.train.linear;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * The ONNX graph of a linear model, in doubles throughout.
 *
 * <p>The inputs are stacked into one tensor {@code [d,N]}, a feature per row, centred and
 * multiplied there, then taken apart again and added up with {@code Sum}. Every operator works
 * element by element, so that the prediction of a row cannot depend on its batch; MatMul, Gemm and
 * ReduceSum are free to add in another order for another N. Of the ways measured this is also the
 * fastest for batches, and within a few microseconds of the fastest for one row.
 */
final class LinearGraph {
  private LinearGraph() {}

  static byte[] write(
      ModelMetadata metadata, double[] means, double[] coefficients, double intercept) {
    int d = coefficients.length;
    OnnxGraph graph = OnnxGraph.of(metadata);
    String mean = graph.constant("mean", means, d, 1);
    String coefficient = graph.constant("coefficient", coefficients, d, 1);
    String zero = graph.constant("zero", new double[] {0});
    String constant = graph.constant("intercept", new double[] {intercept}, 1, 1);
    String byFeature = graph.constant("by_feature", new long[] {d, -1}, 2);
    String byRow = graph.constant("by_row", new long[] {-1, 1}, 2);

    String joined =
        graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 0));
    String stacked = graph.node("Reshape", List.of(joined, byFeature), graph.name("stacked"));
    String centred = graph.node("Sub", List.of(stacked, mean), graph.name("centred"));
    String missing = graph.node("IsNaN", List.of(centred), graph.name("missing"));
    String imputed = graph.node("Where", List.of(missing, zero, centred), graph.name("imputed"));
    String product = graph.node("Mul", List.of(imputed, coefficient), graph.name("product"));
    List<String> parts = new ArrayList<>();
    for (int f = 0; f < d; f++) {
      parts.add(graph.name("part" + f));
    }
    graph.node(
        "Split",
        List.of(product),
        parts,
        Attributes.of("axis", 0),
        Attributes.of("num_outputs", d));
    parts.add(constant);
    String sum = graph.node("Sum", parts, graph.name("sum"));
    graph.node("Reshape", List.of(sum, byRow), ModelSession.OUTPUT);
    return graph.toBytes();
  }
}
