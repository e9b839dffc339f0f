package dev.sheaf.models.trees;

/**
 * One tree of LightGBM's text format: arrays over its splits and over its leaves; a child below
 * zero is a leaf, {@code ~leaf}. A category goes left where its bit is set.
 */
final class LightgbmTree {
  private static final int[] NO_INTEGERS = {};
  private static final double[] NO_DOUBLES = {};
  private static final int BITS = 32;

  private int leafCount;
  private int[] features = NO_INTEGERS;
  private int[] decisions = NO_INTEGERS;
  private int[] left = NO_INTEGERS;
  private int[] right = NO_INTEGERS;
  private int[] boundaries = NO_INTEGERS;
  private int[] bits = NO_INTEGERS;
  private double[] thresholds = NO_DOUBLES;
  private double[] leaves = NO_DOUBLES;
  private float[] gains = {};

  /** Takes a line of the tree's block. */
  void line(TextLines line) {
    switch (line.key()) {
      case "num_leaves" -> leafCount = Integer.parseInt(line.value().strip());
      case "split_feature" -> features = line.integers();
      case "decision_type" -> decisions = line.integers();
      case "left_child" -> left = line.integers();
      case "right_child" -> right = line.integers();
      case "cat_boundaries" -> boundaries = line.integers();
      case "cat_threshold" -> bits = line.integers();
      case "threshold" -> thresholds = line.doubles();
      case "leaf_value" -> leaves = line.doubles();
      case "split_gain" -> gains = line.floats();
      case "is_linear" -> refuseLinear(line.value().strip());
      default -> {}
    }
  }

  static void refuseLinear(String isLinear) {
    if (!isLinear.equals("0")) {
      throw new UnreadableModelException(
          "cannot convert a LightGBM model with linear_tree=true: its leaves are linear models");
    }
  }

  void append(TreeNodes nodes, int output) {
    check();
    int firstLeaf = nodes.leaves();
    for (double leaf : leaves) {
      nodes.addLeaf(leaf, output);
    }
    if (leafCount == 1) {
      nodes.addTree(~firstLeaf);
      return;
    }
    int first = nodes.branches();
    for (int i = 0; i < features.length; i++) {
      addBranch(i, nodes);
      nodes.setChildren(
          first + i, child(left[i], i, first, firstLeaf), child(right[i], i, first, firstLeaf));
    }
    nodes.addTree(first);
  }

  private void addBranch(int i, TreeNodes nodes) {
    float gain = gains.length == features.length ? gains[i] : 0;
    if (LightgbmSplit.isCategorical(decisions[i])) {
      LightgbmSplit.addCategories(nodes, features[i], codes((int) thresholds[i]), gain);
    } else {
      LightgbmSplit.addNumber(nodes, features[i], thresholds[i], decisions[i], gain);
    }
  }

  private int child(int child, int parent, int first, int firstLeaf) {
    if (child < 0 ? ~child >= leafCount : child <= parent || child >= features.length) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: split " + parent + " of a tree has the child " + child);
    }
    return child < 0 ? ~(firstLeaf + ~child) : first + child;
  }

  private int[] codes(int set) {
    if (set < 0 || set + 1 >= boundaries.length || boundaries[set + 1] > bits.length) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: a tree's category set " + set + " is not there");
    }
    int from = boundaries[set];
    int to = boundaries[set + 1];
    int count = 0;
    for (int word = from; word < to; word++) {
      count += Integer.bitCount(bits[word]);
    }
    int[] codes = new int[count];
    int next = 0;
    for (int word = from; word < to; word++) {
      for (int rest = bits[word]; rest != 0; rest &= rest - 1) {
        codes[next++] = (word - from) * BITS + Integer.numberOfTrailingZeros(rest);
      }
    }
    return codes;
  }

  private void check() {
    int splits = leafCount - 1;
    if (leafCount < 1
        || leaves.length != leafCount
        || (splits > 0
            && (features.length != splits
                || decisions.length != splits
                || left.length != splits
                || right.length != splits
                || thresholds.length != splits))) {
      throw new UnreadableModelException(
          "cannot read a LightGBM model: the arrays of a tree with "
              + leafCount
              + " leaves differ in length");
    }
  }
}
