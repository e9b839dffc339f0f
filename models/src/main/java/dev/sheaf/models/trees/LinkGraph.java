package dev.sheaf.models.trees;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Links in double, by operators that give a row the same bits in every batch.
 *
 * <p>ONNX Runtime's Exp, Log and Sigmoid are not such: they take several rows at once and the rest
 * one by one, by formulas that differ in the last digit, and Sigmoid in double has been seen wrong
 * by a fifth. Pow with a single base goes through the C library for every row. Sums over columns
 * are added one by one for the same reason.
 */
final class LinkGraph {
  /** As many doubles as any processor takes at once, and twice that. */
  private static final int WIDE = 16;

  private LinkGraph() {}

  static String predictions(OnnxGraph graph, String margins, BoosterHead head) {
    return switch (head.link()) {
      case IDENTITY -> margins;
      case SIGMOID, ONE_VS_ALL -> sigmoid(graph, margins, head.slope());
      case SOFTMAX -> softmax(graph, margins, head.outputs());
      case EXP -> exp(graph, margins, "trees.exp");
      case SQUARE -> square(graph, margins);
      case SOFTPLUS -> softplus(graph, margins, head.outputs());
      case STEP -> step(graph, margins);
    };
  }

  static String probabilities(OnnxGraph graph, String margins, BoosterHead head) {
    if (head.outcome() == Outcome.NUMBER) {
      throw new IllegalArgumentException(
          "cannot give probabilities of a booster with the objective "
              + head.objective()
              + ": it predicts numbers");
    }
    String second = predictions(graph, margins, head);
    if (head.outputs() > 1) {
      return second;
    }
    String first =
        graph.node("Sub", List.of(number(graph, "one", 1), second), graph.name("trees.first"));
    return graph.node(
        "Concat",
        List.of(first, second),
        graph.name("trees.probabilities"),
        Attributes.of("axis", 1));
  }

  /** Splits a value of several columns into one value per column. */
  static List<String> columns(OnnxGraph graph, String word, String value, int count) {
    if (count == 1) {
      return List.of(value);
    }
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      columns.add(graph.name(word + i));
    }
    graph.node(
        "Split",
        List.of(value),
        columns,
        Attributes.of("axis", 1),
        Attributes.of("num_outputs", count));
    return columns;
  }

  private static String number(OnnxGraph graph, String word, double value) {
    return graph.constant("trees." + word, new double[] {value});
  }

  private static String exp(OnnxGraph graph, String value, String word) {
    // The base must be a scalar, of no dimension.
    String base = graph.constant(word + ".base", new double[] {Math.E});
    return graph.node("Pow", List.of(base, value), graph.name(word));
  }

  private static String sigmoid(OnnxGraph graph, String margins, double slope) {
    String scaled =
        graph.node(
            "Mul", List.of(margins, number(graph, "slope", -slope)), graph.name("trees.scaled"));
    String exp = exp(graph, scaled, "trees.exp");
    String one = number(graph, "unit", 1);
    String sum = graph.node("Add", List.of(exp, one), graph.name("trees.odds"));
    return graph.node("Div", List.of(one, sum), graph.name("trees.sigmoid"));
  }

  private static String softmax(OnnxGraph graph, String margins, int outputs) {
    String largest =
        graph.node(
            "ReduceMax",
            List.of(margins, graph.constant("trees.axes", new long[] {1}, 1)),
            graph.name("trees.largest"));
    String shifted = graph.node("Sub", List.of(margins, largest), graph.name("trees.shifted"));
    String exp = exp(graph, shifted, "trees.exp");
    String sum =
        graph.node("Sum", columns(graph, "trees.exp", exp, outputs), graph.name("trees.expSum"));
    return graph.node("Div", List.of(exp, sum), graph.name("trees.softmax"));
  }

  private static String square(OnnxGraph graph, String margins) {
    String size = graph.node("Abs", List.of(margins), graph.name("trees.size"));
    return graph.node("Mul", List.of(margins, size), graph.name("trees.square"));
  }

  /** Log is taken of as many equal columns as any processor takes at once. */
  private static String softplus(OnnxGraph graph, String margins, int outputs) {
    String exp = exp(graph, margins, "trees.exp");
    String sum =
        graph.node("Add", List.of(exp, number(graph, "unit", 1)), graph.name("trees.onePlus"));
    String wide =
        graph.node(
            "Tile",
            List.of(sum, graph.constant("trees.times", new long[] {1, WIDE}, 2)),
            graph.name("trees.wide"));
    String logs = graph.node("Log", List.of(wide), graph.name("trees.logs"));
    return graph.node(
        "Slice",
        List.of(
            logs,
            graph.constant("trees.from", new long[] {0}, 1),
            graph.constant("trees.to", new long[] {outputs}, 1),
            graph.constant("trees.along", new long[] {1}, 1)),
        graph.name("trees.softplus"));
  }

  private static String step(OnnxGraph graph, String margins) {
    String above =
        graph.node(
            "Greater", List.of(margins, number(graph, "zero", 0)), graph.name("trees.above"));
    return graph.node(
        "Cast", List.of(above), graph.name("trees.step"), TreeGraph.to(OnnxValue.Type.DOUBLE));
  }
}
