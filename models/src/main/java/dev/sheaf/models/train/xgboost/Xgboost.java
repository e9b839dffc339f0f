package dev.sheaf.models.train.xgboost;

import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.train.boosting.BoosterRows;
import dev.sheaf.models.train.boosting.Boosting;
import dev.sheaf.models.train.boosting.NativeBooster;
import dev.sheaf.models.train.boosting.ParameterRules;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gradient boosted trees by XGBoost, on one thread and reproducible.
 *
 * <p>Features are narrowed to float, as XGBoost does, NaN is a missing value, categories are split
 * on as categories. 100 rounds, depth 6, a learning rate of 0.3, the tree method hist and seed 0
 * unless set otherwise.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Xgboost.regression().withRounds(100).withMaxDepth(6))
 * }</pre>
 */
public final class Xgboost implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "xgboost";

  private static final long serialVersionUID = 2L;

  private final TreeMap<String, String> parameters;

  private Xgboost(Map<String, String> parameters) {
    this.parameters = new TreeMap<>(parameters);
    if (parameters.containsKey(ParameterRules.EARLY_STOPPING)
        && "dart".equals(parameters.get(XgboostParameters.BOOSTER))) {
      throw new IllegalArgumentException(
          "cannot stop dart early: later rounds change the weights of earlier trees");
    }
    if (objective().equals(XgboostParameters.QUANTILE)
        && !parameters.containsKey(XgboostParameters.LEVEL)) {
      throw new IllegalArgumentException(
          "cannot use the objective "
              + XgboostParameters.QUANTILE
              + " without "
              + XgboostParameters.LEVEL
              + ": it must be above 0 and below 1");
    }
  }

  /** Squared error. */
  public static Xgboost regression() {
    return new Xgboost(XgboostParameters.DEFAULTS);
  }

  /** Two classes, by log loss; a key with more fails. */
  public static Xgboost binary() {
    return regression().set(ParameterRules.OBJECTIVE, XgboostParameters.BINARY);
  }

  /** As many classes as a key's rows have, by log loss. */
  public static Xgboost classification() {
    return regression().set(ParameterRules.OBJECTIVE, XgboostParameters.CLASSIFICATION);
  }

  /** Counts, by the Poisson likelihood: labels of 0 or more; predictions above 0. */
  public static Xgboost count() {
    return regression().set(ParameterRules.OBJECTIVE, "count:poisson");
  }

  /**
   * Amounts that are often 0, by the Tweedie likelihood: labels of 0 or more.
   *
   * @param power how the variance grows with the mean, above 1 (as of counts) and below 2
   */
  public static Xgboost tweedie(double power) {
    return regression()
        .set(ParameterRules.OBJECTIVE, "reg:tweedie")
        .set("tweedie_variance_power", Double.toString(power));
  }

  /**
   * The value that the label stays below with this probability.
   *
   * @param level above 0 and below 1
   */
  public static Xgboost quantile(double level) {
    Task.quantile(level);
    return regression()
        .set(XgboostParameters.LEVEL, Double.toString(level))
        .set(ParameterRules.OBJECTIVE, XgboostParameters.QUANTILE);
  }

  /**
   * Reads the parameters of a command line: {@code rounds}, {@code seed}, {@code early_stopping},
   * {@code early_stopping_fraction}, and any of {@link #with}. Objectives have XGBoost's names, or
   * are {@code regression}, {@code binary}, {@code classification}, {@code count}, {@code tweedie}
   * and {@code quantile}.
   */
  public static Xgboost parse(Map<String, String> parameters) {
    Map<String, String> parsed = XgboostParameters.DEFAULTS;
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      parsed = XgboostParameters.RULES.set(parsed, parameter.getKey(), parameter.getValue());
    }
    return new Xgboost(parsed);
  }

  /** The number of rounds, from 1 to 100,000; default 100. More learn finer detail, and longer. */
  public Xgboost withRounds(int rounds) {
    return set(ParameterRules.ROUNDS, Integer.toString(rounds));
  }

  /**
   * The depth of a tree, to 20; default 6. Lower it for few rows. 0 is no limit, for {@link
   * #withLeaves}.
   */
  public Xgboost withMaxDepth(int depth) {
    return set("max_depth", Integer.toString(depth));
  }

  /** Grows trees leaf by leaf where the loss falls most, to so many leaves; default: by depth. */
  public Xgboost withLeaves(int leaves) {
    return set("max_leaves", Integer.toString(leaves)).set("grow_policy", "lossguide");
  }

  /** How much of each tree's correction is taken, above 0 to 1; default 0.3. */
  public Xgboost withLearningRate(double rate) {
    return set("eta", Double.toString(rate));
  }

  /** The seed of row and column samples, 0 or more; default 0. */
  public Xgboost withSeed(int seed) {
    return set(ParameterRules.SEED, Integer.toString(seed));
  }

  /**
   * Ends training when the first metric has not improved for some rounds on rows kept for it, and
   * keeps the trees up to the best round. Default: all rounds, on all rows. Not for dart.
   *
   * @param rounds how many rounds to wait, 1 or more
   * @param fraction the part of the training rows to keep, above 0 and below 1
   */
  public Xgboost withEarlyStopping(int rounds, double fraction) {
    if (rounds < 1) {
      throw new IllegalArgumentException(
          "cannot stop early after " + rounds + " rounds: it must be 1 or more");
    }
    return set(ParameterRules.EARLY_STOPPING, Integer.toString(rounds))
        .set(ParameterRules.EARLY_STOPPING_FRACTION, Double.toString(fraction));
  }

  /**
   * Any parameter of XGBoost, by any of its names. A name that XGBoost does not know has no effect;
   * a value that it refuses fails the training with its words, if not already here.
   *
   * @throws IllegalArgumentException if the value is known to be out of range, or if Sheaf sets the
   *     parameter itself: threads, the seed ({@link #withSeed}), devices, classes
   */
  public Xgboost with(String name, String value) {
    return new Xgboost(XgboostParameters.RULES.with(parameters, name, value));
  }

  private Xgboost set(String name, String value) {
    return new Xgboost(XgboostParameters.RULES.set(parameters, name, value));
  }

  private String objective() {
    return parameters.getOrDefault(ParameterRules.OBJECTIVE, XgboostParameters.SQUARED_ERROR);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return "2";
  }

  @Override
  public Map<String, String> parameters() {
    return Map.copyOf(parameters);
  }

  @Override
  public Task task() {
    return switch (objective()) {
      case XgboostParameters.QUANTILE ->
          Task.quantile(
              Double.parseDouble(parameters.getOrDefault(XgboostParameters.LEVEL, "0.5")));
      case XgboostParameters.BINARY,
          XgboostParameters.MULTICLASS,
          XgboostParameters.CLASSIFICATION ->
          Task.classification();
      default -> Task.regression();
    };
  }

  @Override
  public int minimumRows(TableSchema schema) {
    return 2;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    return new Boosting(Xgboost::open, parameters, task()).fit(table);
  }

  private static NativeBooster open(
      Map<String, String> parameters,
      BoosterRows train,
      @Nullable BoosterRows evaluation,
      int classes)
      throws TrainingException {
    if (XgboostParameters.BINARY.equals(parameters.get(ParameterRules.OBJECTIVE)) && classes > 2) {
      throw new TrainingException(
          "there are " + classes + " classes: the objective binary:logistic is for two", null);
    }
    return XgboostBooster.open(XgboostParameters.given(parameters, classes), train, evaluation);
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
