package dev.sheaf.models.trees;

import java.util.Arrays;

/**
 * The rules of LightGBM's splits (LightGBM's {@code include/LightGBM/tree.h}: {@code
 * NumericalDecision}, {@code CategoricalDecision}).
 *
 * <p>A value goes left where it is at most the threshold. Before that LightGBM takes values of
 * {@link #ZERO} or less from 0 for 0, so that thresholds within that range are moved here instead.
 * A missing value goes the default way, or acts as 0 where training saw none missing.
 */
final class LightgbmSplit {
  /** LightGBM's {@code kZeroThreshold}, a float. */
  private static final double ZERO = 1e-35f;

  private static final int CATEGORICAL = 1;
  private static final int DEFAULT_LEFT = 2;
  private static final int MISSING_ZERO = 1;
  private static final int MISSING_NAN = 2;

  private LightgbmSplit() {}

  static boolean isCategorical(int decisionType) {
    return (decisionType & CATEGORICAL) != 0;
  }

  static int decisionType(boolean categorical, boolean defaultLeft, int missingType) {
    return (categorical ? CATEGORICAL : 0) | (defaultLeft ? DEFAULT_LEFT : 0) | missingType << 2;
  }

  /** {@code None}, {@code Zero} or {@code NaN}, as JSON dumps name it. */
  static int missingType(String name) {
    return switch (name) {
      case "None" -> 0;
      case "Zero" -> MISSING_ZERO;
      case "NaN" -> MISSING_NAN;
      default ->
          throw new UnreadableModelException(
              "cannot read a LightGBM model: missing_type '" + name + "'");
    };
  }

  static int addNumber(
      TreeNodes nodes, int feature, double threshold, int decisionType, float gain) {
    int missing = decisionType >> 2 & 3;
    if (missing == MISSING_ZERO) {
      throw new UnreadableModelException(
          "cannot convert a LightGBM model with zero_as_missing=true: train with"
              + " zero_as_missing=false");
    }
    boolean missingGoesLeft =
        missing == MISSING_NAN ? (decisionType & DEFAULT_LEFT) != 0 : 0 <= threshold;
    return nodes.addBranch(feature, aroundZero(threshold), missingGoesLeft, gain);
  }

  /** A threshold that decides on the value as the given one does on the value with zeros taken. */
  private static double aroundZero(double threshold) {
    if (threshold < 0 && threshold >= -ZERO) {
      return Math.nextDown(-ZERO);
    }
    return threshold >= 0 && threshold < ZERO ? ZERO : threshold;
  }

  /** Missing goes right, as every value does that is no member. */
  static int addCategories(TreeNodes nodes, int feature, int[] codes, float gain) {
    int[] sorted = Arrays.stream(codes).filter(code -> code >= 0).sorted().distinct().toArray();
    return nodes.addBranch(feature, new CategorySet(sorted), false, gain);
  }
}
