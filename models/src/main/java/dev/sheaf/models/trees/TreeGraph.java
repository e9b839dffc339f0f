package dev.sheaf.models.trees;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import java.util.Arrays;
import java.util.List;

/**
 * Writes boosters into an ONNX graph, behind whatever makes their matrix of features.
 *
 * <p>A row's values do not depend on its batch, to the bit. XGBoost's trees compare and add in
 * float, LightGBM's in double, as the libraries do. One booster per graph: the names of its values
 * begin with {@code trees.}.
 *
 * <pre>{@code
 * String margins = TreeGraph.margins(graph, matrix, trees);
 * graph.node("Identity", List.of(TreeGraph.predictions(graph, margins, trees)), ModelSession.OUTPUT);
 * }</pre>
 */
public final class TreeGraph {
  /** ONNX's codes of split modes. */
  private static final byte BRANCH_LEQ = 0;

  private static final byte BRANCH_LT = 1;

  private static final long SUM = 1;

  private TreeGraph() {}

  /**
   * Adds the booster's margins, before its link.
   *
   * @param matrix the name of a value {@code float[N,m]} or {@code double[N,m]}, m being the
   *     booster's number of features; NaN is missing, a category is its code
   * @return the name of a value {@code double[N,K]}, K being the number of outputs
   */
  public static String margins(OnnxGraph graph, String matrix, Booster booster) {
    if (booster instanceof LinearBooster linear) {
      return LinearBoosterGraph.margins(graph, matrix, linear);
    }
    return margins(graph, matrix, (TreeEnsemble) booster);
  }

  /**
   * Adds the link to a booster's margins.
   *
   * @param margins the name of what {@link #margins} returned
   * @return the name of a value {@code double[N,K]}: numbers, or one column of probabilities per
   *     output; for two classes the probability of the second alone
   */
  public static String predictions(OnnxGraph graph, String margins, Booster booster) {
    return LinkGraph.predictions(graph, margins, booster.head());
  }

  /**
   * Adds the link to a classifier's margins.
   *
   * @param margins the name of what {@link #margins} returned
   * @return the name of a value {@code double[N,C]}, a column per class
   * @throws IllegalArgumentException if the booster predicts numbers
   */
  public static String probabilities(OnnxGraph graph, String margins, Booster booster) {
    return LinkGraph.probabilities(graph, margins, booster.head());
  }

  private static String margins(OnnxGraph graph, String matrix, TreeEnsemble trees) {
    boolean inFloat = trees.rule() == SplitRule.BELOW_IN_FLOAT;
    OnnxValue.Type type = inFloat ? OnnxValue.Type.FLOAT : OnnxValue.Type.DOUBLE;
    String values = graph.node("Cast", List.of(matrix), graph.name("trees.values"), to(type));
    Memberships memberships = Memberships.of(trees);
    String joined = memberships.append(graph, values, type);
    OnnxTrees written = OnnxTrees.of(trees, memberships);
    String sums =
        graph.mlNode(
            "TreeEnsemble",
            List.of(joined),
            graph.name("trees.sums"),
            attributes(written, trees.head().outputs(), inFloat));
    String margins =
        inFloat
            ? graph.node(
                "Cast", List.of(sums), graph.name("trees.margins"), to(OnnxValue.Type.DOUBLE))
            : sums;
    if (trees.divisor() == 1) {
      return margins;
    }
    return graph.node(
        "Div",
        List.of(margins, graph.constant("trees.divisor", new double[] {trees.divisor()})),
        graph.name("trees.averages"));
  }

  static AttributeProto to(OnnxValue.Type type) {
    return Attributes.of("to", type.number());
  }

  private static AttributeProto[] attributes(OnnxTrees trees, int outputs, boolean inFloat) {
    byte[] modes = new byte[trees.features.length];
    Arrays.fill(modes, inFloat ? BRANCH_LT : BRANCH_LEQ);
    return new AttributeProto[] {
      Attributes.of("n_targets", outputs),
      Attributes.of("aggregate_function", SUM),
      Attributes.of("post_transform", 0),
      Attributes.of("tree_roots", trees.roots),
      Attributes.of("nodes_featureids", trees.features),
      numbers("nodes_splits", trees.thresholds, inFloat),
      Attributes.of("nodes_modes", modes),
      Attributes.of("nodes_missing_value_tracks_true", trees.missingGoLeft),
      Attributes.of("nodes_truenodeids", trees.left),
      Attributes.of("nodes_trueleafs", trees.leftIsLeaf),
      Attributes.of("nodes_falsenodeids", trees.right),
      Attributes.of("nodes_falseleafs", trees.rightIsLeaf),
      Attributes.of("leaf_targetids", trees.leafOutputs),
      numbers("leaf_weights", trees.leaves, inFloat)
    };
  }

  private static AttributeProto numbers(String name, double[] values, boolean inFloat) {
    if (!inFloat) {
      return Attributes.of(name, values);
    }
    float[] narrowed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrowed[i] = (float) values[i];
    }
    return Attributes.of(name, narrowed);
  }
}
