package dev.sheaf.models.train.xgboost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.train.TrainingException;
import java.io.IOException;

/**
 * Reads the trees out of a booster saved as JSON (XGBoost documentation, "Introduction to Model
 * IO").
 *
 * <p>A row goes left where its value is below {@code split_conditions}, or missing and {@code
 * default_left}; at a leaf, whose left child is -1, {@code split_conditions} is the leaf's value.
 * The prediction is {@code base_score} plus the sum over trees, here a first tree of one leaf:
 * added up in the same order as XGBoost does, the floats come out alike.
 */
final class BoosterJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NONE = -1;

  private BoosterJson() {}

  static TreeNodes trees(byte[] json) throws TrainingException {
    JsonNode learner;
    try {
      learner = JSON.readTree(json).path("learner");
    } catch (IOException e) {
      throw new TrainingException("cannot read the booster's JSON: " + e.getMessage(), e);
    }
    JsonNode booster = learner.path("gradient_booster");
    JsonNode model = booster.path("model");
    JsonNode weights = model.path("weight_drop");
    if (booster.path("name").asText().equals("dart")) {
      model = booster.path("gbtree").path("model");
      weights = booster.path("weight_drop");
    }
    JsonNode trees = model.path("trees");
    if (!trees.isArray()) {
      throw new TrainingException("cannot export a booster without trees", null);
    }
    TreeNodes nodes = new TreeNodes();
    nodes.addConstant(baseScore(learner));
    for (int t = 0; t < trees.size(); t++) {
      float weight = weights.isArray() ? (float) weights.get(t).asDouble() : 1;
      add(trees.get(t), weight, nodes);
    }
    return nodes;
  }

  /** A number as text; since XGBoost 3.1 an array, as text too. */
  private static float baseScore(JsonNode learner) throws TrainingException {
    String text = learner.path("learner_model_param").path("base_score").asText();
    String number = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
    try {
      return Float.parseFloat(number);
    } catch (NumberFormatException e) {
      throw new TrainingException("cannot export a booster of base_score '" + text + "'", e);
    }
  }

  private static void add(JsonNode tree, float weight, TreeNodes nodes) throws TrainingException {
    if (tree.path("categories").size() > 0) {
      throw new TrainingException("cannot export a booster with categorical splits", null);
    }
    Tree read = new Tree(tree, weight);
    if (read.isLeaf(0)) {
      nodes.addConstant(read.leaf(0));
    } else {
      nodes.startTree();
      read.addBranch(0, nodes);
    }
  }

  /** One tree of the JSON; nodes that are not reached from the root were pruned. */
  private record Tree(
      JsonNode left,
      JsonNode right,
      JsonNode conditions,
      JsonNode features,
      JsonNode defaultLeft,
      float weight) {
    Tree(JsonNode tree, float weight) {
      this(
          tree.path("left_children"),
          tree.path("right_children"),
          tree.path("split_conditions"),
          tree.path("split_indices"),
          tree.path("default_left"),
          weight);
    }

    boolean isLeaf(int node) {
      return left.get(node).asInt() == NONE;
    }

    float leaf(int node) {
      return weight * condition(node);
    }

    /** Nine digits name a float; taken by way of a double they name the same one. */
    private float condition(int node) {
      return (float) conditions.get(node).asDouble();
    }

    int addBranch(int node, TreeNodes to) {
      int branch =
          to.addBranch(features.get(node).asInt(), condition(node), defaultLeft.get(node).asInt());
      int toLeft = left.get(node).asInt();
      if (isLeaf(toLeft)) {
        to.setLeft(branch, to.addLeaf(leaf(toLeft)), 1);
      } else {
        to.setLeft(branch, addBranch(toLeft, to), 0);
      }
      int toRight = right.get(node).asInt();
      if (isLeaf(toRight)) {
        to.setRight(branch, to.addLeaf(leaf(toRight)), 1);
      } else {
        to.setRight(branch, addBranch(toRight, to), 0);
      }
      return branch;
    }
  }
}
