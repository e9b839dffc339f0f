package dev.sheaf.models.evaluate;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How well predicted probabilities fit the classes that were seen.
 *
 * <p>The predicted class is the one of the largest probability, the first of several. A row whose
 * class the model does not know counts in {@code logLoss} as a probability of {@value
 * #SMALLEST_PROBABILITY}, in {@code accuracy} and {@code f1} as a wrong prediction, and is left out
 * of {@code auc}. A metric that is not defined for the rows is NaN.
 *
 * @param rows the number of rows compared, at least 1; rows of weight 0 are left out
 * @param logLoss the mean of {@code -ln(p)}, where {@code p} is the probability of the row's class,
 *     not taken below {@value #SMALLEST_PROBABILITY} nor above 1; 0 is best
 * @param auc the area under the receiver operating characteristic; 1 is best, 0.5 is chance. It is
 *     the probability that of two rows the one of the class has the larger probability of it, a tie
 *     counting half (Mann and Whitney). With two classes: of the second; with more: the mean over
 *     the classes against the rest. Classes that all or none of the rows have are left out, and it
 *     is NaN where none is left
 * @param accuracy the part of the rows whose predicted class is their class; 1 is best
 * @param f1 the harmonic mean of precision and recall, {@code 2 tp / (2 tp + fp + fn)}; 1 is best.
 *     With two classes: of the second, NaN where no row has it and none is predicted; otherwise the
 *     mean over the known classes that a row has or that are predicted
 */
public record ClassificationMetrics(
    long rows, double logLoss, double auc, double accuracy, double f1) {
  /** The probability that a row's class is given at least: 2 to the power of -52. */
  public static final double SMALLEST_PROBABILITY = 0x1p-52;

  /** The index of a class that the model does not know. */
  public static final int UNKNOWN = -1;

  /**
   * Compares predicted probabilities with the classes that were seen. A NaN among the probabilities
   * makes every metric NaN.
   *
   * @param actual each row's class, from 0 to {@code classes - 1}, or {@link #UNKNOWN}; at least
   *     one row
   * @param probabilities row after row, one probability per class
   * @param classes the number of classes that the model knows, at least 1
   * @param weights one per row, finite and not negative, one of them above 0; null for all 1
   * @throws IllegalArgumentException if the lengths do not fit, a class is out of range, or a
   *     weight is none
   */
  public static ClassificationMetrics of(
      int[] actual, double[] probabilities, int classes, double @Nullable [] weights) {
    int n = actual.length;
    if (n == 0 || classes < 1 || probabilities.length != (long) n * classes) {
      throw new IllegalArgumentException(
          ("cannot compare %d rows of %d classes with %d probabilities: one per row and class is"
                  + " needed, and at least one row and class")
              .formatted(n, classes, probabilities.length));
    }
    for (int label : actual) {
      if (label < UNKNOWN || label >= classes) {
        throw new IllegalArgumentException(
            "cannot judge a row of class %d: from 0 to %d are known, %d is any other"
                .formatted(label, classes - 1, UNKNOWN));
      }
    }
    RowWeights rowWeights = RowWeights.of(weights, n);
    for (int i = 0; i < probabilities.length; i++) {
      if (Double.isNaN(probabilities[i]) && rowWeights.at(i / classes) > 0) {
        double none = Double.NaN;
        return new ClassificationMetrics(rowWeights.rows(), none, none, none, none);
      }
    }
    return new Counts(actual, probabilities, classes, rowWeights).metrics();
  }

  /**
   * The metrics by name: {@code accuracy}, {@code auc}, {@code f1}, {@code log_loss}; those that
   * are NaN are left out.
   */
  public SortedMap<String, Double> values() {
    SortedMap<String, Double> values = new TreeMap<>();
    RegressionMetrics.put(values, "log_loss", logLoss);
    RegressionMetrics.put(values, "auc", auc);
    RegressionMetrics.put(values, "accuracy", accuracy);
    RegressionMetrics.put(values, "f1", f1);
    return Collections.unmodifiableSortedMap(values);
  }

  /** The rows with what is counted of them. */
  private static final class Counts {
    private final int[] actual;
    private final double[] probabilities;
    private final int classes;
    private final RowWeights weights;
    private final CompensatedSum losses = new CompensatedSum();
    private final CompensatedSum[] hits;
    private final CompensatedSum[] seen;
    private final CompensatedSum[] predicted;

    Counts(int[] actual, double[] probabilities, int classes, RowWeights weights) {
      this.actual = actual;
      this.probabilities = probabilities;
      this.classes = classes;
      this.weights = weights;
      hits = sums();
      seen = sums();
      predicted = sums();
    }

    private CompensatedSum[] sums() {
      CompensatedSum[] sums = new CompensatedSum[classes];
      Arrays.setAll(sums, i -> new CompensatedSum());
      return sums;
    }

    ClassificationMetrics metrics() {
      for (int row = 0; row < actual.length; row++) {
        double weight = weights.at(row);
        if (weight > 0) {
          count(row, weight);
        }
      }
      CompensatedSum right = new CompensatedSum();
      for (CompensatedSum hit : hits) {
        right.add(hit.value());
      }
      return new ClassificationMetrics(
          weights.rows(),
          losses.value() / weights.total(),
          auc(),
          right.value() / weights.total(),
          f1());
    }

    private void count(int row, double weight) {
      int label = actual[row];
      int guess = 0;
      for (int k = 1; k < classes; k++) {
        if (probabilities[row * classes + k] > probabilities[row * classes + guess]) {
          guess = k;
        }
      }
      predicted[guess].add(weight);
      double probability = 0;
      if (label != UNKNOWN) {
        seen[label].add(weight);
        probability = probabilities[row * classes + label];
      }
      if (label == guess) {
        hits[label].add(weight);
      }
      double clipped = Math.max(SMALLEST_PROBABILITY, Math.min(1, probability));
      losses.add(weight * (0 - Math.log(clipped)));
    }

    private double f1() {
      if (classes == 2) {
        return f1(1);
      }
      double sum = 0;
      int counted = 0;
      for (int k = 0; k < classes; k++) {
        double one = f1(k);
        if (!Double.isNaN(one)) {
          sum += one;
          counted++;
        }
      }
      return sum / counted;
    }

    private double f1(int k) {
      double either = seen[k].value() + predicted[k].value();
      return either == 0 ? Double.NaN : 2 * hits[k].value() / either;
    }

    private double auc() {
      if (classes == 2) {
        return RankArea.of(actual, probabilities, classes, weights, 1);
      }
      double sum = 0;
      int counted = 0;
      for (int k = 0; k < classes; k++) {
        double one = RankArea.of(actual, probabilities, classes, weights, k);
        if (!Double.isNaN(one)) {
          sum += one;
          counted++;
        }
      }
      return counted == 0 ? Double.NaN : sum / counted;
    }
  }
}
