package dev.sheaf.models.features;

/** Arithmetic on columns in memory; each operation is a loop of its own, as compilers like it. */
final class ColumnArithmetic implements Arithmetic<double[][]> {
  /** Quotients below it are exact to less than 1. */
  private static final double LARGEST_QUOTIENT = 1L << 50;

  @Override
  public double[][] add(double[][] left, double[][] right) {
    double[][] result = new double[left.length][];
    for (int c = 0; c < result.length; c++) {
      double[] to = left[c].clone();
      for (int i = 0; i < to.length; i++) {
        to[i] += right[c][i];
      }
      result[c] = to;
    }
    return result;
  }

  @Override
  public double[][] subtract(double[][] left, double[][] right) {
    double[][] result = new double[left.length][];
    for (int c = 0; c < result.length; c++) {
      double[] to = left[c].clone();
      for (int i = 0; i < to.length; i++) {
        to[i] -= right[c][i];
      }
      result[c] = to;
    }
    return result;
  }

  @Override
  public double[][] add(double[][] left, double[] right) {
    double[][] result = repeated(left, right.length);
    for (int c = 0; c < result.length; c++) {
      double[] to = result[c];
      double constant = right[c];
      for (int i = 0; i < to.length; i++) {
        to[i] += constant;
      }
    }
    return result;
  }

  @Override
  public double[][] multiply(double[][] left, double[] right) {
    double[][] result = repeated(left, right.length);
    for (int c = 0; c < result.length; c++) {
      double[] to = result[c];
      double constant = right[c];
      for (int i = 0; i < to.length; i++) {
        to[i] *= constant;
      }
    }
    return result;
  }

  @Override
  public double[][] divide(double[][] left, double[] right) {
    double[][] result = repeated(left, right.length);
    for (int c = 0; c < result.length; c++) {
      double[] to = result[c];
      double constant = right[c];
      for (int i = 0; i < to.length; i++) {
        to[i] /= constant;
      }
    }
    return result;
  }

  @Override
  public double[][] remainder(double[][] left, double[] right) {
    double[][] result = repeated(left, right.length);
    for (int c = 0; c < result.length; c++) {
      double[] to = result[c];
      double constant = right[c];
      for (int i = 0; i < to.length; i++) {
        to[i] = remainder(to[i], constant);
      }
    }
    return result;
  }

  /**
   * What {@code value % divisor} is, several times as fast where it can be: a remainder is always a
   * double, so the one rounding of a fused multiplication and addition does not change it. The
   * quotient is the true one or, if rounding brought it to the next whole number, one too large.
   */
  private static double remainder(double value, double divisor) {
    double quotient = Math.floor(value / divisor);
    if (value >= 0 && quotient > 0 && quotient < LARGEST_QUOTIENT) {
      double remainder = Math.fma(-quotient, divisor, value);
      return remainder >= 0 ? remainder : Math.fma(1 - quotient, divisor, value);
    }
    return value % divisor;
  }

  @Override
  public double[][] floor(double[][] matrix) {
    double[][] result = repeated(matrix, matrix.length);
    for (double[] column : result) {
      for (int i = 0; i < column.length; i++) {
        column[i] = Math.floor(column[i]);
      }
    }
    return result;
  }

  @Override
  public double[][] ceil(double[][] matrix) {
    double[][] result = repeated(matrix, matrix.length);
    for (double[] column : result) {
      for (int i = 0; i < column.length; i++) {
        column[i] = Math.ceil(column[i]);
      }
    }
    return result;
  }

  private static double[][] repeated(double[][] matrix, int columns) {
    double[][] copies = new double[columns][];
    for (int c = 0; c < columns; c++) {
      copies[c] = matrix[matrix.length == 1 ? 0 : c].clone();
    }
    return copies;
  }
}
