package dev.sheaf.models.train.lightgbm;

import dev.sheaf.models.features.EncodedColumn;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Gradient boosted trees by LightGBM, on one thread and reproducible.
 *
 * <p>Numbers are compared as doubles, NaN is a missing value, categories are split on as
 * categories. 100 rounds, 31 leaves, a learning rate of 0.1 and seed 0 unless set otherwise. With
 * fewer than 40 rows LightGBM's own {@code min_data_in_leaf} of 20 leaves nothing to split.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Lightgbm.tweedie(1.3).withRounds(200).withLeaves(15))
 * }</pre>
 */
public final class Lightgbm implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "lightgbm";

  private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> parameters;

  private Lightgbm(Map<String, String> parameters) {
    this.parameters = new TreeMap<>(parameters);
    if (parameters.containsKey(ParameterRules.EARLY_STOPPING)
        && "dart".equals(parameters.get(LightgbmParameters.BOOSTING))) {
      throw new IllegalArgumentException(
          "cannot stop dart early: later rounds change the weights of earlier trees");
    }
    if (objective().equals(LightgbmParameters.QUANTILE)) {
      Task.quantile(level());
    }
  }

  /** Squared error. */
  public static Lightgbm regression() {
    return new Lightgbm(LightgbmParameters.DEFAULTS);
  }

  /** Two classes, by log loss; a key with more fails. */
  public static Lightgbm binary() {
    return regression().set(ParameterRules.OBJECTIVE, LightgbmParameters.BINARY);
  }

  /** As many classes as a key's rows have, by log loss. */
  public static Lightgbm classification() {
    return regression().set(ParameterRules.OBJECTIVE, LightgbmParameters.CLASSIFICATION);
  }

  /** Counts, by the Poisson likelihood: labels of 0 or more, not all 0; predictions above 0. */
  public static Lightgbm count() {
    return regression().set(ParameterRules.OBJECTIVE, "poisson");
  }

  /**
   * Amounts that are often 0, by the Tweedie likelihood: labels of 0 or more, not all 0.
   *
   * @param power how the variance grows with the mean, from 1 (as of counts) to below 2
   */
  public static Lightgbm tweedie(double power) {
    return regression()
        .set(ParameterRules.OBJECTIVE, "tweedie")
        .set("tweedie_variance_power", Double.toString(power));
  }

  /**
   * The value that the label stays below with this probability.
   *
   * @param level above 0 and below 1
   */
  public static Lightgbm quantile(double level) {
    Task.quantile(level);
    return regression()
        .set(ParameterRules.OBJECTIVE, LightgbmParameters.QUANTILE)
        .set(LightgbmParameters.ALPHA, Double.toString(level));
  }

  /**
   * Reads the parameters of a command line: {@code rounds}, {@code seed}, {@code early_stopping},
   * {@code early_stopping_fraction}, and any of {@link #with}. Objectives have LightGBM's names,
   * beside {@code classification} and {@code count}.
   */
  public static Lightgbm parse(Map<String, String> parameters) {
    Map<String, String> parsed = LightgbmParameters.DEFAULTS;
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      parsed = LightgbmParameters.RULES.set(parsed, parameter.getKey(), parameter.getValue());
    }
    return new Lightgbm(parsed);
  }

  /** The number of rounds, from 1 to 100,000; default 100. More learn finer detail, and longer. */
  public Lightgbm withRounds(int rounds) {
    return set(ParameterRules.ROUNDS, Integer.toString(rounds));
  }

  /** The most leaves of a tree, from 2; default 31. Lower it for few rows. */
  public Lightgbm withLeaves(int leaves) {
    return set("num_leaves", Integer.toString(leaves));
  }

  /** The depth of a tree beside its leaves, from 1; -1, the default, is no limit. */
  public Lightgbm withMaxDepth(int depth) {
    return set("max_depth", Integer.toString(depth));
  }

  /** How much of each tree's correction is taken, above 0; default 0.1. */
  public Lightgbm withLearningRate(double rate) {
    return set("learning_rate", Double.toString(rate));
  }

  /** The seed of row and column samples, 0 or more; default 0. */
  public Lightgbm withSeed(int seed) {
    return set(ParameterRules.SEED, Integer.toString(seed));
  }

  /**
   * Ends training when the first metric has not improved for some rounds on rows kept for it, and
   * keeps the trees up to the best round. Default: all rounds, on all rows. Not for dart.
   *
   * @param rounds how many rounds to wait, 1 or more
   * @param fraction the part of the training rows to keep, above 0 and below 1
   */
  public Lightgbm withEarlyStopping(int rounds, double fraction) {
    if (rounds < 1) {
      throw new IllegalArgumentException(
          "cannot stop early after " + rounds + " rounds: it must be 1 or more");
    }
    return set(ParameterRules.EARLY_STOPPING, Integer.toString(rounds))
        .set(ParameterRules.EARLY_STOPPING_FRACTION, Double.toString(fraction));
  }

  /**
   * Any parameter of LightGBM, by any of its names. A name that LightGBM does not know has no
   * effect; a value that it refuses fails the training with its words, if not already here.
   *
   * @throws IllegalArgumentException if the value is known to be out of range, or if Sheaf sets the
   *     parameter itself: threads, determinism, the seed ({@link #withSeed}), files, devices
   */
  public Lightgbm with(String name, String value) {
    return new Lightgbm(LightgbmParameters.RULES.with(parameters, name, value));
  }

  private Lightgbm set(String name, String value) {
    return new Lightgbm(LightgbmParameters.RULES.set(parameters, name, value));
  }

  private String objective() {
    return parameters.getOrDefault(ParameterRules.OBJECTIVE, "regression");
  }

  private double level() {
    return Double.parseDouble(parameters.getOrDefault(LightgbmParameters.ALPHA, "0.9"));
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
  public Task task() {
    return switch (objective()) {
      case LightgbmParameters.QUANTILE -> Task.quantile(level());
      case LightgbmParameters.BINARY, LightgbmParameters.CLASSIFICATION, "multiclass" ->
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
    return new Boosting(Lightgbm::open, parameters, task()).fit(table);
  }

  private static NativeBooster open(
      Map<String, String> parameters,
      BoosterRows train,
      @Nullable BoosterRows evaluation,
      int classes)
      throws TrainingException {
    String objective = parameters.getOrDefault(ParameterRules.OBJECTIVE, "regression");
    if (objective.equals(LightgbmParameters.BINARY) && classes > 2) {
      throw new TrainingException(
          "there are " + classes + " classes: the objective binary is for two", null);
    }
    List<EncodedColumn> columns = train.columns();
    LightgbmParameters.checkMonotone(parameters, columns);
    String categorical =
        IntStream.range(0, columns.size())
            .filter(c -> columns.get(c).categories() > 0)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(","));
    String text = LightgbmParameters.text(parameters, classes);
    return LightgbmBooster.open(
        categorical.isEmpty() ? text : text + " categorical_feature=" + categorical,
        train,
        evaluation);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Lightgbm that && parameters.equals(that.parameters);
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
