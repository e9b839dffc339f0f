package dev.sheaf.models.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.trees.BoosterHead;
import dev.sheaf.models.trees.TreeEnsemble;
import dev.sheaf.models.trees.XgboostReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Converted models against XGBoost itself, on models trained here. */
class XgboostConversionTest {
  private static final List<String> OBJECTIVES =
      List.of(
          "reg:squarederror",
          "reg:absoluteerror",
          "reg:pseudohubererror",
          "reg:quantileerror quantile_alpha=0.7",
          "reg:squaredlogerror",
          "reg:logistic",
          "binary:logistic",
          "binary:logitraw",
          "binary:hinge",
          "count:poisson",
          "reg:gamma",
          "reg:tweedie tweedie_variance_power=1.3",
          "multi:softprob num_class=3",
          "multi:softmax num_class=5",
          "rank:pairwise");
  private static final List<String> BOOSTERS =
      List.of(
          "gbtree",
          "dart rate_drop=0.4",
          "gbtree num_parallel_tree=4 subsample=0.6 eta=0.9",
          "gbtree grow_policy=lossguide max_leaves=14 max_depth=0");

  private boolean isDart;

  record Case(int seed, String parameters, int categorical, int features, int categories) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int categorical = random.nextInt(3);
      String parameters =
          "max_depth="
              + (1 + random.nextInt(7))
              + " objective="
              + OBJECTIVES.get(seed % OBJECTIVES.size())
              + " booster="
              + booster(seed)
              + " max_cat_to_onehot="
              + (random.nextBoolean() ? 1 : 100)
              + " tree_method="
              + (random.nextInt(3) == 0 ? "approx" : "hist")
              + (random.nextInt(4) == 0 ? " base_score=0.3" : "")
              + " verbosity=0 nthread=1 seed="
              + seed;
      cases.add(
          new Case(
              seed,
              parameters,
              categorical,
              categorical + 1 + random.nextInt(6),
              seed % 3 == 0 ? 70 : 6));
    }
    return cases;
  }

  /** XGBoost refuses forests of the objectives that set their leaves afterwards. */
  private static String booster(int seed) {
    String booster = BOOSTERS.get(seed % BOOSTERS.size());
    String objective = OBJECTIVES.get(seed % OBJECTIVES.size());
    boolean adaptive = objective.startsWith("reg:quantile") || objective.startsWith("reg:absolute");
    return adaptive && booster.contains("num_parallel_tree") ? "gbtree" : booster;
  }

  private static float label(String parameters, double signal) {
    if (parameters.contains("multi:")) {
      return Math.floorMod(
          (int) Math.floor(signal * 2), parameters.contains("num_class=3") ? 3 : 5);
    }
    if (parameters.contains("binary:") || parameters.contains("reg:logistic")) {
      return signal > 0.2 ? 1 : 0;
    }
    if (parameters.contains("count:")
        || parameters.contains("gamma")
        || parameters.contains("tweedie")
        || parameters.contains("rank")) {
      return (float) Math.floor(Math.exp(Math.min(2, signal))) + 1;
    }
    return (float) (11 + signal);
  }

  private static Map<String, Object> map(String parameters) {
    Map<String, Object> map = new HashMap<>();
    for (String parameter : parameters.split(" ", -1)) {
      int at = parameter.indexOf('=');
      map.put(parameter.substring(0, at), parameter.substring(at + 1));
    }
    return map;
  }

  private static DMatrix matrix(double[][] rows, int categorical) throws XGBoostError {
    DMatrix matrix = new DMatrix(flat(rows), rows.length, rows[0].length, Float.NaN);
    matrix.setFeatureTypes(
        IntStream.range(0, rows[0].length)
            .mapToObj(f -> f < categorical ? "c" : "q")
            .toArray(String[]::new));
    return matrix;
  }

  private static float[] flat(double[][] rows) {
    int features = rows[0].length;
    float[] flat = new float[rows.length * features];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) rows[i / features][i % features];
    }
    return flat;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void convertedModelsPredictAsTheLibrary(Case given) throws XGBoostError, OrtException {
    Random random = new Random(given.seed());
    Probes probes = new Probes(random, given.categorical(), given.features(), given.categories());
    double[][] rows = probes.training(300);
    float[] labels = new float[rows.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(given.parameters(), probes.signal(rows[i]));
    }
    DMatrix data = matrix(rows, given.categorical());
    data.setLabel(labels);
    if (given.parameters().contains("rank")) {
      data.setGroup(new int[] {100, 100, 100});
    }
    int rounds = 2 + random.nextInt(15);
    Booster booster = XGBoost.train(data, map(given.parameters()), rounds, Map.of(), null, null);
    data.dispose();
    int kept = given.seed() % 4 == 0 ? 1 + rounds / 2 : rounds;
    if (kept < rounds) {
      booster.setAttr("best_iteration", Integer.toString(kept - 1));
    }
    ModelConverter converter =
        ModelConverter.xgboost(booster.toByteArray(given.seed() % 2 == 0 ? "json" : "ubj"));
    double[][] asked = probes.probes((TreeEnsemble) converter.booster(), true, false);
    // A float of XGBoost overflows where a double does not; it refuses infinities.
    for (double[] row : asked) {
      for (int f = 0; f < row.length; f++) {
        row[f] = Math.abs(row[f]) > Float.MAX_VALUE ? 3e38 : row[f];
      }
    }
    int limit = given.parameters().contains("num_parallel_tree=4") ? 4 * kept : kept;
    isDart = given.parameters().contains("booster=dart");
    DMatrix fresh = matrix(asked, given.categorical());
    compare(
        converter,
        booster.predict(fresh, true, limit),
        booster.predict(fresh, false, limit),
        asked);
    fresh.dispose();
    infinities(converter, booster, probes, kept);
    booster.dispose();
  }

  /** XGBoost refuses a matrix with infinities, but predicts them in place. */
  private void infinities(ModelConverter converter, Booster booster, Probes probes, int kept)
      throws XGBoostError, OrtException {
    double[][] asked = probes.probes((TreeEnsemble) converter.booster(), true, true);
    float[][] expected =
        booster.inplace_predict(
            flat(asked),
            asked.length,
            asked[0].length,
            Float.NaN,
            new int[] {0, kept},
            Booster.PredictionType.kMargin,
            null);
    compareMargins(converter, expected, asked);
  }

  private void compare(
      ModelConverter converter, float[][] margins, float[][] predictions, double[][] asked)
      throws OrtException {
    compareMargins(converter, margins, asked);
    BoosterHead head = converter.booster().head();
    boolean classes = head.outputs() > 1 && predictions[0].length == 1;
    String output =
        head.classes() > 0 && !classes ? ModelSession.PROBABILITIES : ModelSession.OUTPUT;
    try (OnnxScorer scorer = new OnnxScorer(converter.toOnnx())) {
      double[][] found = scorer.run(asked, output);
      for (int batch : new int[] {1, 7, 256}) {
        assertTrue(Arrays.deepEquals(found, scorer.run(asked, output, batch)), "batch " + batch);
      }
      if (head.classes() == 2 && head.outputs() == 1) {
        found = Arrays.stream(found).map(row -> new double[] {row[1]}).toArray(double[][]::new);
      }
      double largest = Differences.largest(widen(predictions), found);
      assertTrue(largest <= 5e-6, "largest relative difference " + largest);
    }
  }

  private void compareMargins(ModelConverter converter, float[][] expected, double[][] asked)
      throws OrtException {
    double[][] found =
        OnnxScorer.run(converter.withRawMargins().toOnnx(), asked, ModelConverter.MARGIN);
    double[][] wide = widen(expected);
    if (isDart) {
      // XGBoost adds dart's trees in one order from a matrix and in another in place.
      double largest = Differences.largest(wide, found, 1);
      assertTrue(largest <= 1e-6, "largest difference of margins " + largest);
      return;
    }
    for (int i = 0; i < asked.length; i++) {
      assertArrayEquals(
          wide[i], found[i], 0, "margins of row " + i + " " + Arrays.toString(asked[i]));
    }
  }

  private static double[][] widen(float[][] rows) {
    double[][] wide = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      wide[i] = new double[rows[i].length];
      for (int k = 0; k < wide[i].length; k++) {
        wide[i][k] = rows[i][k];
      }
    }
    return wide;
  }

  @Test
  void theBestIterationCountsUnlessAllAreAskedFor() throws XGBoostError {
    double[][] rows = new Probes(new Random(1), 0, 3, 0).training(100);
    DMatrix data = matrix(rows, 0);
    data.setLabel(new float[100]);
    Booster booster =
        XGBoost.train(data, Map.of("verbosity", "0", "base_score", "3"), 9, Map.of(), null, null);
    booster.setAttr("best_iteration", "3");
    byte[] model = booster.toByteArray("ubj");
    assertEquals(4, ModelConverter.xgboost(model).booster().trees());
    assertEquals(9, ModelConverter.xgboost(model, XgboostReader.Iterations.ALL).booster().trees());
    booster.dispose();
    data.dispose();
  }

  @Test
  void otherBytesAreRefused() {
    for (String text : List.of("", "x", "{", "{}", "[{\"nodeid\":0}]", "{\"learner\":{}}")) {
      String message =
          String.valueOf(
              assertThrows(
                      IllegalArgumentException.class,
                      () ->
                          ModelConverter.xgboost(
                              text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                  .getMessage());
      assertTrue(message.startsWith("cannot "), text + ": " + message);
    }
  }
}
