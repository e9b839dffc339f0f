package dev.sheaf.models.train.xgboost;

import static dev.sheaf.models.train.boosting.ParameterRules.Bound.ABOVE;
import static dev.sheaf.models.train.boosting.ParameterRules.Bound.BETWEEN;
import static dev.sheaf.models.train.boosting.ParameterRules.Bound.CLOSED;
import static dev.sheaf.models.train.boosting.ParameterRules.EARLY_STOPPING;
import static dev.sheaf.models.train.boosting.ParameterRules.EARLY_STOPPING_FRACTION;
import static dev.sheaf.models.train.boosting.ParameterRules.OBJECTIVE;
import static dev.sheaf.models.train.boosting.ParameterRules.ROUNDS;
import static dev.sheaf.models.train.boosting.ParameterRules.SEED;

import dev.sheaf.models.train.boosting.ParameterRules;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The parameters of XGBoost (XGBoost documentation, "XGBoost Parameters"). */
final class XgboostParameters {
  /** Stands for binary:logistic or multi:softprob, by the number of classes. */
  static final String CLASSIFICATION = "classification";

  static final String BINARY = "binary:logistic";
  static final String MULTICLASS = "multi:softprob";
  static final String SQUARED_ERROR = "reg:squarederror";
  static final String QUANTILE = "reg:quantileerror";
  static final String LEVEL = "quantile_alpha";
  static final String BOOSTER = "booster";

  static final Map<String, String> DEFAULTS =
      Map.of(
          ROUNDS,
          "100",
          OBJECTIVE,
          SQUARED_ERROR,
          "max_depth",
          "6",
          "eta",
          "0.3",
          "tree_method",
          "hist",
          SEED,
          "0");

  private static final Set<String> OWN = Set.of(ROUNDS, EARLY_STOPPING, EARLY_STOPPING_FRACTION);

  /** Metrics of which more is better. */
  private static final Set<String> RISING = Set.of("auc", "aucpr", "pre", "ndcg", "map");

  static final ParameterRules RULES = rules();

  private XgboostParameters() {}

  /** The parameters as XGBoost takes them, with those that Sheaf sets. */
  static Map<String, Object> given(Map<String, String> parameters, int classes) {
    Map<String, Object> given = new TreeMap<>(parameters);
    given.keySet().removeAll(OWN);
    String objective = parameters.getOrDefault(OBJECTIVE, SQUARED_ERROR);
    if (objective.equals(CLASSIFICATION)) {
      objective = classes > 2 ? MULTICLASS : BINARY;
    }
    given.put(OBJECTIVE, objective);
    if (objective.equals(MULTICLASS)) {
      given.put("num_class", classes);
    }
    given.put("nthread", 1);
    given.put("verbosity", 0);
    return given;
  }

  static boolean rises(String metric) {
    int at = metric.indexOf('@');
    return RISING.contains(at < 0 ? metric : metric.substring(0, at));
  }

  private static ParameterRules rules() {
    ParameterRules rules = new ParameterRules(Xgboost.NAME);
    rules.alias(ROUNDS, "num_round", "num_boost_round", "n_estimators");
    rules.alias(EARLY_STOPPING, "early_stopping_rounds");
    rules.alias(SEED, "random_state");
    rules.alias("eta", "learning_rate");
    rules.alias("gamma", "min_split_loss");
    rules.alias("lambda", "reg_lambda");
    rules.alias("alpha", "reg_alpha");
    ranges(rules);
    objectives(rules);
    refusals(rules);
    rules.choice("tree_method", "hist", "approx", "exact");
    rules.choice(BOOSTER, "gbtree", "dart");
    rules.choice("grow_policy", "depthwise", "lossguide");
    return rules;
  }

  private static void ranges(ParameterRules rules) {
    rules.whole("max_depth", 0, 20);
    rules.whole("max_leaves", 0, 1 << 20);
    rules.whole("max_bin", 2, 65_535);
    rules.whole("num_parallel_tree", 1, 10_000);
    rules.real("eta", 0, ABOVE, 1);
    rules.real("min_child_weight", 0, CLOSED, Double.MAX_VALUE);
    rules.real("subsample", 0, ABOVE, 1);
    rules.real("colsample_bytree", 0, ABOVE, 1);
    rules.real("colsample_bylevel", 0, ABOVE, 1);
    rules.real("colsample_bynode", 0, ABOVE, 1);
    rules.real("lambda", 0, CLOSED, Double.MAX_VALUE);
    rules.real("alpha", 0, CLOSED, Double.MAX_VALUE);
    rules.real("gamma", 0, CLOSED, Double.MAX_VALUE);
    rules.real("max_delta_step", 0, CLOSED, Double.MAX_VALUE);
    rules.real("base_score", -Float.MAX_VALUE, CLOSED, Float.MAX_VALUE);
    rules.real("huber_slope", 0, ABOVE, Double.MAX_VALUE);
    rules.real("rate_drop", 0, CLOSED, 1);
    rules.real("skip_drop", 0, CLOSED, 1);
    rules.real(LEVEL, 0, BETWEEN, 1);
    rules.real("tweedie_variance_power", 1, BETWEEN, 2);
  }

  private static void objectives(ParameterRules rules) {
    rules.objective(SQUARED_ERROR, "regression", "reg:linear");
    rules.objective(BINARY, "binary");
    rules.objective(MULTICLASS, "multiclass");
    rules.objective("count:poisson", "count", "poisson");
    rules.objective("reg:tweedie", "tweedie");
    rules.objective("reg:gamma", "gamma");
    rules.objective(QUANTILE, "quantile");
    rules.choice(
        OBJECTIVE,
        SQUARED_ERROR,
        "reg:squaredlogerror",
        "reg:pseudohubererror",
        "reg:absoluteerror",
        QUANTILE,
        "reg:logistic",
        "reg:gamma",
        "reg:tweedie",
        "count:poisson",
        BINARY,
        MULTICLASS,
        CLASSIFICATION);
  }

  private static void refusals(ParameterRules rules) {
    rules.refuse(
        "each model has one thread, and Sheaf trains many at once",
        "nthread",
        "nthreads",
        "n_jobs");
    rules.refuse("the library is kept silent", "verbosity", "silent");
    rules.refuse("models are trained on the CPU", "device", "gpu_id", "n_gpus", "predictor");
    rules.refuse(
        "the table's schema and its rows say what the columns and classes are",
        "num_class",
        "enable_categorical",
        "feature_types",
        "missing");
    rules.refuse("a new booster is trained for each key", "process_type", "updater", "xgb_model");
    rules.refuse("the metrics make the training curve", "disable_default_eval_metric");
  }
}
