package dev.sheaf.models.train;

import java.io.Serializable;

/** What a model is for, and by what it is judged. */
public sealed interface Task extends Serializable {
  /** Comes close to a number; judged by the root of the mean squared error. */
  static Task regression() {
    return new Regression();
  }

  /**
   * Stays above a number in a given part of the cases; judged by the pinball loss.
   *
   * @param level above 0 and below 1
   */
  static Task quantile(double level) {
    return new Quantile(level);
  }

  /** Gives each class its probability; judged by the log loss. */
  static Task classification() {
    return new Classification();
  }

  /** The name of the loss, lower being better, among a model's metrics. */
  String loss();

  /** Whether labels are classes. */
  default boolean isClassification() {
    return false;
  }

  /** See {@link Task#regression()}. */
  record Regression() implements Task {
    @Override
    public String loss() {
      return "rmse";
    }
  }

  /** See {@link Task#quantile}. */
  record Quantile(double level) implements Task {
    public Quantile {
      if (!(level > 0 && level < 1)) {
        throw new IllegalArgumentException(
            "cannot predict the quantile " + level + ": it must be above 0 and below 1");
      }
    }

    @Override
    public String loss() {
      return "pinball";
    }
  }

  /** See {@link Task#classification()}. */
  record Classification() implements Task {
    @Override
    public String loss() {
      return "log_loss";
    }

    @Override
    public boolean isClassification() {
      return true;
    }
  }
}
