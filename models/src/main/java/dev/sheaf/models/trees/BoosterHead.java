package dev.sheaf.models.trees;

import java.util.List;

/**
 * What a booster says about itself apart from its trees.
 *
 * @param library {@code xgboost} or {@code lightgbm}
 * @param objective the objective as the library names it
 * @param link turns margins into predictions
 * @param slope the factor within a sigmoid, 1 where there is none
 * @param outcome whether numbers or classes are predicted
 * @param outputs the number of margins per row
 * @param features the number of columns that a row has
 * @param featureNames their names; empty where the model has none
 */
public record BoosterHead(
    String library,
    String objective,
    Link link,
    double slope,
    Outcome outcome,
    int outputs,
    int features,
    List<String> featureNames) {
  public BoosterHead {
    featureNames = List.copyOf(featureNames);
    if (outputs < 1 || features < 1) {
      throw new UnreadableModelException(
          "cannot read a model with " + outputs + " outputs and " + features + " features");
    }
    if (!featureNames.isEmpty() && featureNames.size() != features) {
      throw new UnreadableModelException(
          "cannot read a model with "
              + features
              + " features and "
              + featureNames.size()
              + " feature names");
    }
  }

  /** The number of classes: 2 where there is one output; 0 where numbers are predicted. */
  public int classes() {
    if (outcome == Outcome.NUMBER) {
      return 0;
    }
    return outputs == 1 ? 2 : outputs;
  }
}
