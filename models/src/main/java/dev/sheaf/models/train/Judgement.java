package dev.sheaf.models.train;

import dev.sheaf.models.evaluate.ClassificationMetrics;
import dev.sheaf.models.evaluate.RegressionMetrics;
import dev.sheaf.models.table.RowBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares predictions of one or more parts of held-out rows with what happened. */
final class Judgement {
  private final Task task;
  private final List<HeldOut> parts;

  private Judgement(Task task, List<HeldOut> parts) {
    this.task = task;
    this.parts = parts;
  }

  /** The metrics over all rows of all parts; none if there are no rows, or none of any weight. */
  static SortedMap<String, Double> metrics(Task task, List<HeldOut> parts) {
    List<HeldOut> filled = parts.stream().filter(part -> weighs(part.rows())).toList();
    if (filled.isEmpty()) {
      return new TreeMap<>();
    }
    Judgement judgement = new Judgement(task, filled);
    return task.isClassification() ? judgement.ofClasses() : judgement.ofNumbers();
  }

  /** The loss that the task is judged by; null without rows, NaN where it is not defined. */
  static @Nullable Double loss(Task task, HeldOut part) {
    if (!weighs(part.rows())) {
      return null;
    }
    Double loss = metrics(task, List.of(part)).get(task.loss());
    return loss == null ? (Double) Double.NaN : loss;
  }

  private static boolean weighs(RowBlock rows) {
    double[] weights = rows.weights();
    return weights == null ? rows.rows() > 0 : Arrays.stream(weights).anyMatch(one -> one > 0);
  }

  private SortedMap<String, Double> ofNumbers() {
    List<double[]> actual = new ArrayList<>();
    List<double[]> predicted = new ArrayList<>();
    for (HeldOut part : parts) {
      actual.add(part.rows().labels());
      predicted.add(part.predictions());
    }
    RegressionMetrics metrics = RegressionMetrics.of(join(actual), join(predicted), weights());
    return task instanceof Task.Quantile quantile
        ? metrics.values(quantile.level())
        : metrics.values();
  }

  private SortedMap<String, Double> ofClasses() {
    List<String> classes = classes();
    int rows = parts.stream().mapToInt(part -> part.rows().rows()).sum();
    int[] actual = new int[rows];
    double[] probabilities = new double[rows * classes.size()];
    int at = 0;
    for (HeldOut part : parts) {
      int[] known = part.classes().stream().mapToInt(classes::indexOf).toArray();
      int[] seen = part.rows().classes().stream().mapToInt(classes::indexOf).toArray();
      double[] labels = part.rows().labels();
      for (int i = 0; i < labels.length; i++) {
        actual[at] = seen[(int) labels[i]];
        for (int k = 0; k < known.length; k++) {
          probabilities[at * classes.size() + known[k]] = part.predictions()[i * known.length + k];
        }
        at++;
      }
    }
    return ClassificationMetrics.of(actual, probabilities, classes.size(), weights()).values();
  }

  /** The classes that any of the models knows. */
  private List<String> classes() {
    TreeSet<String> all = new TreeSet<>();
    parts.forEach(part -> all.addAll(part.classes()));
    return List.copyOf(all);
  }

  private double @Nullable [] weights() {
    if (parts.stream().allMatch(part -> part.rows().weights() == null)) {
      return null;
    }
    return RowBlock.concat(parts.stream().map(HeldOut::rows).toList()).weights();
  }

  private static double[] join(List<double[]> arrays) {
    if (arrays.size() == 1) {
      return arrays.get(0);
    }
    double[] joined = new double[arrays.stream().mapToInt(array -> array.length).sum()];
    int at = 0;
    for (double[] array : arrays) {
      System.arraycopy(array, 0, joined, at, array.length);
      at += array.length;
    }
    return joined;
  }
}
