package dev.sheaf.models.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxValue;
import dev.sheaf.models.trees.BoosterHead;
import dev.sheaf.models.trees.Importance;
import dev.sheaf.models.trees.LightgbmReader;
import dev.sheaf.models.trees.XgboostReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that this build's libraries cannot train, and refusals. */
class StoredModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A model that XGBoost 3.2 saved, with its own predictions of some rows. */
  private static JsonNode xgboost32(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            StoredModelsTest.class.getResourceAsStream("xgboost-3.2/" + name + ".json"))) {
      return JSON.readTree(in);
    }
  }

  private static double[][] rows(JsonNode rows) {
    double[][] table = new double[rows.size()][];
    for (int i = 0; i < table.length; i++) {
      table[i] = new double[rows.get(i).size()];
      for (int k = 0; k < table[i].length; k++) {
        JsonNode cell = rows.get(i).get(k);
        table[i][k] = cell.isNull() ? Double.NaN : cell.asDouble();
      }
    }
    return table;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"aft", "dart", "forest", "hinge", "logistic", "logitraw", "quantiles", "softprob"})
  void readsTheFormatOfXgboost32(String name) throws IOException, OrtException {
    JsonNode stored = xgboost32(name);
    ModelConverter converter = ModelConverter.xgboost(JSON.writeValueAsBytes(stored.get("model")));
    double[][] asked = rows(stored.get("rows"));
    double[][] margins =
        OnnxScorer.run(converter.withRawMargins().toOnnx(), asked, ModelConverter.MARGIN);
    assertTrue(Differences.largest(rows(stored.get("margins")), margins, 1) <= 1e-6);
    BoosterHead head = converter.booster().head();
    double[][] found =
        OnnxScorer.run(
            converter.toOnnx(),
            asked,
            head.classes() > 0 ? ModelSession.PROBABILITIES : ModelSession.OUTPUT);
    if (head.classes() == 2) {
      found = Arrays.stream(found).map(row -> new double[] {row[1]}).toArray(double[][]::new);
    }
    assertTrue(Differences.largest(rows(stored.get("predictions")), found, 1e-3) <= 1e-5);
  }

  @Test
  void leavesOfSeveralValuesAreRefused() throws IOException {
    byte[] model = JSON.writeValueAsBytes(xgboost32("vector_leaves").get("model"));
    assertRefused(
        model,
        "cannot convert trees whose leaves hold 2 values each (multi_strategy=multi_output_tree):"
            + " train one tree per output");
  }

  @Test
  void unknownObjectivesAndBoostersAreRefusedByName() throws IOException {
    String model = xgboost32("logistic").get("model").toString();
    String objective = model.replace("\"name\":\"binary:logistic\"", "\"name\":\"reg:odd\"");
    assertTrue(
        refusal(objective.getBytes(StandardCharsets.UTF_8))
            .startsWith("cannot convert XGBoost's objective 'reg:odd': known are [binary:hinge,"));
    String booster = model.replace("\"name\":\"gbtree\"", "\"name\":\"gbodd\"");
    assertRefused(
        booster.getBytes(StandardCharsets.UTF_8),
        "cannot convert XGBoost's booster 'gbodd': known are gbtree, dart, gblinear");
  }

  private static void assertRefused(byte[] model, String message) {
    assertEquals(message, refusal(model));
  }

  private static String refusal(byte[] model) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> ModelConverter.xgboost(model))
            .getMessage());
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] json = JSON.writeValueAsBytes(xgboost32("logistic").get("model"));
    for (int length = 0; length < json.length; length += 97) {
      byte[] cut = Arrays.copyOf(json, length);
      assertTrue(refusal(cut).startsWith("cannot "), "cut at " + length);
    }
    String text = lightgbm("objective=regression\nmax_feature_idx=1\n", THREE_LEAVES);
    for (int length = 0; length < text.indexOf("end of trees"); length++) {
      byte[] cut = text.substring(0, length).getBytes(StandardCharsets.UTF_8);
      String message =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> LightgbmReader.trees(cut))
                  .getMessage());
      assertTrue(message.startsWith("cannot "), message);
    }
  }

  private static final String THREE_LEAVES =
      """
      Tree=0
      num_leaves=3
      num_cat=1
      split_feature=1 0
      split_gain=10 2.5
      threshold=0 756.0
      decision_type=9 2
      left_child=-1 -2
      right_child=1 -3
      leaf_value=0.54 0.35 0.38
      leaf_count=200 557 243
      cat_boundaries=0 4
      cat_threshold=0 0 0 16

      """;

  private static final String ONE_LEAF =
      """
      Tree=1
      num_leaves=1
      num_cat=0
      split_feature=
      threshold=
      decision_type=
      left_child=
      right_child=
      leaf_value=0.123

      """;

  private static String lightgbm(String header, String... trees) {
    return "tree\nversion=v3\n" + header + "\n" + String.join("", trees) + "end of trees\n";
  }

  private static ModelConverter converter(String text) {
    return ModelConverter.lightgbm(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void splitsAndLeavesOfLightgbmAreReadByHand() throws OrtException {
    String text =
        lightgbm("objective=regression\nmax_feature_idx=1\n", THREE_LEAVES, ONE_LEAF, ONE_LEAF);
    double[][] asked = {
      {0, 100}, {756, 3}, {Math.nextUp(756.0), 3}, {Double.NaN, 101}, {0, 100.9}, {0, Double.NaN}
    };
    double[] trees = {0.54, 0.35, 0.38, 0.35, 0.54, 0.35};
    double[][] found = OnnxScorer.run(converter(text).toOnnx(), asked, ModelSession.OUTPUT);
    for (int i = 0; i < trees.length; i++) {
      assertEquals(trees[i] + 0.123 + 0.123, found[i][0], "row " + i);
    }
    assertEquals(
        List.of(new Importance(0, 1, 2.5), new Importance(1, 1, 10)),
        LightgbmReader.trees(text.getBytes(StandardCharsets.UTF_8)).importance());
  }

  @Test
  void readsDumpsOfLightgbm() throws OrtException {
    String dump =
        """
        {"name": "tree", "num_class": 1, "num_tree_per_iteration": 1, "max_feature_idx": 1,
         "feature_names": ["a", "b"], "tree_info": [
         {"tree_index": 0, "num_leaves": 3, "tree_structure": {
          "split_feature": 0, "split_gain": 312.09, "threshold": 0.14, "decision_type": "<=",
          "default_left": true, "missing_type": "None",
          "left_child": {"split_feature": 1, "threshold": "1||10||100", "decision_type": "==",
            "default_left": true, "missing_type": "None",
            "left_child": {"leaf_index": 0, "leaf_value": 0.4703},
            "right_child": {"leaf_index": 1, "leaf_value": 0.4242}},
          "right_child": {"leaf_index": 2, "leaf_value": 1.1111}}},
         {"tree_index": 1, "num_leaves": 1, "tree_structure": {"leaf_value": 0.42}}]}
        """;
    double[][] asked = {{0.14, 10}, {0.14, 11}, {0.15, 10}, {Double.NaN, 100}, {-1, Double.NaN}};
    double[] trees = {0.4703, 0.4242, 1.1111, 0.4703, 0.4242};
    double[][] found = OnnxScorer.run(converter(dump).toOnnx(), asked, ModelSession.OUTPUT);
    for (int i = 0; i < trees.length; i++) {
      assertEquals(trees[i] + 0.42, found[i][0], "row " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "regression sqrt, -6.25",
    "cross_entropy_lambda, 0.0788897",
    "tweedie tweedie_variance_power:1.5, 0.0820850",
    "xentropy, 0.0758582",
    "quantile alpha:0.9, -2.5",
    "none, -2.5"
  })
  void linksOfLightgbm(String objective, double expected) throws OrtException {
    String tree = ONE_LEAF.replace("0.123", "-2.5");
    String text = lightgbm("objective=" + objective + "\nmax_feature_idx=0\n", tree);
    double[][] found =
        OnnxScorer.run(converter(text).toOnnx(), new double[][] {{1}}, ModelSession.OUTPUT);
    assertEquals(expected, found[0][0], 1e-7);
  }

  @Test
  void unknownObjectivesOfLightgbmAreRefusedByName() {
    String text = lightgbm("objective=odd\nmax_feature_idx=0\n", ONE_LEAF);
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> converter(text)).getMessage());
    assertTrue(
        message.startsWith("cannot convert LightGBM's objective 'odd': known are [binary,"),
        message);
  }

  @Test
  void namedFeaturesAreInputsOfTheirOwn() {
    ModelConverter converter =
        converter(lightgbm("objective=regression\nmax_feature_idx=1\n", THREE_LEAVES))
            .withFeatureNames(List.of("/price", "kind"));
    try (ModelSession session = ModelSession.open(converter.toOnnx(), ExecutionProvider.cpu())) {
      double[][] columns = {{0, 800}, {100, 3}};
      assertArrayEquals(
          new double[] {0.54, 0.38}, session.predict(InputColumns.ofNumbers(columns, 2)));
    }
    assertEquals(
        "cannot name the features [a, a]: the model needs 2 different names, none of them empty",
        assertThrows(
                IllegalArgumentException.class, () -> converter.withFeatureNames(List.of("a", "a")))
            .getMessage());
  }

  @Test
  void aClassifierOfNamedFeaturesIsAModelOfSheaf() {
    ModelConverter converter =
        converter(lightgbm("objective=binary sigmoid:1\nmax_feature_idx=1\n", THREE_LEAVES))
            .withFeatureNames(List.of("price", "kind"));
    try (ModelSession session = ModelSession.open(converter.toOnnx(), ExecutionProvider.cpu())) {
      assertEquals(List.of("0", "1"), session.classes());
      double[][] columns = {{0}, {100}};
      double second = 1 / (1 + Math.exp(-0.54));
      assertArrayEquals(
          new double[] {1 - second, second},
          session.predict(InputColumns.ofNumbers(columns, 1)),
          1e-15);
    }
  }

  @Test
  void theFileSaysWhatItIs() throws IOException, OrtException {
    byte[] model = JSON.writeValueAsBytes(xgboost32("softprob").get("model"));
    ModelConverter converter = ModelConverter.xgboost(model);
    try (OnnxScorer scorer = new OnnxScorer(converter.toOnnx())) {
      assertEquals("xgboost", scorer.properties().get("source"));
      assertEquals("multi:softprob", scorer.properties().get("objective"));
      assertEquals("12", scorer.properties().get("trees"));
      assertEquals("4", scorer.properties().get("feature_count"));
      assertEquals("[\"a\",\"b\",\"c\",\"d\"]", scorer.properties().get("feature_names"));
      assertEquals("[\"0\",\"1\",\"2\"]", scorer.properties().get("classes"));
      assertEquals(
          "{prediction=INT64[-1, 1], probabilities=DOUBLE[-1, 3]}", scorer.outputs().toString());
    }
    assertEquals(12, XgboostReader.trees(model).trees());
    double[][] asked = {{0.5, Double.NaN, -1, 3}};
    double[][] narrow = OnnxScorer.run(converter.toOnnx(), asked, ModelSession.PROBABILITIES);
    byte[] wide = converter.withInputType(OnnxValue.Type.DOUBLE).toOnnx();
    assertArrayEquals(narrow[0], OnnxScorer.run(wide, asked, ModelSession.PROBABILITIES)[0]);
  }

  @Test
  void legacyDartIsRefused() {
    byte[] model = new byte[200];
    model[136] = 15;
    System.arraycopy("binary:logistic".getBytes(StandardCharsets.US_ASCII), 0, model, 144, 15);
    model[159] = 4;
    System.arraycopy("dart".getBytes(StandardCharsets.US_ASCII), 0, model, 167, 4);
    assertTrue(refusal(model).startsWith("cannot convert a dart model in XGBoost's binary format"));
  }
}
