package dev.sheaf.models.features;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Arithmetic on columns in memory. */
final class ColumnArithmetic implements Arithmetic<double[][]> {
  @Override
  public double[][] add(double[][] left, double[][] right) {
    return combine(left, right, Double::sum);
  }

  @Override
  public double[][] subtract(double[][] left, double[][] right) {
    return combine(left, right, (a, b) -> a - b);
  }

  @Override
  public double[][] add(double[][] left, double[] right) {
    return combine(left, right, Double::sum);
  }

  @Override
  public double[][] multiply(double[][] left, double[] right) {
    return combine(left, right, (a, b) -> a * b);
  }

  @Override
  public double[][] divide(double[][] left, double[] right) {
    return combine(left, right, (a, b) -> a / b);
  }

  @Override
  public double[][] remainder(double[][] left, double[] right) {
    return combine(left, right, (a, b) -> a % b);
  }

  @Override
  public double[][] floor(double[][] matrix) {
    return map(matrix, Math::floor);
  }

  @Override
  public double[][] ceil(double[][] matrix) {
    return map(matrix, Math::ceil);
  }

  private static double[][] combine(
      double[][] left, double[] right, DoubleBinaryOperator operator) {
    double[][] result = new double[right.length][];
    for (int c = 0; c < result.length; c++) {
      double constant = right[c];
      result[c] = map(left[left.length == 1 ? 0 : c], a -> operator.applyAsDouble(a, constant));
    }
    return result;
  }

  private static double[][] combine(
      double[][] left, double[][] right, DoubleBinaryOperator operator) {
    double[][] result = new double[left.length][];
    for (int c = 0; c < result.length; c++) {
      result[c] = new double[left[c].length];
      for (int i = 0; i < result[c].length; i++) {
        result[c][i] = operator.applyAsDouble(left[c][i], right[c][i]);
      }
    }
    return result;
  }

  private static double[][] map(double[][] matrix, DoubleUnaryOperator operator) {
    double[][] result = new double[matrix.length][];
    for (int c = 0; c < result.length; c++) {
      result[c] = map(matrix[c], operator);
    }
    return result;
  }

  private static double[] map(double[] column, DoubleUnaryOperator operator) {
    double[] result = new double[column.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = operator.applyAsDouble(column[i]);
    }
    return result;
  }
}
