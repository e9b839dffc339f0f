package dev.sheaf.models.evaluate;

/**
 * Neumaier's sum: the rounding error of each addition is kept and added at the end (A. Neumaier,
 * ZAMM 54, 1974).
 */
final class CompensatedSum {
  private double sum;
  private double lost;

  void add(double value) {
    double next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }

  double value() {
    return sum + lost;
  }
}
