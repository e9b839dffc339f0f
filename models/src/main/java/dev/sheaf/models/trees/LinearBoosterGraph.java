package dev.sheaf.models.trees;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.List;

/** The margins of a linear booster, in double; XGBoost adds in float. */
final class LinearBoosterGraph {
  private LinearBoosterGraph() {}

  static String margins(OnnxGraph graph, String matrix, LinearBooster booster) {
    String values =
        graph.node(
            "Cast",
            List.of(matrix),
            graph.name("trees.values"),
            TreeGraph.to(OnnxValue.Type.DOUBLE));
    String missing = graph.node("IsNaN", List.of(values), graph.name("trees.missing"));
    String zero = graph.constant("trees.zero", new double[] {0});
    String present =
        graph.node("Where", List.of(missing, zero, values), graph.name("trees.present"));
    List<String> margins = new ArrayList<>();
    for (int k = 0; k < booster.head().outputs(); k++) {
      margins.add(margin(graph, present, booster, k));
    }
    return graph.node("Concat", margins, graph.name("trees.margins"), Attributes.of("axis", 1));
  }

  /** Terms are split into columns and added one by one: in an order that no batch changes. */
  private static String margin(OnnxGraph graph, String values, LinearBooster booster, int output) {
    int features = booster.head().features();
    String word = "trees.output" + output + ".";
    double[] weights = new double[features];
    for (int f = 0; f < features; f++) {
      weights[f] = booster.weight(f, output);
    }
    String terms =
        graph.node(
            "Mul",
            List.of(values, graph.constant(word + "weights", weights, features)),
            graph.name(word + "terms"));
    List<String> parts = LinkGraph.columns(graph, word + "term", terms, features);
    List<String> all = new ArrayList<>();
    all.add(graph.constant(word + "intercept", new double[] {booster.intercept(output)}));
    all.addAll(parts);
    return graph.node("Sum", all, graph.name(word + "margin"));
  }
}
