package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegressionMetricsTest {
  @Test
  void squaresAndAbsolutesOfTheErrors() {
    RegressionMetrics metrics =
        RegressionMetrics.of(new double[] {1, 2, 3, 4}, new double[] {1, 5, 3, 0});
    assertEquals(4, metrics.rows());
    assertEquals(2.5, metrics.rmse(), 1e-15);
    assertEquals(1.75, metrics.mae(), 1e-15);
  }

  @Test
  void hugeAndTinyErrorsKeepTheirDigits() {
    for (double scale : new double[] {1e300, 1e-300, Double.MIN_VALUE}) {
      RegressionMetrics metrics =
          RegressionMetrics.of(new double[] {0, 0}, new double[] {scale, -scale});
      assertEquals(scale, metrics.rmse(), 1e-15 * scale);
      assertEquals(scale, metrics.mae(), 1e-15 * scale);
    }
  }

  @Test
  void manyRowsCostNoDigits() {
    double[] actual = new double[3_000_000];
    double[] predicted = new double[actual.length];
    Arrays.fill(predicted, 0.1);
    actual[0] = 1000.1;
    RegressionMetrics metrics = RegressionMetrics.of(actual, predicted);
    double expected = ((actual.length - 1) * 0.1 + 1000) / actual.length;
    assertEquals(expected, metrics.mae(), 1e-15 * expected);
  }

  @Test
  void noErrorIsZeroAndAnInfiniteOneStaysSo() {
    double[] labels = new Random(1).doubles(9).toArray();
    assertEquals(new RegressionMetrics(9, 0, 0), RegressionMetrics.of(labels, labels.clone()));
    double[] broken = labels.clone();
    broken[4] = Double.POSITIVE_INFINITY;
    assertEquals(Double.POSITIVE_INFINITY, RegressionMetrics.of(labels, broken).rmse());
    broken[4] = Double.NaN;
    assertEquals(Double.NaN, RegressionMetrics.of(labels, broken).mae());
  }

  @Test
  void noRowsAreRefused() {
    assertEquals(
        "cannot compare 0 labels with 1 predictions: as many of both are needed, and at least one",
        assertThrows(
                IllegalArgumentException.class,
                () -> RegressionMetrics.of(new double[0], new double[1]))
            .getMessage());
  }
}
