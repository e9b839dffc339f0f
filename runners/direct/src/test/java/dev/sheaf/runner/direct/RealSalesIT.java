package dev.sheaf.runner.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The demo on real sales, against solutions worked out independently. */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
final class RealSalesIT {
  private static final double TOLERANCE = 1e-6;
  private static final List<String> FEATURES =
      List.of("PRODUCT_ID", "ORDER_QUARTER", "ORDER_MONTH", "ORDER_YEAR");

  @TempDir private Path out = Path.of("");

  private static Path sales(String name) {
    return Path.of(Objects.requireNonNull(System.getenv("SHEAF_DATA"))).resolve("sales/" + name);
  }

  /** A row of monthly orders: product, store, quarter, month, year, orders. */
  private static List<double[]> monthlyOrders() throws IOException {
    List<double[]> rows = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(sales("monthly_orders_10_stores.csv.gz"))),
                StandardCharsets.UTF_8))) {
      in.readLine();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        rows.add(Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray());
      }
    }
    return rows;
  }

  private static double[] features(double[] row) {
    return new double[] {row[0], row[2], row[3], row[4]};
  }

  /** Least squares with intercept, by a QR factorisation of the centred rows. */
  private static final class Solution {
    private final double[] means = new double[5];
    private final double[] coefficients;

    Solution(List<double[]> rows) {
      rows.forEach(
          row -> {
            double[] x = features(row);
            for (int j = 0; j < 4; j++) {
              means[j] += x[j] / rows.size();
            }
            means[4] += row[5] / rows.size();
          });
      DMatrixRMaj x = new DMatrixRMaj(rows.size(), 4);
      DMatrixRMaj y = new DMatrixRMaj(rows.size(), 1);
      for (int i = 0; i < rows.size(); i++) {
        double[] values = features(rows.get(i));
        for (int j = 0; j < 4; j++) {
          x.set(i, j, values[j] - means[j]);
        }
        y.set(i, 0, rows.get(i)[5] - means[4]);
      }
      LinearSolverDense<DMatrixRMaj> qr = LinearSolverFactory_DDRM.leastSquares(rows.size(), 4);
      assertTrue(qr.setA(x));
      DMatrixRMaj solved = new DMatrixRMaj(4, 1);
      qr.solve(y, solved);
      coefficients = solved.getData();
    }

    double predict(double[] row) {
      double[] x = features(row);
      double sum = means[4];
      for (int j = 0; j < 4; j++) {
        sum += coefficients[j] * (x[j] - means[j]);
      }
      return sum;
    }

    double rmse(List<double[]> rows) {
      return Math.sqrt(
          rows.stream().mapToDouble(r -> Math.pow(predict(r) - r[5], 2)).average().orElseThrow());
    }
  }

  private static List<double[]> select(
      List<double[]> rows, double store, Predicate<double[]> chosen) {
    return rows.stream().filter(row -> row[1] == store).filter(chosen).collect(Collectors.toList());
  }

  @Test
  void monthlyOrdersAgreeWithAnIndependentSolution() throws Exception {
    DemoRun run =
        DemoRun.demo(
            out,
            "--data",
            sales("monthly_orders_10_stores.csv.gz").toString(),
            "--trainer",
            "linear",
            "--holdout",
            "where:ORDER_YEAR>=2017");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode summary = DemoRun.summary(out);
    assertEquals(30_000, summary.get("rows").asLong());
    assertEquals(10, summary.get("trained").asLong());

    List<double[]> rows = monthlyOrders();
    Map<String, Solution> solutions = new TreeMap<>();
    for (JsonNode key : summary.get("perKey")) {
      double store = key.get("key").asDouble();
      Solution solution = new Solution(select(rows, store, row -> row[4] < 2017));
      solutions.put(key.get("key").asText(), solution);
      double rmse = solution.rmse(select(rows, store, row -> row[4] >= 2017));
      assertEquals(rmse, key.get("rmse").asDouble(), TOLERANCE * rmse);
      checkCoefficients(key.get("key").asText(), solution);
    }
    checkPredictions(solutions, rows);
  }

  private void checkCoefficients(String key, Solution solution) throws IOException {
    double[] origin = {7, 2, 5, 2015};
    try (ModelSession model = ModelSession.open(unzipped(key), ExecutionProvider.cpu())) {
      assertEquals(
          Set.copyOf(FEATURES),
          model.features().stream().map(Feature::name).collect(Collectors.toSet()));
      double at = predict(model, origin);
      for (int j = 0; j < 4; j++) {
        double[] moved = origin.clone();
        moved[j] += 1000;
        double slope = (predict(model, moved) - at) / 1000;
        double expected = solution.coefficients[j];
        assertEquals(expected, slope, TOLERANCE * Math.abs(expected), key + " " + FEATURES.get(j));
      }
    }
  }

  private static double predict(ModelSession model, double[] values) {
    double[][] columns = new double[4][];
    for (int f = 0; f < 4; f++) {
      columns[f] = new double[] {values[FEATURES.indexOf(model.features().get(f).name())]};
    }
    return model.predict(InputColumns.ofNumbers(columns, 1))[0];
  }

  /** One model, out of whichever zip of the only version it lies in. */
  private byte[] unzipped(String key) throws IOException {
    try (Stream<Path> files = Files.walk(out.resolve("models/versions"))) {
      for (Path zip : files.filter(f -> f.toString().endsWith(".zip")).toList()) {
        try (ZipFile opened = new ZipFile(zip.toFile())) {
          ZipEntry entry = opened.getEntry(key + ".onnx");
          if (entry != null) {
            return opened.getInputStream(entry).readAllBytes();
          }
        }
      }
    }
    throw new AssertionError("no zip holds " + key + ".onnx");
  }

  private void checkPredictions(Map<String, Solution> solutions, List<double[]> rows)
      throws IOException {
    List<List<String>> lines = DemoRun.predictions(out);
    assertEquals(rows.size() + 1, lines.size());
    Set<String> versions = new HashSet<>();
    for (List<String> line : lines.subList(1, lines.size())) {
      String store = line.get(1);
      assertEquals(store, line.get(7));
      versions.add(line.get(8));
      double[] row = line.subList(0, 6).stream().mapToDouble(Double::parseDouble).toArray();
      double expected = Objects.requireNonNull(solutions.get(store)).predict(row);
      assertEquals(expected, Double.parseDouble(line.get(6)), TOLERANCE * Math.abs(expected));
    }
    assertEquals(1, versions.size());
  }

  private double rossmannMedianRmse(String trainer) throws IOException {
    DemoRun run =
        DemoRun.demo(
            out,
            "--data",
            sales("rossmann_open_days.csv.gz").toString(),
            "--key",
            "Store",
            "--label",
            "Sales",
            "--features",
            "DayOfWeek,Promo,SchoolHoliday,CompetitionDistance",
            "--holdout",
            "where:Date>=2015-06-01",
            "--trainer",
            trainer);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode summary = DemoRun.summary(out);
    assertEquals(844_338, summary.get("rows").asLong());
    assertEquals(844_338, summary.get("scored").asLong());
    assertEquals(1_115, summary.get("keys").asLong());
    assertEquals(1_115, summary.get("trained").asLong());
    assertEquals(0, summary.get("badRecords").asLong());
    double[] sorted =
        StreamSupport.stream(summary.get("perKey").spliterator(), false)
            .mapToDouble(key -> key.get("rmse").asDouble())
            .sorted()
            .toArray();
    try (Stream<String> lines = Files.lines(out.resolve("predictions.csv"))) {
      assertEquals(844_339, lines.count());
    }
    return sorted[sorted.length / 2];
  }

  @Test
  void treesBeatLinesOnRossmannAndNoRowIsLost() throws IOException {
    double linear = rossmannMedianRmse("linear");
    double xgboost = rossmannMedianRmse("xgboost");
    assertTrue(xgboost < linear, "xgboost " + xgboost + ", linear " + linear);
  }
}
