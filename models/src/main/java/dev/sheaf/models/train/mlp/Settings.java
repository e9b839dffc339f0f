package dev.sheaf.models.train.mlp;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The options of the trainer, checked.
 *
 * @param patience epochs without a better loss before training ends; 0 is no early stopping
 */
record Settings(
    List<Integer> hidden,
    Activation activation,
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int patience,
    double fraction,
    long seed)
    implements Serializable {
  static final Settings DEFAULTS =
      new Settings(List.of(64, 64), Activation.RELU, 100, 256, 0.002, 1, 15, 0.1, 0);

  static final String HIDDEN = "hidden";
  static final String ACTIVATION = "activation";
  static final String EPOCHS = "epochs";
  static final String BATCH_SIZE = "batch_size";
  static final String LEARNING_RATE = "learning_rate";
  static final String WEIGHT_DECAY = "weight_decay";
  static final String PATIENCE = "patience";
  static final String FRACTION = "evaluation_fraction";
  static final String SEED = "seed";

  private static final int MOST_LAYERS = 8;
  private static final int MOST_UNITS = 4096;
  private static final int MOST_ROUNDS = 1_000_000;
  private static final String WHOLE = "a whole number from ";

  Settings {
    hidden = List.copyOf(hidden);
    check(
        !hidden.isEmpty()
            && hidden.size() <= MOST_LAYERS
            && hidden.stream().allMatch(units -> units >= 1 && units <= MOST_UNITS),
        HIDDEN,
        text(hidden),
        "1 to "
            + MOST_LAYERS
            + " layers of 1 to "
            + MOST_UNITS
            + " units, joined by '-', such as 64-64");
    check(epochs >= 1 && epochs <= MOST_ROUNDS, EPOCHS, epochs, WHOLE + "1 to " + MOST_ROUNDS);
    check(
        batchSize >= 1 && batchSize <= Kernels.MOST,
        BATCH_SIZE,
        batchSize,
        WHOLE + "1 to " + Kernels.MOST);
    check(
        learningRate > 0 && learningRate <= 1,
        LEARNING_RATE,
        learningRate,
        "a number above 0, at most 1");
    check(
        weightDecay >= 0 && weightDecay <= 100,
        WEIGHT_DECAY,
        weightDecay,
        "a number from 0 to 100");
    check(
        patience >= 0 && patience <= MOST_ROUNDS,
        PATIENCE,
        patience,
        WHOLE + "1 to " + MOST_ROUNDS + ", or 0 for no early stopping");
    check(fraction > 0 && fraction <= 0.5, FRACTION, fraction, "a number above 0, at most 0.5");
  }

  private static void check(boolean valid, String option, Object found, String rule) {
    if (!valid) {
      throw new IllegalArgumentException(
          "cannot set " + option + " of mlp to '" + found + "': it must be " + rule);
    }
  }

  private static String text(List<Integer> hidden) {
    return hidden.stream().map(String::valueOf).collect(Collectors.joining("-"));
  }

  /** The options as text, which {@link #with} reads. */
  Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(HIDDEN, text(hidden));
    parameters.put(ACTIVATION, activation.name().toLowerCase(Locale.ROOT));
    parameters.put(EPOCHS, Integer.toString(epochs));
    parameters.put(BATCH_SIZE, Integer.toString(batchSize));
    parameters.put(LEARNING_RATE, Double.toString(learningRate));
    parameters.put(WEIGHT_DECAY, Double.toString(weightDecay));
    parameters.put(PATIENCE, Integer.toString(patience));
    parameters.put(FRACTION, Double.toString(fraction));
    parameters.put(SEED, Long.toString(seed));
    return parameters;
  }

  /** These settings with one read from text. */
  Settings with(String option, String value) {
    try {
      return switch (option) {
        case HIDDEN ->
            withHidden(List.of(value.split("-", -1)).stream().map(Integer::valueOf).toList());
        case ACTIVATION -> withActivation(activation(value));
        case EPOCHS -> withEpochs(Integer.parseInt(value));
        case BATCH_SIZE -> withBatchSize(Integer.parseInt(value));
        case LEARNING_RATE -> withLearningRate(Double.parseDouble(value));
        case WEIGHT_DECAY -> withWeightDecay(Double.parseDouble(value));
        case PATIENCE -> withEarlyStopping(Integer.parseInt(value), fraction);
        case FRACTION -> withEarlyStopping(patience, Double.parseDouble(value));
        case SEED -> withSeed(Long.parseLong(value));
        default ->
            throw new IllegalArgumentException(
                "cannot set parameter '"
                    + option
                    + "' of mlp: known are task, "
                    + String.join(", ", parameters().keySet()));
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "cannot set " + option + " of mlp to '" + value + "': it must be " + form(option), e);
    }
  }

  private static String form(String option) {
    return switch (option) {
      case HIDDEN -> "whole numbers of units joined by '-', such as 64-64";
      case LEARNING_RATE, WEIGHT_DECAY, FRACTION -> "a number";
      default -> "a whole number";
    };
  }

  private static Activation activation(String value) {
    for (Activation activation : Activation.values()) {
      if (activation.name().equalsIgnoreCase(value)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "cannot set activation of mlp to '" + value + "': it must be relu or tanh");
  }

  Settings withHidden(List<Integer> units) {
    return new Settings(
        units, activation, epochs, batchSize, learningRate, weightDecay, patience, fraction, seed);
  }

  Settings withActivation(Activation function) {
    return new Settings(
        hidden, function, epochs, batchSize, learningRate, weightDecay, patience, fraction, seed);
  }

  Settings withEpochs(int most) {
    return new Settings(
        hidden, activation, most, batchSize, learningRate, weightDecay, patience, fraction, seed);
  }

  Settings withBatchSize(int rows) {
    return new Settings(
        hidden, activation, epochs, rows, learningRate, weightDecay, patience, fraction, seed);
  }

  Settings withLearningRate(double rate) {
    return new Settings(
        hidden, activation, epochs, batchSize, rate, weightDecay, patience, fraction, seed);
  }

  Settings withWeightDecay(double decay) {
    return new Settings(
        hidden, activation, epochs, batchSize, learningRate, decay, patience, fraction, seed);
  }

  Settings withEarlyStopping(int wait, double part) {
    return new Settings(
        hidden, activation, epochs, batchSize, learningRate, weightDecay, wait, part, seed);
  }

  Settings withSeed(long start) {
    return new Settings(
        hidden,
        activation,
        epochs,
        batchSize,
        learningRate,
        weightDecay,
        patience,
        fraction,
        start);
  }
}
