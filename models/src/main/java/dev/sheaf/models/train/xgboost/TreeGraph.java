package dev.sheaf.models.train.xgboost;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;

/**
 * The ONNX graph of boosted trees: the inputs joined, narrowed to float as XGBoost does, run
 * through TreeEnsemble and widened again.
 */
final class TreeGraph {
  /** ONNX's code for going left where the value is below the threshold. */
  private static final byte BRANCH_LT = 1;

  private static final long FLOAT = 1;
  private static final long DOUBLE = 11;
  private static final long SUM = 1;

  private TreeGraph() {}

  static byte[] write(ModelMetadata metadata, TreeNodes nodes) {
    int[] features = nodes.features();
    float[] leaves = nodes.leaves();
    byte[] modes = new byte[features.length];
    Arrays.fill(modes, BRANCH_LT);
    OnnxGraph graph = OnnxGraph.of(metadata);
    String joined =
        graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1));
    String narrow =
        graph.node("Cast", List.of(joined), graph.name("narrow"), Attributes.of("to", FLOAT));
    String sum =
        graph.mlNode(
            "TreeEnsemble",
            List.of(narrow),
            graph.name("sum"),
            Attributes.of("n_targets", 1),
            Attributes.of("aggregate_function", SUM),
            Attributes.of("post_transform", 0),
            Attributes.of("tree_roots", nodes.roots()),
            Attributes.of("nodes_featureids", features),
            Attributes.of("nodes_splits", nodes.thresholds()),
            Attributes.of("nodes_modes", modes),
            Attributes.of("nodes_missing_value_tracks_true", nodes.missingGoLeft()),
            Attributes.of("nodes_truenodeids", nodes.left()),
            Attributes.of("nodes_trueleafs", nodes.leftIsLeaf()),
            Attributes.of("nodes_falsenodeids", nodes.right()),
            Attributes.of("nodes_falseleafs", nodes.rightIsLeaf()),
            Attributes.of("leaf_targetids", new int[leaves.length]),
            Attributes.of("leaf_weights", leaves));
    graph.node("Cast", List.of(sum), ModelSession.OUTPUT, Attributes.of("to", DOUBLE));
    return graph.toBytes();
  }
}
