package dev.sheaf.models.trees;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a model that LightGBM dumped as JSON. */
final class LightgbmDump {
  private final TreeNodes nodes = new TreeNodes();
  private final List<String> names = new ArrayList<>();
  private String objective = "";
  private int perIteration = 1;
  private int features;
  private boolean averages;
  private boolean found;

  TreeEnsemble read(byte[] json) throws IOException {
    Document document = new JsonDocument(json);
    document.object(name -> field(name, document));
    if (!found) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: there is no \"tree_info\" in the JSON");
    }
    // Fewer names than features: the names are of another model, or were cut.
    List<String> usable = names.size() == features ? names : List.of();
    return LightgbmReader.ensemble(objective, perIteration, features, usable, averages, nodes);
  }

  private void field(String name, Document document) throws IOException {
    switch (name) {
      case "objective" -> objective = document.text();
      case "num_tree_per_iteration" -> perIteration = Integer.parseInt(document.text());
      case "max_feature_idx" -> features = Integer.parseInt(document.text()) + 1;
      case "average_output" -> averages = document.text().equals("true");
      case "feature_names" -> document.array(() -> names.add(document.text()));
      case "tree_info" -> {
        found = true;
        document.array(() -> document.object(field -> tree(field, document)));
      }
      default -> document.skip();
    }
  }

  private void tree(String name, Document document) throws IOException {
    if (name.equals("tree_structure")) {
      int output = nodes.trees() % Math.max(1, perIteration);
      nodes.addTree(new Node(output).read(document));
    } else {
      document.skip();
    }
  }

  /** A split or a leaf; returns its number as {@link TreeNodes} has it. */
  private final class Node {
    private final int output;
    private boolean isLeaf;
    private double leaf;
    private int feature = -1;
    private float gain;
    private String threshold = "";
    private boolean categorical;
    private boolean defaultLeft;
    private int missingType;
    private int left;
    private int right;

    Node(int output) {
      this.output = output;
    }

    int read(Document document) throws IOException {
      document.object(name -> field(name, document));
      if (isLeaf) {
        return ~nodes.addLeaf(leaf, output);
      }
      int branch =
          categorical
              ? LightgbmSplit.addCategories(nodes, feature, codes(), gain)
              : LightgbmSplit.addNumber(
                  nodes,
                  feature,
                  TextLines.parse(threshold),
                  LightgbmSplit.decisionType(false, defaultLeft, missingType),
                  gain);
      nodes.setChildren(branch, left, right);
      return branch;
    }

    private void field(String name, Document document) throws IOException {
      switch (name) {
        case "leaf_value" -> {
          isLeaf = true;
          leaf = TextLines.parse(document.text());
        }
        case "split_feature" -> feature = Integer.parseInt(document.text());
        case "split_gain" -> gain = (float) TextLines.parse(document.text());
        case "threshold" -> threshold = document.text();
        case "decision_type" -> categorical = document.text().equals("==");
        case "default_left" -> defaultLeft = document.text().equals("true");
        case "missing_type" -> missingType = LightgbmSplit.missingType(document.text());
        case "left_child" -> left = new Node(output).read(document);
        case "right_child" -> right = new Node(output).read(document);
        case "leaf_const", "leaf_coeff", "leaf_features" -> LightgbmTree.refuseLinear("1");
        default -> document.skip();
      }
    }

    private int[] codes() {
      return Arrays.stream(threshold.split("\\|\\|", -1)).mapToInt(Integer::parseInt).toArray();
    }
  }
}
