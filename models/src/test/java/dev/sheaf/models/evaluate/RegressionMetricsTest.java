package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
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
    assertEquals(
        new RegressionMetrics(9, 0, 0, 0, 0, 1, 0, 0),
        RegressionMetrics.of(labels, labels.clone()));
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

  private static final double[] LABELS = {3, -1.5, 0, 12.25, 7, 2.5, 100};
  private static final double[] PREDICTIONS = {2.5, 0.5, 0, 11, 9.5, 2, 93};
  private static final double[] WEIGHTS = {1, 2, 0.5, 0, 3, 1.25, 0.75};

  /** Expected values: scikit-learn 1.9.1; wape and smape by their formulas in NumPy. */
  @Test
  void eachMetricAgreesWithScikitLearn() {
    RegressionMetrics metrics = RegressionMetrics.of(LABELS, PREDICTIONS);
    assertEquals(7, metrics.rows());
    assertEquals(2.9595487107713856, metrics.rmse(), 1e-14);
    assertEquals(1.9642857142857142, metrics.mae(), 1e-14);
    assertEquals(0.10891089108910891, metrics.wape(), 1e-14);
    assertEquals(0.4124480641278234, metrics.smape(), 1e-14);
    assertEquals(0.992380210517906, metrics.r2(), 1e-14);
    assertEquals(1.2535714285714286, metrics.pinball(0.9), 1e-14);
    assertEquals(0.7785714285714286, metrics.pinball(0.2), 1e-14);
  }

  /** Expected values as above, with {@code sample_weight}; the row of weight 0 is not counted. */
  @Test
  void eachWeightedMetricAgreesWithScikitLearn() {
    double[] broken = LABELS.clone();
    broken[3] = Double.NaN;
    for (double[] labels : new double[][] {LABELS, broken}) {
      RegressionMetrics metrics = RegressionMetrics.of(labels, PREDICTIONS, WEIGHTS);
      assertEquals(6, metrics.rows());
      assertEquals(2.7453168680285986, metrics.rmse(), 1e-14);
      assertEquals(2.1029411764705883, metrics.mae(), 1e-14);
      assertEquals(0.1700356718192628, metrics.wape(), 1e-14);
      assertEquals(0.6380107075017163, metrics.smape(), 1e-14);
      assertEquals(0.9901629062246927, metrics.r2(), 1e-14);
      assertEquals(0.8102941176470587, metrics.pinball(0.9), 1e-14);
      assertEquals(1.2323529411764707, metrics.pinball(0.2), 1e-14);
    }
  }

  /** Expected values: scikit-learn 1.9.1. */
  @Test
  void labelsFarFromZeroKeepTheirDigits() {
    double[] labels = new double[2000];
    double[] predicted = new double[labels.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = 1e9 + i * 104_729L % 1013;
      predicted[i] = labels[i] + (i * 7_919L % 1009 - 504) / 16.0;
    }
    RegressionMetrics metrics = RegressionMetrics.of(labels, predicted);
    assertEquals(18.21489367420244, metrics.rmse(), 1e-12);
    assertEquals(0.9961198378108019, metrics.r2(), 1e-12);
  }

  @Test
  void theScaleOfWeightsDoesNotCount() {
    RegressionMetrics once = RegressionMetrics.of(LABELS, PREDICTIONS, WEIGHTS);
    for (double scale : new double[] {0x1p-900, 0x1p900}) {
      double[] scaled = Arrays.stream(WEIGHTS).map(weight -> weight * scale).toArray();
      assertEquals(once, RegressionMetrics.of(LABELS, PREDICTIONS, scaled));
    }
    double[] ones = new double[LABELS.length];
    Arrays.fill(ones, 1);
    assertEquals(
        RegressionMetrics.of(LABELS, PREDICTIONS), RegressionMetrics.of(LABELS, PREDICTIONS, ones));
  }

  @Test
  void equalLabelsHaveMetricsToo() {
    RegressionMetrics zeros = RegressionMetrics.of(new double[] {0, 0}, new double[] {0, 3});
    assertEquals(Double.POSITIVE_INFINITY, zeros.wape());
    assertEquals(1, zeros.smape());
    assertEquals(0, zeros.r2());
    assertEquals(0, RegressionMetrics.of(new double[] {0.1, 0.1}, new double[] {0, 3}).r2());
    assertEquals(1, RegressionMetrics.of(new double[] {7}, new double[] {7}).r2());
  }

  @Test
  void hugeLabelsAndInfinitePredictionsHaveMetrics() {
    RegressionMetrics huge =
        RegressionMetrics.of(new double[] {1.5e308, -1.5e308}, new double[] {1.2e308, -1.5e308});
    assertEquals(0.3 / 1.35 / 2, huge.smape(), 1e-15);
    assertEquals(0.1, huge.wape(), 1e-15);
    assertEquals(1 - 0.09 / 4.5, huge.r2(), 1e-15);
    RegressionMetrics infinite =
        RegressionMetrics.of(new double[] {1, 2}, new double[] {Double.NEGATIVE_INFINITY, 2});
    double endless = Double.POSITIVE_INFINITY;
    assertEquals(
        new RegressionMetrics(2, endless, endless, endless, 1, -endless, endless, 0), infinite);
  }

  @Test
  void valuesAreNamedAndUndefinedOnesLeftOut() {
    RegressionMetrics metrics =
        RegressionMetrics.of(new double[] {1, 2, 3, 4}, new double[] {1, 5, 3, 0});
    assertEquals(
        "{mae=1.75, r2=-4.0, rmse=2.5, smape=0.7142857142857143, wape=0.7}",
        metrics.values().toString());
    assertEquals(0.75 * 1 + 0.25 * 0.75, metrics.values(0.75).get("pinball"));
    assertEquals(6, metrics.values(0.75).size());
    assertEquals(
        "{}",
        RegressionMetrics.of(new double[] {1}, new double[] {Double.NaN}).values(0.5).toString());
  }

  @Test
  void weightsAndLevelsThatAreNoneAreRefused() {
    double[] two = {1, 2};
    assertEquals("cannot weight 2 rows with 1 weights: one per row is needed", refusal(two, 1.0));
    assertEquals(
        "cannot weight a row with -1.0: a finite number from 0 is needed", refusal(two, 1, -1));
    assertEquals(
        "cannot weight a row with NaN: a finite number from 0 is needed",
        refusal(two, 1, Double.NaN));
    assertEquals(
        "cannot weight 2 rows with 0 alone: one weight above 0 is needed", refusal(two, 0, 0));
    RegressionMetrics metrics = RegressionMetrics.of(two, two);
    assertEquals(
        "cannot tell the pinball loss at level 1.0: it must be above 0 and below 1",
        assertThrows(IllegalArgumentException.class, () -> metrics.pinball(1)).getMessage());
  }

  private static @Nullable String refusal(double[] labels, double... weights) {
    return assertThrows(
            IllegalArgumentException.class, () -> RegressionMetrics.of(labels, labels, weights))
        .getMessage();
  }
}
