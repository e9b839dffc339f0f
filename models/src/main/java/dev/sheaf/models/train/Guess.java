package dev.sheaf.models.train;

import dev.sheaf.models.table.RowBlock;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The naive baseline that every model is judged beside: the same prediction for every row, which is
 * the mean label of the training rows, their quantile, or the part of them in each class.
 *
 * @param classes the classes that have a probability; empty for a number
 * @param values the number, or the probabilities
 */
// Made and used in one place; never compared.
@SuppressWarnings("ArrayRecordComponent")
record Guess(List<String> classes, double[] values) {
  static Guess of(Task task, RowBlock train) {
    if (task.isClassification()) {
      return new Guess(train.classes(), frequencies(train));
    } else if (task instanceof Task.Quantile quantile) {
      return new Guess(List.of(), new double[] {quantile(train, quantile.level())});
    }
    return new Guess(List.of(), new double[] {mean(train.labels(), train.weights())});
  }

  HeldOut on(int fold, RowBlock rows) {
    double[] predictions = new double[rows.rows() * values.length];
    for (int i = 0; i < predictions.length; i++) {
      predictions[i] = values[i % values.length];
    }
    return new HeldOut(fold, rows, classes, predictions);
  }

  private static double[] frequencies(RowBlock train) {
    double[] counts = new double[train.classes().size()];
    double[] weights = train.weights();
    double total = 0;
    for (int i = 0; i < train.rows(); i++) {
      double weight = weights == null ? 1 : weights[i];
      counts[(int) train.labels()[i]] += weight;
      total += weight;
    }
    for (int k = 0; k < counts.length; k++) {
      counts[k] /= total;
    }
    return counts;
  }

  static double mean(double[] values, double @Nullable [] weights) {
    double mean = 0;
    double total = 0;
    for (int i = 0; i < values.length; i++) {
      double weight = weights == null ? 1 : weights[i];
      total += weight;
      if (weight > 0) {
        mean += (values[i] - mean) * (weight / total);
      }
    }
    return mean;
  }

  /** The smallest label that at least this part of the weight does not exceed. */
  private static double quantile(RowBlock train, double level) {
    double[] labels = train.labels();
    double[] weights = train.weights();
    Integer[] order = new Integer[labels.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(labels[a], labels[b]));
    double total = weights == null ? labels.length : Arrays.stream(weights).sum();
    double sum = 0;
    for (int row : order) {
      sum += weights == null ? 1 : weights[row];
      if (sum >= level * total) {
        return labels[row];
      }
    }
    return labels[order[order.length - 1]];
  }
}
