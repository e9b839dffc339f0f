package dev.sheaf.models.trees;

/**
 * An ensemble in the arrays of ONNX's TreeEnsemble.
 *
 * <p>A tree of one leaf is written as a split with two leaves of the same value: with one leaf for
 * both sides, as the standard has it, ONNX Runtime 1.29 takes a wrong leaf from the second such
 * tree on. The bases are such trees at the beginning, so that sums are added up in the library's
 * order.
 */
final class OnnxTrees {
  final int[] roots;
  final int[] features;
  final double[] thresholds;
  final int[] missingGoLeft;
  final int[] left;
  final int[] leftIsLeaf;
  final int[] right;
  final int[] rightIsLeaf;
  final double[] leaves;
  final int[] leafOutputs;
  private int constants;
  private int extraLeaves;

  private OnnxTrees(int trees, int branches, int leaves) {
    roots = new int[trees];
    features = new int[branches];
    thresholds = new double[branches];
    missingGoLeft = new int[branches];
    left = new int[branches];
    leftIsLeaf = new int[branches];
    right = new int[branches];
    rightIsLeaf = new int[branches];
    this.leaves = new double[leaves];
    leafOutputs = new int[leaves];
  }

  static OnnxTrees of(TreeEnsemble trees, Memberships memberships) {
    TreeNodes nodes = trees.nodes();
    int outputs = trees.head().outputs();
    int single = 0;
    for (int t = 0; t < nodes.trees(); t++) {
      single += nodes.root(t) < 0 ? 1 : 0;
    }
    int constant = outputs + single;
    OnnxTrees written =
        new OnnxTrees(
            outputs + nodes.trees(),
            nodes.branches() + constant,
            nodes.leaves() + 2 * outputs + single);
    written.copy(nodes, memberships);
    written.constants = nodes.branches();
    written.extraLeaves = nodes.leaves();
    for (int k = 0; k < outputs; k++) {
      written.addBase(k, trees.base(k));
    }
    for (int t = 0; t < nodes.trees(); t++) {
      int root = nodes.root(t);
      written.roots[outputs + t] = root < 0 ? written.addSingle(~root) : root;
    }
    return written;
  }

  private void copy(TreeNodes nodes, Memberships memberships) {
    for (int branch = 0; branch < nodes.branches(); branch++) {
      features[branch] = memberships.column(branch);
      thresholds[branch] = memberships.threshold(branch);
      missingGoLeft[branch] = nodes.missingGoesLeft(branch) ? 1 : 0;
      int toLeft = nodes.left(branch);
      left[branch] = toLeft < 0 ? ~toLeft : toLeft;
      leftIsLeaf[branch] = toLeft < 0 ? 1 : 0;
      int toRight = nodes.right(branch);
      right[branch] = toRight < 0 ? ~toRight : toRight;
      rightIsLeaf[branch] = toRight < 0 ? 1 : 0;
    }
    for (int leaf = 0; leaf < nodes.leaves(); leaf++) {
      leaves[leaf] = nodes.leaf(leaf);
      leafOutputs[leaf] = nodes.leafOutput(leaf);
    }
  }

  private void addBase(int output, double value) {
    int leaf = addLeaf(value, output);
    roots[output] = addConstant(leaf, addLeaf(value, output));
  }

  private int addSingle(int leaf) {
    return addConstant(leaf, addLeaf(leaves[leaf], leafOutputs[leaf]));
  }

  private int addLeaf(double value, int output) {
    leaves[extraLeaves] = value;
    leafOutputs[extraLeaves] = output;
    return extraLeaves++;
  }

  private int addConstant(int oneLeaf, int otherLeaf) {
    left[constants] = oneLeaf;
    leftIsLeaf[constants] = 1;
    right[constants] = otherLeaf;
    rightIsLeaf[constants] = 1;
    return constants++;
  }
}
