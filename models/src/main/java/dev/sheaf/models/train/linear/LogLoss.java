package dev.sheaf.models.train.linear;

import java.util.Arrays;

/**
 * The mean log loss of scores that are linear in standardised columns, plus half the ridge times
 * the squares of the coefficients. Two classes have one score, that of the second; more have one
 * each. A point holds score after score the intercept and the coefficients.
 */
final class LogLoss implements Lbfgs.Function {
  private final double[][] columns;
  private final double[] labels;

  /** The rows' weights; they add up to 1. */
  private final double[] weights;

  private final int scores;
  private final double ridge;
  private final double[][] margins;

  LogLoss(double[][] columns, double[] labels, double[] weights, int classes, double ridge) {
    this.columns = columns;
    this.labels = labels;
    this.weights = weights;
    this.scores = classes == 2 ? 1 : classes;
    this.ridge = ridge;
    this.margins = new double[scores][labels.length];
  }

  /** Where every class has its frequency. */
  double[] start() {
    double[] frequencies = new double[Math.max(2, scores)];
    for (int i = 0; i < labels.length; i++) {
      frequencies[(int) labels[i]] += weights[i];
    }
    double[] start = new double[scores * (columns.length + 1)];
    for (int k = 0; k < scores; k++) {
      start[k * (columns.length + 1)] =
          scores == 1 ? Math.log(frequencies[1] / frequencies[0]) : Math.log(frequencies[k]);
    }
    return start;
  }

  @Override
  public double at(double[] point, double[] gradient) {
    int width = columns.length + 1;
    for (int k = 0; k < scores; k++) {
      Arrays.fill(margins[k], point[k * width]);
      for (int j = 0; j < columns.length; j++) {
        add(point[k * width + 1 + j], columns[j], margins[k]);
      }
    }
    double loss = scores == 1 ? binary() : multinomial();
    for (int k = 0; k < scores; k++) {
      gradient[k * width] = Arrays.stream(margins[k]).sum();
      for (int j = 0; j < columns.length; j++) {
        double coefficient = point[k * width + 1 + j];
        loss += 0.5 * ridge * coefficient * coefficient;
        gradient[k * width + 1 + j] = dot(columns[j], margins[k]) + ridge * coefficient;
      }
    }
    return loss;
  }

  private static void add(double coefficient, double[] column, double[] margins) {
    if (coefficient != 0) {
      for (int i = 0; i < margins.length; i++) {
        margins[i] += coefficient * column[i];
      }
    }
  }

  private static double dot(double[] column, double[] residuals) {
    double sum = 0;
    for (int i = 0; i < residuals.length; i++) {
      sum += column[i] * residuals[i];
    }
    return sum;
  }

  /** The loss; the margins become weighted residuals. */
  private double binary() {
    double loss = 0;
    double[] margin = margins[0];
    for (int i = 0; i < margin.length; i++) {
      double sign = labels[i] == 1 ? 1 : -1;
      double towards = sign * margin[i];
      double odds = Math.exp(-Math.abs(towards));
      loss += weights[i] * (Math.log1p(odds) + Math.max(0, -towards));
      double wrong = (towards > 0 ? odds : 1) / (1 + odds);
      margin[i] = -sign * weights[i] * wrong;
    }
    return loss;
  }

  private double multinomial() {
    double loss = 0;
    for (int i = 0; i < labels.length; i++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (double[] margin : margins) {
        largest = Math.max(largest, margin[i]);
      }
      double own = margins[(int) labels[i]][i] - largest;
      double sum = 0;
      for (double[] margin : margins) {
        margin[i] = Math.exp(margin[i] - largest);
        sum += margin[i];
      }
      loss += weights[i] * (Math.log(sum) - own);
      for (int k = 0; k < scores; k++) {
        margins[k][i] = weights[i] * (margins[k][i] / sum - (labels[i] == k ? 1 : 0));
      }
    }
    return loss;
  }
}
