package dev.sheaf.models.train.mlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  @Property(seed = "1")
  void isTheExponential(@ForAll @DoubleRange(min = -708, max = 709) double x) {
    double expected = StrictMath.exp(x);
    assertEquals(expected, Exponential.of(x), 1e-15 * expected);
  }

  @Property(seed = "2")
  void isTheHyperbolicTangent(@ForAll @DoubleRange(min = -30, max = 30) double x) {
    assertEquals(StrictMath.tanh(x), Exponential.tanh(x), 1e-15);
  }

  @Test
  void goesToItsLimits() {
    assertEquals(1, Exponential.of(0));
    assertEquals(0, Exponential.of(-1000));
    assertEquals(0, Exponential.of(Double.NEGATIVE_INFINITY));
    assertEquals(Double.POSITIVE_INFINITY, Exponential.of(1000));
    assertTrue(Double.isNaN(Exponential.of(Double.NaN)));
    assertEquals(1, Exponential.tanh(1e9));
    assertEquals(-1, Exponential.tanh(-1e9));
  }
}
