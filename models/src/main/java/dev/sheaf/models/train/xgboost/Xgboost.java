package dev.sheaf.models.train.xgboost;

import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Gradient boosted regression trees by XGBoost, on one thread and reproducible.
 *
 * <p>Features are narrowed to float, as XGBoost does; NaN is a missing value. The exported model
 * predicts what the booster does, to the bit but for the float's last digits at most.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Xgboost.regression().withRounds(100).withMaxDepth(6))
 * }</pre>
 */
public final class Xgboost implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "xgboost";

  private final TreeMap<String, String> parameters;

  private Xgboost(Map<String, String> parameters) {
    this.parameters = new TreeMap<>(parameters);
  }

  /** Squared error, 100 rounds, XGBoost's own defaults, seed 0. */
  public static Xgboost regression() {
    return new Xgboost(XgboostParameters.DEFAULTS);
  }

  /** Reads the parameters of a command line: those of {@link #withParameter}. */
  public static Xgboost parse(Map<String, String> parameters) {
    Xgboost trainer = regression();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      trainer = trainer.withParameter(parameter.getKey(), parameter.getValue());
    }
    return trainer;
  }

  /**
   * The number of trees, from 1 to 100,000; default 100. More learn finer detail and take longer.
   */
  public Xgboost withRounds(int rounds) {
    return withParameter("rounds", Integer.toString(rounds));
  }

  /**
   * The depth of a tree, to 20; default 6. Lower it for few rows. 0 is no limit, for grow_policy
   * lossguide with max_leaves.
   */
  public Xgboost withMaxDepth(int depth) {
    return withParameter("max_depth", Integer.toString(depth));
  }

  /** How much of each tree's correction is taken, above 0 to 1; default 0.3. */
  public Xgboost withEta(double eta) {
    return withParameter("eta", Double.toString(eta));
  }

  /** The least weight (here: rows) of a leaf, 0 or more; default 1. Raise it against noise. */
  public Xgboost withMinChildWeight(double weight) {
    return withParameter("min_child_weight", Double.toString(weight));
  }

  /** The part of the rows that each tree sees, above 0 to 1; default 1. */
  public Xgboost withSubsample(double part) {
    return withParameter("subsample", Double.toString(part));
  }

  /** The part of the columns that each tree sees, above 0 to 1; default 1. */
  public Xgboost withColsampleByTree(double part) {
    return withParameter("colsample_bytree", Double.toString(part));
  }

  /** The L2 penalty on leaves, 0 or more; default 1. */
  public Xgboost withLambda(double lambda) {
    return withParameter("lambda", Double.toString(lambda));
  }

  /** The L1 penalty on leaves, 0 or more; default 0. */
  public Xgboost withAlpha(double alpha) {
    return withParameter("alpha", Double.toString(alpha));
  }

  /** The least gain of a split, 0 or more; default 0. */
  public Xgboost withGamma(double gamma) {
    return withParameter("gamma", Double.toString(gamma));
  }

  /**
   * The bins of a column for the tree method hist, from 2 to 65,535; default 256. 32 is 3 times as
   * fast.
   */
  public Xgboost withMaxBin(int bins) {
    return withParameter("max_bin", Integer.toString(bins));
  }

  /** The seed of row and column samples, 0 or more; default 0. */
  public Xgboost withSeed(int seed) {
    return withParameter("seed", Integer.toString(seed));
  }

  /** How splits are searched: hist (default), approx or exact. */
  public Xgboost withTreeMethod(String method) {
    return withParameter("tree_method", method);
  }

  /**
   * Any parameter of XGBoost that makes sense here, by XGBoost's own name, or {@code rounds}.
   *
   * @throws IllegalArgumentException if the name is not known, or the value is out of range
   */
  public Xgboost withParameter(String name, String value) {
    XgboostParameters.check(name, value);
    TreeMap<String, String> changed = new TreeMap<>(parameters);
    changed.put(XgboostParameters.canonical(name), value);
    return new Xgboost(changed);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public Map<String, String> parameters() {
    return Map.copyOf(parameters);
  }

  @Override
  public int minimumRows(TableSchema schema) {
    return 2;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    return XgboostModel.train(table, parameters);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Xgboost that && parameters.equals(that.parameters);
  }

  @Override
  public int hashCode() {
    return parameters.hashCode();
  }

  /** The text that gives this trainer. */
  @Override
  public String toString() {
    return NAME
        + ":"
        + parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
            .collect(Collectors.joining(","));
  }
}
