package dev.sheaf.models.train.linear;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * The ONNX graph of a logistic regression, in doubles throughout, by operators that give a row the
 * same bits in every batch: see {@link LinearGraph} for the sums. ONNX Runtime's Exp takes several
 * values at once and the rest one by one, by formulas that differ in the last digit; Pow with a
 * single base goes through the C library for every value.
 */
final class LogisticGraph {
  private LogisticGraph() {}

  static void write(
      OnnxGraph graph,
      String columns,
      double[] means,
      double[][] coefficients,
      double[] intercepts) {
    int width = means.length;
    String mean = graph.constant("mean", means, 1, width);
    String zero = graph.constant("zero", new double[] {0});
    String centred = graph.node("Sub", List.of(columns, mean), graph.name("centred"));
    String missing = graph.node("IsNaN", List.of(centred), graph.name("missing"));
    String imputed = graph.node("Where", List.of(missing, zero, centred), graph.name("imputed"));
    List<String> scores = new ArrayList<>();
    for (int k = 0; k < intercepts.length; k++) {
      scores.add(score(graph, imputed, k, coefficients[k], intercepts[k]));
    }
    graph.classify(scores.size() == 1 ? ofTwo(graph, scores.get(0)) : softmax(graph, scores));
  }

  private static String score(
      OnnxGraph graph, String imputed, int k, double[] coefficients, double intercept) {
    int width = coefficients.length;
    String coefficient = graph.constant("coefficient" + k, coefficients, 1, width);
    String product = graph.node("Mul", List.of(imputed, coefficient), graph.name("product" + k));
    List<String> parts = new ArrayList<>(split(graph, product, "part" + k + ".", width));
    parts.add(graph.constant("intercept" + k, new double[] {intercept}, 1, 1));
    return graph.node("Sum", parts, graph.name("score" + k));
  }

  private static List<String> split(OnnxGraph graph, String value, String word, int width) {
    List<String> parts = new ArrayList<>();
    for (int j = 0; j < width; j++) {
      parts.add(graph.name(word + j));
    }
    graph.node(
        "Split",
        List.of(value),
        parts,
        Attributes.of("axis", 1),
        Attributes.of("num_outputs", width));
    return parts;
  }

  /** Both probabilities by their own odds, so that small ones keep their digits. */
  private static String ofTwo(OnnxGraph graph, String score) {
    String signs = graph.constant("signs", new double[] {1, -1}, 1, 2);
    String against = graph.node("Mul", List.of(score, signs), graph.name("against"));
    String one = graph.constant("one", new double[] {1});
    String sum = graph.node("Add", List.of(exp(graph, against), one), graph.name("onePlusOdds"));
    return graph.node("Div", List.of(one, sum), graph.name("both"));
  }

  private static String softmax(OnnxGraph graph, List<String> scores) {
    String joined = graph.node("Concat", scores, graph.name("scores"), Attributes.of("axis", 1));
    String largest = graph.node("Max", scores, graph.name("largest"));
    String shifted = graph.node("Sub", List.of(joined, largest), graph.name("shifted"));
    String exp = exp(graph, shifted);
    String sum = graph.node("Sum", split(graph, exp, "exp.", scores.size()), graph.name("expSum"));
    return graph.node("Div", List.of(exp, sum), graph.name("softmax"));
  }

  /** The base must be a scalar, of no dimension. */
  private static String exp(OnnxGraph graph, String value) {
    String base = graph.constant("e", new double[] {Math.E});
    return graph.node("Pow", List.of(base, value), graph.name("exp"));
  }
}
