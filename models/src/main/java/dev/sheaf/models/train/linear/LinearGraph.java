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
 * <p>The inputs are joined into one tensor {@code [N,d]}, centred and multiplied there, then taken
 * apart again and added up with {@code Sum}. Every operator works element by element, so that the
 * prediction of a row cannot depend on its batch; MatMul, Gemm and ReduceSum are free to add in
 * another order for another N. Few nodes count more than fast ones: a session costs by the node to
 * open, and a model of one key is opened more often than it sees a large batch.
 */
final class LinearGraph {
  private LinearGraph() {}

  static byte[] write(
      ModelMetadata metadata, double[] means, double[] coefficients, double intercept) {
    int d = coefficients.length;
    OnnxGraph graph = OnnxGraph.of(metadata);
    String mean = graph.constant("mean", means, 1, d);
    String coefficient = graph.constant("coefficient", coefficients, 1, d);
    String zero = graph.constant("zero", new double[] {0});
    String constant = graph.constant("intercept", new double[] {intercept}, 1, 1);

    String joined =
        graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1));
    String centred = graph.node("Sub", List.of(joined, mean), graph.name("centred"));
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
        Attributes.of("axis", 1),
        Attributes.of("num_outputs", d));
    parts.add(constant);
    graph.node("Sum", parts, ModelSession.OUTPUT);
    return graph.toBytes();
  }
}
