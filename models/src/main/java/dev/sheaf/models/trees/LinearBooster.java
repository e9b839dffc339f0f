package dev.sheaf.models.trees;

/**
 * XGBoost's {@code gblinear}: a margin is the base, the bias and the weighted values; a missing
 * value adds nothing.
 */
public final class LinearBooster implements Booster {
  private final BoosterHead head;
  private final float[] weights;
  private final float[] base;

  /** Takes weights as XGBoost lays them out: by feature, then output; the biases follow. */
  LinearBooster(BoosterHead head, float[] weights, float[] base) {
    long expected = (head.features() + 1L) * head.outputs();
    if (weights.length != expected) {
      throw new UnreadableModelException(
          "cannot read a linear booster with "
              + weights.length
              + " weights: "
              + head.features()
              + " features and "
              + head.outputs()
              + " outputs need "
              + expected);
    }
    this.head = head;
    this.weights = weights;
    this.base = base;
  }

  @Override
  public BoosterHead head() {
    return head;
  }

  @Override
  public int trees() {
    return 0;
  }

  /** The weight of a feature in an output's margin. */
  public double weight(int feature, int output) {
    return weights[feature * head.outputs() + output];
  }

  /** What an output's margin is where every value is missing. */
  public double intercept(int output) {
    return (double) base[output] + weights[head.features() * head.outputs() + output];
  }
}
