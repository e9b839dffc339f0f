package dev.sheaf.models.train.lightgbm;

import static dev.sheaf.models.train.boosting.ParameterRules.Bound.ABOVE;
import static dev.sheaf.models.train.boosting.ParameterRules.Bound.BETWEEN;
import static dev.sheaf.models.train.boosting.ParameterRules.Bound.CLOSED;
import static dev.sheaf.models.train.boosting.ParameterRules.EARLY_STOPPING;
import static dev.sheaf.models.train.boosting.ParameterRules.EARLY_STOPPING_FRACTION;
import static dev.sheaf.models.train.boosting.ParameterRules.OBJECTIVE;
import static dev.sheaf.models.train.boosting.ParameterRules.ROUNDS;
import static dev.sheaf.models.train.boosting.ParameterRules.SEED;

import dev.sheaf.models.features.EncodedColumn;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.boosting.ParameterRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** The parameters of LightGBM (LightGBM documentation, "Parameters"). */
final class LightgbmParameters {
  /** Stands for binary or multiclass, by the number of classes. */
  static final String CLASSIFICATION = "classification";

  static final String BINARY = "binary";
  static final String QUANTILE = "quantile";
  static final String ALPHA = "alpha";
  static final String BOOSTING = "boosting";
  static final String MONOTONE = "monotone_constraints";

  static final Map<String, String> DEFAULTS =
      Map.of(
          ROUNDS,
          "100",
          OBJECTIVE,
          "regression",
          "num_leaves",
          "31",
          "learning_rate",
          "0.1",
          "min_data_in_leaf",
          "20",
          SEED,
          "0");

  private static final Set<String> OWN =
      Set.of(ROUNDS, EARLY_STOPPING, EARLY_STOPPING_FRACTION, OBJECTIVE);

  /** Metrics of which more is better. */
  private static final Set<String> RISING = Set.of("auc", "average_precision", "ndcg", "map");

  static final ParameterRules RULES = rules();

  private LightgbmParameters() {}

  /** The parameters as LightGBM takes them, with those that Sheaf sets. */
  static String text(Map<String, String> parameters, int classes) {
    StringJoiner text = new StringJoiner(" ");
    String objective = parameters.getOrDefault(OBJECTIVE, "regression");
    if (objective.equals(CLASSIFICATION)) {
      objective = classes > 2 ? "multiclass" : BINARY;
    }
    text.add("objective=" + objective);
    if (objective.equals("multiclass")) {
      text.add("num_class=" + classes);
    }
    text.add("num_threads=1");
    text.add("verbosity=-1");
    text.add("deterministic=true");
    text.add("force_row_wise=true");
    parameters.forEach(
        (name, value) -> {
          if (!OWN.contains(name)) {
            text.add(name + "=" + value);
          }
        });
    return text.toString();
  }

  /** Refuses constraints on categories, for which LightGBM would end the whole process. */
  static void checkMonotone(Map<String, String> parameters, List<EncodedColumn> columns)
      throws TrainingException {
    String given = parameters.get(MONOTONE);
    if (given == null) {
      return;
    }
    String[] constraints = given.split(",", -1);
    for (int c = 0; c < Math.min(constraints.length, columns.size()); c++) {
      if (columns.get(c).categories() > 0 && !constraints[c].matches("[+-]?0*")) {
        throw new TrainingException(
            "LightGBM cannot train: monotone_constraints is %s, but feature %s is a category: its constraint must be 0"
                .formatted(given, columns.get(c).name()),
            null);
      }
    }
  }

  static boolean rises(String metric) {
    int at = metric.indexOf('@');
    return RISING.contains(at < 0 ? metric : metric.substring(0, at));
  }

  private static ParameterRules rules() {
    ParameterRules rules = new ParameterRules(Lightgbm.NAME);
    aliases(rules);
    ranges(rules);
    refusals(rules);
    rules.objective("regression", "regression_l2", "l2", "mse", "mean_squared_error", "rmse");
    rules.objective("regression", "l2_root", "root_mean_squared_error");
    rules.objective("regression_l1", "l1", "mae", "mean_absolute_error");
    rules.objective("mape", "mean_absolute_percentage_error");
    rules.objective("multiclass", "softmax");
    rules.objective("poisson", "count");
    rules.choice(
        OBJECTIVE,
        "regression",
        "regression_l1",
        "huber",
        "fair",
        "poisson",
        QUANTILE,
        "mape",
        "gamma",
        "tweedie",
        BINARY,
        "multiclass",
        CLASSIFICATION);
    rules.choice(BOOSTING, "gbdt", "dart", "rf", "goss");
    return rules;
  }

  private static void aliases(ParameterRules rules) {
    rules.alias(ROUNDS, "num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees");
    rules.alias(ROUNDS, "num_round", "num_rounds", "nrounds", "num_boost_round", "n_estimators");
    rules.alias(ROUNDS, "max_iter");
    rules.alias(EARLY_STOPPING, "early_stopping_round", "early_stopping_rounds");
    rules.alias(EARLY_STOPPING, "n_iter_no_change");
    rules.alias(SEED, "random_seed", "random_state");
    rules.alias(OBJECTIVE, "objective_type", "app", "application", "loss");
    rules.alias(BOOSTING, "boosting_type", "boost");
    rules.alias("learning_rate", "shrinkage_rate", "eta");
    rules.alias("num_leaves", "num_leaf", "max_leaves", "max_leaf", "max_leaf_nodes");
    rules.alias("min_data_in_leaf", "min_data_per_leaf", "min_data", "min_child_samples");
    rules.alias("min_data_in_leaf", "min_samples_leaf");
    rules.alias(
        "min_sum_hessian_in_leaf", "min_sum_hessian_per_leaf", "min_sum_hessian", "min_hessian");
    rules.alias("min_sum_hessian_in_leaf", "min_child_weight");
    rules.alias("bagging_fraction", "sub_row", "subsample", "bagging");
    rules.alias("bagging_freq", "subsample_freq");
    rules.alias("feature_fraction", "sub_feature", "colsample_bytree");
    rules.alias("lambda_l1", "reg_alpha", "l1_regularization");
    rules.alias("lambda_l2", "reg_lambda", "lambda", "l2_regularization");
    rules.alias("min_gain_to_split", "min_split_gain");
    rules.alias("max_bin", "max_bins");
    rules.alias(MONOTONE, "mc", "monotone_constraint", "monotonic_cst");
  }

  private static void ranges(ParameterRules rules) {
    rules.whole("num_leaves", 2, 131_072);
    rules.whole("max_depth", -1, 1000);
    rules.whole("max_bin", 2, 65_535);
    rules.whole("min_data_in_leaf", 0, Integer.MAX_VALUE);
    rules.whole("bagging_freq", 0, Integer.MAX_VALUE);
    rules.real("learning_rate", 0, ABOVE, Double.MAX_VALUE);
    rules.real("min_sum_hessian_in_leaf", 0, CLOSED, Double.MAX_VALUE);
    rules.real("bagging_fraction", 0, ABOVE, 1);
    rules.real("feature_fraction", 0, ABOVE, 1);
    rules.real("lambda_l1", 0, CLOSED, Double.MAX_VALUE);
    rules.real("lambda_l2", 0, CLOSED, Double.MAX_VALUE);
    rules.real("min_gain_to_split", 0, CLOSED, Double.MAX_VALUE);
    rules.real("tweedie_variance_power", 1, CLOSED, Math.nextDown(2.0));
    rules.real(ALPHA, 0, ABOVE, Double.MAX_VALUE);
    rules.real("drop_rate", 0, CLOSED, 1);
    rules.real("skip_drop", 0, CLOSED, 1);
    rules.real("linear_lambda", 0, BETWEEN, Double.MAX_VALUE);
  }

  private static void refusals(ParameterRules rules) {
    rules.refuse(
        "each model has one thread, and Sheaf trains many at once",
        "num_threads",
        "num_thread",
        "nthread",
        "nthreads",
        "n_jobs");
    rules.refuse(
        "Sheaf sets it, so that the same rows give the same model",
        "deterministic",
        "force_col_wise",
        "force_row_wise");
    rules.refuse("the library is kept silent", "verbosity", "verbose");
    rules.refuse(
        "models are trained on the CPU",
        "device_type",
        "device",
        "gpu_platform_id",
        "gpu_device_id",
        "gpu_use_dp",
        "num_gpu");
    rules.refuse(
        "rows and models are handed over by Sheaf, never by files",
        "data",
        "train",
        "train_data",
        "train_data_file",
        "data_filename",
        "valid",
        "test",
        "valid_data",
        "valid_data_file",
        "test_data",
        "test_data_file",
        "valid_filenames",
        "input_model",
        "model_input",
        "model_in",
        "output_model",
        "model_output",
        "model_out",
        "config",
        "config_file",
        "task",
        "task_type",
        "save_binary",
        "is_save_binary",
        "is_save_binary_file",
        "snapshot_freq",
        "save_period",
        "forcedsplits_filename",
        "forced_splits_filename",
        "forced_splits_file",
        "forced_splits",
        "forcedbins_filename",
        "parser_config_file",
        "header",
        "has_header",
        "two_round",
        "two_round_loading",
        "use_two_round_loading");
    rules.refuse(
        "Sheaf runs each training within one process",
        "num_machines",
        "num_machine",
        "machines",
        "workers",
        "nodes",
        "local_listen_port",
        "local_port",
        "port",
        "machine_list_filename",
        "machine_list_file",
        "machine_list",
        "mlist",
        "tree_learner",
        "tree",
        "tree_type",
        "tree_learner_type",
        "pre_partition",
        "is_pre_partition");
    rules.refuse(
        "the table's schema and its rows say what the columns, weights and classes are",
        "categorical_feature",
        "cat_feature",
        "categorical_column",
        "cat_column",
        "categorical_features",
        "label_column",
        "label",
        "weight_column",
        "weight",
        "group_column",
        "group",
        "group_id",
        "query_column",
        "query",
        "query_id",
        "ignore_column",
        "ignore_feature",
        "blacklist",
        "num_class",
        "num_classes");
    rules.refuse(
        "NaN is a missing value, and 0 is not",
        "zero_as_missing",
        "zero_as_missing_value",
        "use_missing");
    rules.refuse(
        "with it LightGBM ends the whole process where a feature is a category",
        "use_quantized_grad");
    rules.refuse("trees with linear leaves have no form in ONNX", "linear_tree", "linear_trees");
    rules.refuse(
        "every tree counts for every row",
        "pred_early_stop",
        "start_iteration_predict",
        "num_iteration_predict",
        "predict_raw_score",
        "predict_leaf_index",
        "predict_contrib");
  }
}
