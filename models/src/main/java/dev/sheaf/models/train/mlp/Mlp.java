package dev.sheaf.models.train.mlp;

import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.SingleClassModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A multi-layer perceptron: fully connected hidden layers, trained by Adam on mini-batches.
 *
 * <p>Columns and, for a regression, the label are brought to mean 0 and variance 1; a missing value
 * counts as its column's mean over the training rows, and a constant column counts for nothing. A
 * part of the rows is kept for early stopping: the weights with the least loss on it are the
 * model's. Rows count by their weights. Of rows of one class the model always says that class. One
 * thread trains one model, in floats, and the same rows in the same order give the same bytes; the
 * exported graph computes in doubles and gives a row the same prediction in any batch.
 *
 * <p>The defaults suit 100 to 100,000 rows of some 10 to 50 columns; on daily sales of one store
 * (850 rows, 24 columns) a model takes about 60 ms.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Mlp.regression().withHidden(64, 64).withEpochs(50))
 * }</pre>
 */
public final class Mlp implements Trainer {
  /** The name of the trainer. */
  public static final String NAME = "mlp";

  private static final String TASK = "task";
  private static final String REGRESSION = "regression";
  private static final String CLASSIFICATION = "classification";

  /** Fewer say nothing about a network, and leave too few for early stopping. */
  private static final int MINIMUM_ROWS = 20;

  private final Task task;
  private final Settings settings;

  private Mlp(Task task, Settings settings) {
    this.task = task;
    this.settings = settings;
  }

  /** Predicts a number, by the least squared error. */
  public static Mlp regression() {
    return new Mlp(Task.regression(), Settings.DEFAULTS);
  }

  /** Gives each class its probability, by the least cross-entropy. */
  public static Mlp classification() {
    return new Mlp(Task.classification(), Settings.DEFAULTS);
  }

  /**
   * Units of the hidden layers, from the inputs on.
   *
   * @param units 1 to 8 layers of 1 to 4096 units; default 64, 64. Time and file grow with the
   *     product of neighbours.
   */
  public Mlp withHidden(int... units) {
    return with(settings.withHidden(Arrays.stream(units).boxed().toList()));
  }

  /** What a hidden unit makes of its sum; default {@link Activation#RELU}. */
  public Mlp withActivation(Activation activation) {
    return with(settings.withActivation(activation));
  }

  /**
   * The most passes over the rows, from 1 to a million; default 100. Early stopping usually ends
   * the training before.
   */
  public Mlp withEpochs(int epochs) {
    return with(settings.withEpochs(epochs));
  }

  /**
   * The most rows that one step goes by, from 1 to 65,536; default 256. A small table takes fewer,
   * 16 at least, so that an epoch has about 16 steps.
   */
  public Mlp withBatchSize(int rows) {
    return with(settings.withBatchSize(rows));
  }

  /**
   * How far one step goes, above 0 and at most 1; default 0.002. Less if the training loss jumps.
   */
  public Mlp withLearningRate(double rate) {
    return with(settings.withLearningRate(rate));
  }

  /**
   * By what part, times the learning rate, the weights shrink in each step (as of AdamW), from 0 to
   * 100; default 1. More for small or noisy tables, less where many rows show a fine structure.
   */
  public Mlp withWeightDecay(double decay) {
    return with(settings.withWeightDecay(decay));
  }

  /**
   * Ends the training when the loss on rows kept from it has not fallen for some epochs.
   *
   * @param patience how many epochs to wait, from 1; default 15
   * @param fraction the part of the rows to keep, above 0 and at most 0.5; default 0.1. They are
   *     chosen by the holdout's own rule: the last rows where it goes by order.
   */
  public Mlp withEarlyStopping(int patience, double fraction) {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "cannot set patience of mlp to '"
              + patience
              + "': it must be 1 or more, or choose withoutEarlyStopping()");
    }
    return with(settings.withEarlyStopping(patience, fraction));
  }

  /** Trains on all rows for all epochs. */
  public Mlp withoutEarlyStopping() {
    return with(settings.withEarlyStopping(0, settings.fraction()));
  }

  /** What the first weights and the order of the rows are drawn from; default 0. */
  public Mlp withSeed(long seed) {
    return with(settings.withSeed(seed));
  }

  private Mlp with(Settings changed) {
    return new Mlp(task, changed);
  }

  /**
   * Reads the parameters of a command line.
   *
   * @param parameters any of {@code task} (regression or classification), {@code hidden} (such as
   *     64-64), {@code activation} (relu or tanh), {@code epochs}, {@code batch_size}, {@code
   *     learning_rate}, {@code weight_decay}, {@code patience} (0 for no early stopping), {@code
   *     evaluation_fraction}, {@code seed}
   */
  public static Mlp parse(Map<String, String> parameters) {
    Task task = task(parameters.getOrDefault(TASK, REGRESSION));
    Settings settings = Settings.DEFAULTS;
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      if (!parameter.getKey().equals(TASK)) {
        settings = settings.with(parameter.getKey(), parameter.getValue());
      }
    }
    return new Mlp(task, settings);
  }

  private static Task task(String text) {
    return switch (text) {
      case REGRESSION -> Task.regression();
      case CLASSIFICATION -> Task.classification();
      default ->
          throw new IllegalArgumentException(
              "cannot set task of mlp to '"
                  + text
                  + "': it must be "
                  + REGRESSION
                  + " or "
                  + CLASSIFICATION);
    };
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
    Map<String, String> parameters = new TreeMap<>(settings.parameters());
    parameters.put(TASK, task.isClassification() ? CLASSIFICATION : REGRESSION);
    return parameters;
  }

  @Override
  public Task task() {
    return task;
  }

  /** 20, whatever the features: weight decay and early stopping hold back what they cannot tell. */
  @Override
  public int minimumRows(TableSchema schema) {
    return MINIMUM_ROWS;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    if (task.isClassification() && table.rows().classes().size() == 1) {
      return new SingleClassModel(table.schema(), table.rows().classes().get(0));
    }
    return new Fit(task, settings, table).run();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mlp that && task.equals(that.task) && settings.equals(that.settings);
  }

  @Override
  public int hashCode() {
    return 31 * task.hashCode() + settings.hashCode();
  }

  /** The text that gives this trainer. */
  @Override
  public String toString() {
    Map<String, String> defaults = regression().parameters();
    String changed =
        parameters().entrySet().stream()
            .filter(parameter -> !parameter.getValue().equals(defaults.get(parameter.getKey())))
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
            .collect(Collectors.joining(","));
    return changed.isEmpty() ? NAME : NAME + ":" + changed;
  }
}
