package dev.sheaf.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.trees.BoosterHead;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Converts the models under {@code trees} of the real data and compares them with the predictions
 * that come with them. The table it prints is the one of docs/converters.md.
 */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
class ReferenceModelsTest {
  private static final double LARGEST = 1e-5;
  private static final Path TREES =
      Path.of(System.getenv().getOrDefault("SHEAF_DATA", ""), "trees");

  private final List<String> table = new ArrayList<>();

  @Test
  void xgboostModelsPredictAsTheirReferences() throws IOException, OrtException {
    for (String line : Files.readAllLines(TREES.resolve("xgboost/MANIFEST.txt"))) {
      String[] cells = line.split(" \\| ", -1);
      if (cells.length < 6 || cells[0].equals("name")) {
        continue;
      }
      int base = Integer.parseInt(cells[3].strip().substring("index_base=".length()));
      boolean margins = cells[5].strip().equals("margin");
      for (String file : xgboostFiles(cells[0], cells[1])) {
        ModelConverter converter = ModelConverter.xgboost(TREES.resolve(file));
        compare(
            file,
            converter,
            libsvm(cells[2], base, converter.booster().head().features()),
            cells[4],
            margins);
      }
    }
    assertEquals(27, table.size(), "models");
    print();
  }

  private static List<String> xgboostFiles(String name, String legacy) {
    List<String> files = new ArrayList<>();
    files.add("xgboost/" + name + ".json");
    files.add("xgboost/" + name + ".ubj");
    if (Files.exists(TREES.resolve(legacy))) {
      files.add(legacy);
    }
    return files;
  }

  @Test
  void lightgbmModelsPredictAsTheirReferences() throws IOException, OrtException {
    text(
        "leaves/lg_dart_breast_cancer.model",
        "leaves/breast_cancer_test.tsv",
        "leaves/lg_dart_breast_cancer_true_predictions.txt",
        false);
    text(
        "leaves/lgmulticlass.model",
        "leaves/multiclass_test.tsv",
        "leaves/lgmulticlass_true_predictions.txt",
        false);
    text(
        "leaves/lgmulticlass.model",
        "leaves/multiclass_test.tsv",
        "leaves/lgmulticlass_true_raw_predictions.txt",
        true);
    text(
        "leaves/lg_kddcup99.model",
        "leaves/kddcup99_test.tsv",
        "leaves/lg_kddcup99_true_predictions.txt",
        true);
    for (String name :
        List.of("gamma_AvgClaimAmount", "poisson_Frequency", "tweedie_PurePremium")) {
      String stem = "leaves/genlin_fmtp_" + name;
      text(stem + ".model", stem + "_features.tsv", stem + "_true_predictions.txt", false);
    }
    sparse(
        "leaves/lg_rf_iris.model",
        "leaves/iris_test.libsvm",
        "leaves/lg_rf_iris_true_predictions.txt",
        true);
    String toy = "lightgbm_categorical/toy_categorical/toy_categorical";
    sparse(toy + "_model.txt", toy + ".test", toy + ".test.pred", false);
    String sparse = "lightgbm_categorical/sparse_categorical/sparse_categorical";
    sparse(sparse + "_model.txt", sparse + ".test", sparse + ".test.margin", true);
    breastCancerByItsLeaves();
    dartDump();
    print();
  }

  @Test
  void modelsWithoutReferencesPredictAsTheirLibrary()
      throws IOException, OrtException, XGBoostError, LGBMException {
    String mushroom = "lightgbm_categorical/mushroom/mushroom.model";
    ModelConverter converter = ModelConverter.xgboost(TREES.resolve(mushroom));
    double[][] rows =
        libsvm("leaves/agaricus_test.libsvm", 0, converter.booster().head().features());
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    Booster booster = XGBoost.loadModel(Files.readAllBytes(TREES.resolve(mushroom)));
    DMatrix matrix = new DMatrix(flat, rows.length, rows[0].length, Float.NaN);
    float[][] margins = booster.predict(matrix, true);
    double[][] expected =
        Arrays.stream(margins).map(row -> new double[] {row[0]}).toArray(double[][]::new);
    compare(mushroom, converter, rows, expected, true);
    assertEquals(
        0,
        Differences.largest(
            expected,
            OnnxScorer.run(converter.withRawMargins().toOnnx(), rows, ModelConverter.MARGIN)));
    matrix.dispose();
    booster.dispose();
    String simple = "leaves/model_simple.txt";
    double[][] few = {{0, 100}, {340.5, 3}, {341, 3}, {Double.NaN, 100}, {900, Double.NaN}};
    try (LightgbmLibrary library = LightgbmLibrary.load(TREES.resolve(simple))) {
      compare(
          simple,
          ModelConverter.lightgbm(TREES.resolve(simple)),
          few,
          library.predict(few, 0),
          false);
    }
    for (String dump : List.of("leaves/lg_1tree.json", "leaves/lg_1tree_1leaf.json")) {
      assertEquals(1, ModelConverter.lightgbm(TREES.resolve(dump)).booster().trees());
    }
    print();
  }

  /** The reference holds the leaf that each tree gives; their values are in the model's text. */
  private void breastCancerByItsLeaves() throws IOException, OrtException {
    List<double[]> leaves = new ArrayList<>();
    for (String line : Files.readAllLines(TREES.resolve("leaves/lg_breast_cancer.txt"))) {
      if (line.startsWith("leaf_value=")) {
        leaves.add(numbers(line.substring("leaf_value=".length()), " "));
      }
    }
    double[][] chosen = table("leaves/lg_breast_cancer_data_pred_leaves.txt", " ");
    double[][] expected = new double[chosen.length][1];
    for (int i = 0; i < chosen.length; i++) {
      double sum = 0;
      for (int t = 0; t < chosen[i].length; t++) {
        sum += leaves.get(t)[(int) chosen[i][t]];
      }
      expected[i][0] = 1 / (1 + Math.exp(-sum));
    }
    String file = "leaves/lg_breast_cancer.txt";
    compare(
        file,
        ModelConverter.lightgbm(TREES.resolve(file)),
        table("leaves/lg_breast_cancer_data.txt", " "),
        expected,
        false);
  }

  /** The dump does not name its objective: it gives margins, whose sigmoid is the reference. */
  private void dartDump() throws IOException, OrtException {
    double[][] expected = table("leaves/lg_dart_breast_cancer_true_predictions.txt", "\t");
    for (double[] row : expected) {
      row[0] = Math.log(row[0] / (1 - row[0]));
    }
    String file = "leaves/lg_dart_breast_cancer.json";
    compare(
        file,
        ModelConverter.lightgbm(TREES.resolve(file)),
        table("leaves/breast_cancer_test.tsv", "\t"),
        expected,
        true);
  }

  private void text(String model, String data, String reference, boolean margins)
      throws IOException, OrtException {
    ModelConverter converter = ModelConverter.lightgbm(TREES.resolve(model));
    int features = converter.booster().head().features();
    double[][] rows = table(data, "\t");
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(rows[i], rows[i].length - features, rows[i].length);
    }
    compare(model, converter, rows, reference, margins);
  }

  private void sparse(String model, String data, String reference, boolean margins)
      throws IOException, OrtException {
    ModelConverter converter = ModelConverter.lightgbm(TREES.resolve(model));
    compare(
        model,
        converter,
        libsvm(data, 0, converter.booster().head().features()),
        reference,
        margins);
  }

  private void compare(
      String name, ModelConverter converter, double[][] rows, String reference, boolean margins)
      throws IOException, OrtException {
    compare(name, converter, rows, table(reference, "[\t,]"), margins);
  }

  private void compare(
      String name, ModelConverter converter, double[][] rows, double[][] expected, boolean margins)
      throws OrtException {
    ModelConverter wanted = margins ? converter.withRawMargins() : converter;
    double[][] found;
    try (OnnxScorer scorer = new OnnxScorer(wanted.toOnnx())) {
      BoosterHead head = converter.booster().head();
      boolean probabilities = !margins && head.classes() > 0;
      boolean classes = probabilities && head.outputs() > 1 && expected[0].length == 1;
      String output =
          margins
              ? ModelConverter.MARGIN
              : probabilities && !classes ? ModelSession.PROBABILITIES : ModelSession.OUTPUT;
      found = scorer.run(rows, output);
      if (probabilities && head.outputs() == 1) {
        found = Arrays.stream(found).map(row -> new double[] {row[1]}).toArray(double[][]::new);
      }
      double[][] alone = scorer.run(Arrays.copyOf(rows, Math.min(40, rows.length)), output, 1);
      for (int i = 0; i < alone.length && !(probabilities && head.outputs() == 1); i++) {
        assertTrue(Arrays.equals(found[i], alone[i]), name + " row " + i + " alone");
      }
    }
    double largest = Differences.largest(expected, found);
    table.add(
        String.format(
            Locale.ROOT,
            "| %s | %s | %d | %s | %.1e |",
            name,
            converter.booster().head().objective(),
            rows.length,
            margins ? "margins" : "predictions",
            largest));
    assertTrue(largest <= LARGEST, table.get(table.size() - 1));
  }

  private void print() {
    System.out.println("| model | objective | rows | compared | largest relative difference |");
    System.out.println("|---|---|---|---|---|");
    table.forEach(System.out::println);
  }

  private static double[][] table(String file, String separator) throws IOException {
    return Files.readAllLines(TREES.resolve(file)).stream()
        .filter(line -> !line.isBlank())
        .map(line -> numbers(line, separator))
        .toArray(double[][]::new);
  }

  private static double[] numbers(String line, String separator) {
    return Arrays.stream(line.strip().split(separator, -1))
        .filter(cell -> !cell.isBlank())
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  /** Rows of a label and {@code place:value}; an absent value is missing. */
  private static double[][] libsvm(String file, int base, int features) throws IOException {
    List<double[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TREES.resolve(file))) {
      if (line.isBlank()) {
        continue;
      }
      double[] row = new double[features];
      Arrays.fill(row, Double.NaN);
      for (String cell : line.strip().split("\\s+", -1)) {
        int colon = cell.indexOf(':');
        if (colon > 0 && !cell.startsWith("qid")) {
          int place = Integer.parseInt(cell.substring(0, colon)) - base;
          if (place < features) {
            row[place] = Double.parseDouble(cell.substring(colon + 1));
          }
        }
      }
      rows.add(row);
    }
    return rows.toArray(double[][]::new);
  }
}
