package dev.sheaf.models.train.mlp;

/**
 * The exponential function from additions and multiplications alone, so that a model is the same on
 * every processor; {@code Math.exp} may differ in the last digit, {@code StrictMath.exp} takes
 * three times as long.
 *
 * <p>{@code exp(x) = 2^k * exp(r)} with {@code |r| <= ln(2)/2}, and a Taylor polynomial for {@code
 * exp(r)} whose remainder is below 1e-17. {@code ln(2)} is taken in two parts (W. J. Cody and W.
 * Waite, Software Manual for the Elementary Functions, 1980).
 */
final class Exponential {
  private static final double LOWEST = -708;
  private static final double HIGHEST = 709;
  private static final double LOG2_E = 1.4426950408889634;

  /** The leading 32 bits of ln(2): its product with a small whole number is exact. */
  private static final double LN_2_HIGH = 0x1.62e42feep-1;

  private static final double LN_2_LOW = 0x1.a39ef35793c76p-33;
  private static final int BIAS = 1023;
  private static final int MANTISSA_BITS = 52;

  /** 1/13! to 1/0!. */
  private static final double[] TAYLOR = taylor(13);

  private Exponential() {}

  /** e to the power x; 0 below -708, infinite above 709. */
  static double of(double x) {
    if (!(x >= LOWEST)) {
      return x < LOWEST ? 0 : Double.NaN;
    }
    if (x > HIGHEST) {
      return Double.POSITIVE_INFINITY;
    }
    double k = Math.floor(x * LOG2_E + 0.5);
    double r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    double sum = TAYLOR[0];
    for (int i = 1; i < TAYLOR.length; i++) {
      sum = sum * r + TAYLOR[i];
    }
    return sum * Double.longBitsToDouble(((long) k + BIAS) << MANTISSA_BITS);
  }

  /** The hyperbolic tangent, to 1e-15. */
  static double tanh(double x) {
    return 1 - 2 / (of(2 * x) + 1);
  }

  private static double[] taylor(int degree) {
    double[] factors = new double[degree + 1];
    double factorial = 1;
    for (int i = 0; i <= degree; i++) {
      factorial *= Math.max(1, i);
      factors[degree - i] = 1 / factorial;
    }
    return factors;
  }
}
