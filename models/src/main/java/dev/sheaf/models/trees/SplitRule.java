package dev.sheaf.models.trees;

/** How a library compares a value with a threshold, and in which arithmetic it adds leaves. */
public enum SplitRule {
  /**
   * XGBoost: floats, left where the value is below the threshold. A category is the whole part of a
   * value of 0 or more.
   */
  BELOW_IN_FLOAT,
  /**
   * LightGBM: doubles, left where the value is at most the threshold. A category is the whole part
   * of a value above -1.
   */
  AT_MOST_IN_DOUBLE
}
