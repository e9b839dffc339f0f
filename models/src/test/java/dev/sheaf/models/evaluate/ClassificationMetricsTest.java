package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {
  private static final int[] BINARY = {0, 1, 1, 0, 1, 0, 0, 1};
  private static final double[] SECOND = {.1, .8, .35, .35, .9, .6, .2, .5};
  private static final double[] BINARY_WEIGHTS = {1, 2, .5, 1.5, 3, 0, 1, .25};

  private static final int[] MULTI = {0, 1, 2, 2, 1, 0, 2, 1, 0};
  private static final double[] MULTI_PROBABILITIES = {
    .7, .2, .1, .2, .5, .3, .1, .2, .7, .4, .35, .25, .3, .3, .4, .5, .25, .25, .1, .1, .8, 0, 1, 0,
    .25, .6, .15
  };
  private static final double[] MULTI_WEIGHTS = {1, 2, 3, .5, 1, 1, .25, 4, 2};

  private static double[] both(double... second) {
    return Arrays.stream(second).flatMap(p -> Arrays.stream(new double[] {1 - p, p})).toArray();
  }

  private static void assertMetrics(
      ClassificationMetrics metrics, double logLoss, double auc, double accuracy, double f1) {
    assertEquals(logLoss, metrics.logLoss(), 1e-14);
    assertEquals(auc, metrics.auc(), 1e-14);
    assertEquals(accuracy, metrics.accuracy(), 1e-14);
    assertEquals(f1, metrics.f1(), 1e-14);
  }

  /** Expected values: scikit-learn 1.9.1, with and without {@code sample_weight}. */
  @Test
  void twoClassesAgreeWithScikitLearn() {
    ClassificationMetrics metrics = ClassificationMetrics.of(BINARY, both(SECOND), 2, null);
    assertEquals(8, metrics.rows());
    assertMetrics(metrics, 0.468381385871163, 0.84375, 0.625, 0.5714285714285714);
    ClassificationMetrics weighted =
        ClassificationMetrics.of(BINARY, both(SECOND), 2, BINARY_WEIGHTS);
    assertEquals(7, weighted.rows());
    assertMetrics(
        weighted, 0.26326972411912875, 0.9813664596273292, 0.918918918918919, 0.9302325581395349);
  }

  /** Expected values: scikit-learn 1.9.1, {@code ovr} and {@code macro}. */
  @Test
  void moreClassesAgreeWithScikitLearn() {
    assertMetrics(
        ClassificationMetrics.of(MULTI, MULTI_PROBABILITIES, 3, null),
        0.6999277029863648,
        0.8611111111111112,
        0.6666666666666666,
        0.6666666666666666);
    assertMetrics(
        ClassificationMetrics.of(MULTI, MULTI_PROBABILITIES, 3, MULTI_WEIGHTS),
        0.5580770110094224,
        0.9226642158375092,
        0.7627118644067796,
        0.7426282051282053);
  }

  /** Expected values: scikit-learn 1.9.1. */
  @Test
  void manyTiedRowsAgreeWithScikitLearn() {
    int[] actual = new int[2000];
    double[] second = new double[2000];
    for (int i = 0; i < actual.length; i++) {
      double score = i * 7_919L % 1009 / 1008.0;
      actual[i] = i * 104_729L % 1013 / 1012.0 < score ? 1 : 0;
      second[i] = Math.floor(score * 50) / 50;
    }
    assertEquals(998, Arrays.stream(actual).sum());
    ClassificationMetrics metrics = ClassificationMetrics.of(actual, both(second), 2, null);
    assertEquals(0.8289243156972628, metrics.auc(), 1e-14);
    assertEquals(0.7385086823289071, metrics.f1(), 1e-14);
  }

  @Test
  void aModelWithoutAnyIdeaHasHalfTheArea() {
    ClassificationMetrics metrics =
        ClassificationMetrics.of(new int[] {0, 1, 1}, both(.5, .5, .5), 2, null);
    assertMetrics(metrics, Math.log(2), 0.5, 1 / 3.0, 0);
  }

  @Test
  void probabilitiesAreClipped() {
    ClassificationMetrics wrong =
        ClassificationMetrics.of(new int[] {1, 0}, new double[] {1.5, -0.5, 1.5, -0.5}, 2, null);
    assertEquals(52 * Math.log(2) / 2, wrong.logLoss(), 1e-14);
  }

  @Test
  void aClassThatTheModelDoesNotKnowIsAWrongPrediction() {
    ClassificationMetrics metrics =
        ClassificationMetrics.of(new int[] {1, -1, 0}, both(.75, .5625, .25), 2, null);
    assertMetrics(metrics, (52 * Math.log(2) - 2 * Math.log(.75)) / 3, 1, 2 / 3.0, 2 / 3.0);
  }

  @Test
  void classesThatNoRowHasAreLeftOut() {
    int[] actual = {0, 1, 0};
    double[] probabilities = {.6, .3, .1, .2, .7, .1, .3, .4, .3};
    ClassificationMetrics metrics = ClassificationMetrics.of(actual, probabilities, 3, null);
    assertEquals(1, metrics.auc());
    assertEquals((2 / 3.0 + 2 / 3.0) / 2, metrics.f1());
  }

  @Test
  void undefinedMetricsAreLeftOutOfTheValues() {
    assertEquals(
        "{accuracy=1.0, log_loss=0.0}",
        ClassificationMetrics.of(new int[] {0, 0}, both(0, 0), 2, null).values().toString());
    assertEquals(
        "{accuracy=0.5, auc=1.0, f1=0.6666666666666666, log_loss=0.5226838870746486}",
        ClassificationMetrics.of(new int[] {1, 0}, both(.75, .53125), 2, null).values().toString());
    assertEquals(
        "{}",
        ClassificationMetrics.of(new int[] {0, 1}, both(0, Double.NaN), 2, null)
            .values()
            .toString());
    assertEquals(
        "{accuracy=1.0, f1=1.0, log_loss=0.0}",
        ClassificationMetrics.of(new int[] {0}, new double[] {1}, 1, null).values().toString());
  }

  @Test
  void argumentsThatDoNotFitAreRefused() {
    assertEquals(
        "cannot compare 1 rows of 2 classes with 3 probabilities: one per row and class is needed,"
            + " and at least one row and class",
        refusal(new int[1], new double[3], 2));
    assertEquals(
        "cannot compare 0 rows of 2 classes with 0 probabilities: one per row and class is needed,"
            + " and at least one row and class",
        refusal(new int[0], new double[0], 2));
    assertEquals(
        "cannot judge a row of class 2: from 0 to 1 are known, -1 is any other",
        refusal(new int[] {2}, new double[2], 2));
  }

  private static @Nullable String refusal(int[] actual, double[] probabilities, int classes) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> ClassificationMetrics.of(actual, probabilities, classes, null))
        .getMessage();
  }
}
