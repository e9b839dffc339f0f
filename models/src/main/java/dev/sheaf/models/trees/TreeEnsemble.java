package dev.sheaf.models.trees;

import java.util.ArrayList;
import java.util.List;

/**
 * Boosted trees in the parallel arrays of ONNX's TreeEnsemble, exactly as their library computes.
 *
 * <p>The margin of output {@code k} is {@code base(k)} plus the leaves of its trees in the order of
 * the model, divided by {@link #divisor()}; {@link BoosterHead#link()} turns margins into
 * predictions. A missing value (NaN) goes where the split learned. The weights of dart are
 * multiplied into the leaves.
 *
 * <p>Immutable. Read one with {@link XgboostReader} or {@link LightgbmReader}, write it with {@link
 * TreeGraph}.
 */
public final class TreeEnsemble implements Booster {
  private final BoosterHead head;
  private final SplitRule rule;
  private final double[] base;
  private final int divisor;
  private final TreeNodes nodes;

  /** Takes the nodes over; they must not change any more. */
  TreeEnsemble(BoosterHead head, SplitRule rule, double[] base, int divisor, TreeNodes nodes) {
    this.head = head;
    this.rule = rule;
    this.base = base;
    this.divisor = divisor;
    this.nodes = nodes;
  }

  @Override
  public BoosterHead head() {
    return head;
  }

  @Override
  public int trees() {
    return nodes.trees();
  }

  /** How values are compared. */
  public SplitRule rule() {
    return rule;
  }

  /** What an output's margin starts with. */
  public double base(int output) {
    return base[output];
  }

  /** What sums are divided by: the number of iterations of a LightGBM random forest, else 1. */
  public int divisor() {
    return divisor;
  }

  /** The number of splits in all trees. */
  public int branches() {
    return nodes.branches();
  }

  /** The feature that a split looks at. */
  public int feature(int branch) {
    return nodes.feature(branch);
  }

  /** The threshold of a split on a number; NaN for a split on a category. */
  public double threshold(int branch) {
    return nodes.set(branch) < 0 ? nodes.threshold(branch) : Double.NaN;
  }

  /** Splits and gain of every feature that is split on, in the features' order. */
  public List<Importance> importance() {
    long[] splits = new long[head.features()];
    double[] gains = new double[head.features()];
    for (int branch = 0; branch < nodes.branches(); branch++) {
      splits[nodes.feature(branch)]++;
      gains[nodes.feature(branch)] += nodes.gain(branch);
    }
    List<Importance> importance = new ArrayList<>();
    for (int f = 0; f < splits.length; f++) {
      if (splits[f] > 0) {
        importance.add(new Importance(f, splits[f], gains[f]));
      }
    }
    return importance;
  }

  TreeNodes nodes() {
    return nodes;
  }
}
