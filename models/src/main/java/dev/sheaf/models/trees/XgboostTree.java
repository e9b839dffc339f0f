package dev.sheaf.models.trees;

import java.io.IOException;
import java.util.Arrays;

/**
 * One tree as XGBoost saves it: arrays over its nodes, a leaf being a node without a left child.
 *
 * <p>A row goes left where its value is below {@code split_conditions}, or missing and {@code
 * default_left}; a category goes <em>right</em> where it is one of the node's {@code categories}.
 * At a leaf {@code split_conditions} is the leaf's value. Nodes that are not reached from the root
 * were pruned.
 */
final class XgboostTree {
  private static final int[] NO_INTEGERS = {};
  private static final int NONE = -1;

  private int[] left = NO_INTEGERS;
  private int[] right = NO_INTEGERS;
  private int[] features = NO_INTEGERS;
  private int[] defaultLeft = NO_INTEGERS;
  private int[] types = NO_INTEGERS;
  private int[] categories = NO_INTEGERS;
  private int[] categoryNodes = NO_INTEGERS;
  private int[] categorySegments = NO_INTEGERS;
  private int[] categorySizes = NO_INTEGERS;
  private float[] conditions = {};
  private float[] gains = {};

  private XgboostTree() {}

  static XgboostTree read(Document document) throws IOException {
    XgboostTree tree = new XgboostTree();
    document.object(name -> tree.field(name, document));
    tree.check();
    return tree;
  }

  private void field(String name, Document document) throws IOException {
    switch (name) {
      case "left_children" -> left = document.integers();
      case "right_children" -> right = document.integers();
      case "split_indices" -> features = document.integers();
      case "default_left" -> defaultLeft = document.integers();
      case "split_type" -> types = document.integers();
      case "split_conditions" -> conditions = document.floats();
      case "loss_changes" -> gains = document.floats();
      case "categories" -> categories = document.integers();
      case "categories_nodes" -> categoryNodes = document.integers();
      case "categories_segments" -> categorySegments = document.integers();
      case "categories_sizes" -> categorySizes = document.integers();
      case "tree_param" -> document.object(parameter -> parameter(parameter, document));
      default -> document.skip();
    }
  }

  private static void parameter(String name, Document document) throws IOException {
    String value = document.text();
    if (name.equals("size_leaf_vector") && !value.equals("0") && !value.equals("1")) {
      throw new UnreadableModelException(
          "cannot convert trees whose leaves hold "
              + value
              + " values each (multi_strategy=multi_output_tree): train one tree per output");
    }
  }

  private void check() throws IOException {
    int n = left.length;
    if (n == 0
        || right.length != n
        || features.length != n
        || defaultLeft.length != n
        || conditions.length != n
        || categorySegments.length != categoryNodes.length
        || categorySizes.length != categoryNodes.length) {
      throw new IOException("the arrays of a tree differ in length");
    }
  }

  /** Appends the tree to the nodes of all trees, walked from the root, left before right. */
  void append(TreeNodes nodes, float weight, int output) throws IOException {
    int[] placed = new int[left.length];
    int[] path = new int[16];
    int depth = 0;
    path[depth++] = 0;
    int reached = 0;
    int[] order = new int[left.length];
    while (depth > 0) {
      int node = path[--depth];
      if (node < 0 || node >= left.length || reached == order.length) {
        throw new IOException("a tree's nodes do not form a tree");
      }
      order[reached++] = node;
      if (left[node] == NONE) {
        placed[node] = ~nodes.addLeaf(weight * conditions[node], output);
      } else {
        placed[node] = addBranch(node, nodes);
        if (depth + 2 > path.length) {
          path = Arrays.copyOf(path, 2 * path.length);
        }
        path[depth++] = right[node];
        path[depth++] = left[node];
      }
    }
    for (int i = 0; i < reached; i++) {
      int node = order[i];
      if (left[node] != NONE) {
        int below = placed[left[node]];
        int other = placed[right[node]];
        if (isCategorical(node)) {
          nodes.setChildren(placed[node], other, below);
        } else {
          nodes.setChildren(placed[node], below, other);
        }
      }
    }
    nodes.addTree(placed[0]);
  }

  private int addBranch(int node, TreeNodes nodes) throws IOException {
    float gain = gains.length == left.length ? gains[node] : 0;
    boolean missingGoesLeft = defaultLeft[node] != 0;
    if (isCategorical(node)) {
      return nodes.addBranch(features[node], categories(node), !missingGoesLeft, gain);
    }
    return nodes.addBranch(features[node], conditions[node], missingGoesLeft, gain);
  }

  private boolean isCategorical(int node) {
    return types.length == left.length && types[node] != 0;
  }

  private CategorySet categories(int node) throws IOException {
    int at = Arrays.binarySearch(categoryNodes, node);
    if (at < 0) {
      throw new IOException("node " + node + " has no categories");
    }
    int from = categorySegments[at];
    int to = from + categorySizes[at];
    if (from < 0 || to < from || to > categories.length) {
      throw new IOException("the categories of node " + node + " are not there");
    }
    int[] codes = Arrays.stream(categories, from, to).sorted().distinct().toArray();
    if (codes.length > 0 && codes[0] < 0) {
      throw new IOException("node " + node + " has the category " + codes[0]);
    }
    return new CategorySet(codes);
  }
}
