package dev.sheaf.models.trees;

/** What turns a booster's margins, the sums over its trees, into its predictions. */
public enum Link {
  /** The margin itself. */
  IDENTITY,
  /** {@code 1 / (1 + exp(-slope * margin))}. */
  SIGMOID,
  /** {@code exp(margin_k)} over the sum of it over all outputs. */
  SOFTMAX,
  /** A sigmoid for each output by itself; the outputs do not add up to 1. */
  ONE_VS_ALL,
  /** {@code exp(margin)}. */
  EXP,
  /** {@code sign(margin) * margin * margin}, for a label whose square root was learned. */
  SQUARE,
  /** {@code log(1 + exp(margin))}. */
  SOFTPLUS,
  /** 1 where the margin is above 0, else 0. */
  STEP
}
