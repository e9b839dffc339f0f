package dev.sheaf.models.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The splits of all trees one after the other, their leaves, and each tree's root.
 *
 * <p>A split goes left by its threshold or, if it has a {@code set}, for the categories in it. A
 * tree of one leaf has no split: its root is the leaf's number below zero ({@code ~leaf}), and so
 * is a child that is a leaf.
 */
final class TreeNodes {
  private int[] features = new int[64];
  private double[] thresholds = new double[64];
  private int[] sets = new int[64];
  private boolean[] missingGoLeft = new boolean[64];
  private int[] left = new int[64];
  private int[] right = new int[64];
  private float[] gains = new float[64];
  private int branches;
  private double[] leaves = new double[64];
  private int[] leafOutputs = new int[64];
  private int leafCount;
  private int[] roots = new int[64];
  private int trees;
  private final List<CategorySet> categorySets = new ArrayList<>();

  /** Starts the next tree, whose root is a split's number or {@code ~leaf}. */
  void addTree(int root) {
    if (trees == roots.length) {
      roots = Arrays.copyOf(roots, 2 * trees);
    }
    roots[trees++] = root;
  }

  /** Adds a split on a number. */
  int addBranch(int feature, double threshold, boolean missingGoesLeft, float gain) {
    if (branches == features.length) {
      grow(2 * branches);
    }
    features[branches] = feature;
    thresholds[branches] = threshold;
    sets[branches] = -1;
    missingGoLeft[branches] = missingGoesLeft;
    gains[branches] = gain;
    return branches++;
  }

  /** Adds a split on a category. */
  int addBranch(int feature, CategorySet set, boolean missingGoesLeft, float gain) {
    int branch = addBranch(feature, 0, missingGoesLeft, gain);
    sets[branch] = categorySets.size();
    categorySets.add(set);
    return branch;
  }

  private void grow(int capacity) {
    features = Arrays.copyOf(features, capacity);
    thresholds = Arrays.copyOf(thresholds, capacity);
    sets = Arrays.copyOf(sets, capacity);
    missingGoLeft = Arrays.copyOf(missingGoLeft, capacity);
    left = Arrays.copyOf(left, capacity);
    right = Arrays.copyOf(right, capacity);
    gains = Arrays.copyOf(gains, capacity);
  }

  /** Each child is a split's number or {@code ~leaf}. */
  void setChildren(int branch, int toLeft, int toRight) {
    left[branch] = toLeft;
    right[branch] = toRight;
  }

  int addLeaf(double value, int output) {
    if (leafCount == leaves.length) {
      leaves = Arrays.copyOf(leaves, 2 * leafCount);
      leafOutputs = Arrays.copyOf(leafOutputs, 2 * leafCount);
    }
    leaves[leafCount] = value;
    leafOutputs[leafCount] = output;
    return leafCount++;
  }

  /** Refuses splits on features that there are not. */
  void checkFeatures(int count) {
    for (int branch = 0; branch < branches; branch++) {
      if (features[branch] < 0 || features[branch] >= count) {
        throw new UnreadableModelException(
            "cannot read a tree that splits on feature " + features[branch] + " of " + count);
      }
    }
  }

  int trees() {
    return trees;
  }

  int root(int tree) {
    return roots[tree];
  }

  int branches() {
    return branches;
  }

  int feature(int branch) {
    return features[branch];
  }

  double threshold(int branch) {
    return thresholds[branch];
  }

  /** The number of the split's category set, -1 for a split on a number. */
  int set(int branch) {
    return sets[branch];
  }

  CategorySet categorySet(int set) {
    return categorySets.get(set);
  }

  int categorySets() {
    return categorySets.size();
  }

  boolean missingGoesLeft(int branch) {
    return missingGoLeft[branch];
  }

  float gain(int branch) {
    return gains[branch];
  }

  int left(int branch) {
    return left[branch];
  }

  int right(int branch) {
    return right[branch];
  }

  int leaves() {
    return leafCount;
  }

  double leaf(int leaf) {
    return leaves[leaf];
  }

  int leafOutput(int leaf) {
    return leafOutputs[leaf];
  }
}
