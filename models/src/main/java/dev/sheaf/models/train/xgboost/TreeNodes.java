package dev.sheaf.models.train.xgboost;

import java.util.Arrays;

/**
 * Regression trees as the parallel arrays of ONNX's TreeEnsemble: the branches of all trees one
 * after the other, their leaves, and each tree's root.
 */
final class TreeNodes {
  private int[] features = new int[64];
  private float[] thresholds = new float[64];
  private int[] missingGoLeft = new int[64];
  private int[] left = new int[64];
  private int[] leftIsLeaf = new int[64];
  private int[] right = new int[64];
  private int[] rightIsLeaf = new int[64];
  private int branches;
  private float[] leaves = new float[64];
  private int leafCount;
  private int[] roots = new int[64];
  private int trees;

  /** Starts the next tree, whose root is the next branch. */
  void startTree() {
    if (trees == roots.length) {
      roots = Arrays.copyOf(roots, 2 * trees);
    }
    roots[trees++] = branches;
  }

  /**
   * Adds a tree that is one leaf: a branch with two leaves of the same value. With one leaf for
   * both sides, as the standard has it, ONNX Runtime 1.29 takes a wrong leaf from the second such
   * tree on.
   */
  void addConstant(float value) {
    startTree();
    int branch = addBranch(0, 0, 0);
    setLeft(branch, addLeaf(value), 1);
    setRight(branch, addLeaf(value), 1);
  }

  int addBranch(int feature, float threshold, int missingGoesLeft) {
    if (branches == features.length) {
      int capacity = 2 * branches;
      features = Arrays.copyOf(features, capacity);
      thresholds = Arrays.copyOf(thresholds, capacity);
      missingGoLeft = Arrays.copyOf(missingGoLeft, capacity);
      left = Arrays.copyOf(left, capacity);
      leftIsLeaf = Arrays.copyOf(leftIsLeaf, capacity);
      right = Arrays.copyOf(right, capacity);
      rightIsLeaf = Arrays.copyOf(rightIsLeaf, capacity);
    }
    features[branches] = feature;
    thresholds[branches] = threshold;
    missingGoLeft[branches] = missingGoesLeft;
    return branches++;
  }

  int addLeaf(float value) {
    if (leafCount == leaves.length) {
      leaves = Arrays.copyOf(leaves, 2 * leafCount);
    }
    leaves[leafCount] = value;
    return leafCount++;
  }

  void setLeft(int branch, int child, int isLeaf) {
    left[branch] = child;
    leftIsLeaf[branch] = isLeaf;
  }

  void setRight(int branch, int child, int isLeaf) {
    right[branch] = child;
    rightIsLeaf[branch] = isLeaf;
  }

  int[] features() {
    return Arrays.copyOf(features, branches);
  }

  float[] thresholds() {
    return Arrays.copyOf(thresholds, branches);
  }

  int[] missingGoLeft() {
    return Arrays.copyOf(missingGoLeft, branches);
  }

  int[] left() {
    return Arrays.copyOf(left, branches);
  }

  int[] leftIsLeaf() {
    return Arrays.copyOf(leftIsLeaf, branches);
  }

  int[] right() {
    return Arrays.copyOf(right, branches);
  }

  int[] rightIsLeaf() {
    return Arrays.copyOf(rightIsLeaf, branches);
  }

  float[] leaves() {
    return Arrays.copyOf(leaves, leafCount);
  }

  int[] roots() {
    return Arrays.copyOf(roots, trees);
  }
}
