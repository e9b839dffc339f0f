package dev.sheaf.models.trees;

import java.util.Map;
import java.util.TreeMap;

/**
 * What an objective of XGBoost means for predictions (XGBoost's {@code src/objective}: {@code
 * PredTransform} and {@code ProbToMargin}).
 *
 * @param link turns margins into predictions
 * @param outcome what is predicted
 * @param base how the base score, which is in the space of predictions, becomes a margin
 */
record XgboostObjective(Link link, Outcome outcome, Base base) {
  /** The inverse of the link, for the base score. */
  enum Base {
    SAME,
    LOGIT,
    LOG
  }

  private static final Map<String, XgboostObjective> KNOWN = known();

  static XgboostObjective of(String name) {
    XgboostObjective objective = KNOWN.get(name);
    if (objective == null) {
      throw new UnreadableModelException(
          "cannot convert XGBoost's objective '" + name + "': known are " + KNOWN.keySet());
    }
    return objective;
  }

  /** Computed in float as XGBoost does. */
  float margin(float baseScore) {
    return switch (base) {
      case SAME -> baseScore;
      case LOGIT -> (float) -Math.log(1.0f / baseScore - 1.0f);
      case LOG -> (float) Math.log(baseScore);
    };
  }

  private static Map<String, XgboostObjective> known() {
    XgboostObjective number = new XgboostObjective(Link.IDENTITY, Outcome.NUMBER, Base.SAME);
    XgboostObjective positive = new XgboostObjective(Link.EXP, Outcome.NUMBER, Base.LOG);
    XgboostObjective classes = new XgboostObjective(Link.SOFTMAX, Outcome.CLASS, Base.SAME);
    Map<String, XgboostObjective> known = new TreeMap<>();
    for (String name :
        new String[] {
          "reg:squarederror",
          "reg:linear",
          "reg:squaredlogerror",
          "reg:pseudohubererror",
          "reg:absoluteerror",
          "reg:quantileerror",
          "rank:pairwise",
          "rank:ndcg",
          "rank:map",
          "binary:logitraw"
        }) {
      known.put(name, number);
    }
    for (String name :
        new String[] {
          "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"
        }) {
      known.put(name, positive);
    }
    known.put("multi:softmax", classes);
    known.put("multi:softprob", classes);
    known.put("reg:logistic", new XgboostObjective(Link.SIGMOID, Outcome.NUMBER, Base.LOGIT));
    known.put("binary:logistic", new XgboostObjective(Link.SIGMOID, Outcome.CLASS, Base.LOGIT));
    known.put("binary:hinge", new XgboostObjective(Link.STEP, Outcome.NUMBER, Base.SAME));
    return known;
  }
}
