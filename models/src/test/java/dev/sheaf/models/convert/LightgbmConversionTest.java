package dev.sheaf.models.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.trees.BoosterHead;
import dev.sheaf.models.trees.TreeEnsemble;
import dev.sheaf.models.trees.UnreadableModelException;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Converted models against LightGBM itself, on models trained here. */
class LightgbmConversionTest {
  private static final String ALWAYS =
      " num_threads=1 verbosity=-1 deterministic=true force_row_wise=true min_data_in_leaf=5"
          + " min_data_per_group=5 cat_smooth=1 ";
  private static final List<String> OBJECTIVES =
      List.of(
          "regression",
          "regression_l1",
          "huber",
          "fair",
          "quantile alpha=0.8",
          "mape",
          "poisson",
          "gamma",
          "tweedie",
          "regression reg_sqrt=true",
          "binary",
          "binary sigmoid=0.7",
          "cross_entropy",
          "cross_entropy_lambda",
          "multiclass num_class=3",
          "multiclass num_class=7",
          "multiclassova num_class=4 sigmoid=1.3");
  private static final List<String> BOOSTINGS =
      List.of(
          "gbdt",
          "dart drop_rate=0.4",
          "rf bagging_freq=1 bagging_fraction=0.6 feature_fraction=0.7",
          "gbdt bagging_freq=1 bagging_fraction=0.5",
          "goss");

  record Case(int seed, String parameters, int categorical, int features, int categories) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int categorical = random.nextInt(3);
      int features = categorical + 1 + random.nextInt(6);
      String parameters =
          "objective="
              + OBJECTIVES.get(seed % OBJECTIVES.size())
              + " boosting="
              + BOOSTINGS.get(seed % BOOSTINGS.size())
              + " num_leaves="
              + (2 + random.nextInt(40))
              + " max_cat_to_onehot="
              + (random.nextBoolean() ? 4 : 40)
              + " max_bin="
              + (random.nextBoolean() ? 255 : 15)
              + (random.nextInt(5) == 0 ? " use_missing=false" : "")
              + " categorical_feature="
              + String.join(
                  ",", IntStream.range(0, categorical).mapToObj(Integer::toString).toList())
              + ALWAYS
              + " seed="
              + seed;
      cases.add(new Case(seed, parameters, categorical, features, seed % 3 == 0 ? 70 : 6));
    }
    return cases;
  }

  private static float[] labels(Case given, Probes probes, double[][] rows) {
    float[] labels = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double signal = probes.signal(rows[i]);
      String p = given.parameters();
      int classes = p.contains("num_class=3") ? 3 : p.contains("num_class=7") ? 7 : 4;
      if (p.contains("multiclass")) {
        labels[i] = (float) Math.floorMod((int) Math.floor(signal * 2), classes);
      } else if (p.contains("binary")) {
        labels[i] = signal > 0.2 ? 1 : 0;
      } else if (p.contains("cross_entropy")) {
        labels[i] = (float) (1 / (1 + Math.exp(-signal)));
      } else if (p.contains("poisson")
          || p.contains("tweedie")
          || p.contains("gamma")
          || p.contains("mape")) {
        labels[i] = (float) (Math.floor(Math.exp(signal)) + 1);
      } else {
        labels[i] = (float) (11 + signal);
      }
    }
    return labels;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void convertedModelsPredictAsTheLibrary(Case given)
      throws LGBMException, IOException, OrtException {
    Random random = new Random(given.seed());
    Probes probes = new Probes(random, given.categorical(), given.features(), given.categories());
    double[][] rows = probes.training(300);
    int rounds = 2 + random.nextInt(25);
    int kept = given.seed() % 4 == 0 ? 1 + rounds / 2 : rounds;
    try (LightgbmLibrary library =
        LightgbmLibrary.train(rows, labels(given, probes, rows), given.parameters(), rounds)) {
      ModelConverter converter = ModelConverter.lightgbm(library.save(kept));
      TreeEnsemble trees = (TreeEnsemble) converter.booster();
      double[][] asked = probes.probes(trees, false, true);
      double[][] margins = library.margins(asked, kept);
      for (double[] row : margins) {
        for (int k = 0; k < row.length; k++) {
          row[k] /= trees.divisor();
        }
      }
      double[][] found =
          OnnxScorer.run(converter.withRawMargins().toOnnx(), asked, ModelConverter.MARGIN);
      for (int i = 0; i < asked.length; i++) {
        assertArrayEquals(
            margins[i], found[i], 0, "margins of row " + i + " " + Arrays.toString(asked[i]));
      }
      assertPredictions(converter, library.predict(asked, kept), asked);
    }
  }

  private static void assertPredictions(
      ModelConverter converter, double[][] expected, double[][] asked) throws OrtException {
    BoosterHead head = converter.booster().head();
    String output = head.classes() > 0 ? ModelSession.PROBABILITIES : ModelSession.OUTPUT;
    try (OnnxScorer scorer = new OnnxScorer(converter.toOnnx())) {
      double[][] found = scorer.run(asked, output);
      double[][] comparable = found;
      if (head.classes() == 2 && head.outputs() == 1) {
        comparable =
            Arrays.stream(found).map(row -> new double[] {row[1]}).toArray(double[][]::new);
      }
      double largest = Differences.largest(expected, comparable);
      assertTrue(largest <= 1e-13, "largest relative difference " + largest);
      for (int batch : new int[] {1, 7, 256}) {
        assertTrue(Arrays.deepEquals(found, scorer.run(asked, output, batch)), "batch " + batch);
      }
    }
  }

  @Test
  void linearTreesAreRefused() {
    assertRefused(
        "objective=regression linear_tree=true" + ALWAYS,
        "cannot convert a LightGBM model with linear_tree=true: its leaves are linear models");
  }

  @Test
  void zeroAsMissingIsRefused() {
    assertRefused(
        "objective=regression zero_as_missing=true" + ALWAYS,
        "cannot convert a LightGBM model with zero_as_missing=true: train with"
            + " zero_as_missing=false");
  }

  private static void assertRefused(String parameters, String message) {
    Probes probes = new Probes(new Random(1), 0, 4, 0);
    double[][] rows = probes.training(300);
    float[] labels = new float[rows.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (float) probes.signal(rows[i]);
    }
    UnreadableModelException refused =
        assertThrows(
            UnreadableModelException.class,
            () -> {
              try (LightgbmLibrary library = LightgbmLibrary.train(rows, labels, parameters, 5)) {
                ModelConverter.lightgbm(library.save(0));
              }
            });
    assertEquals(message, refused.getMessage());
  }
}
