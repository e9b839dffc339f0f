package dev.sheaf.models.train.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RegressionMetrics;
import dev.sheaf.models.evaluate.RowPredicate;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.TrainingTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
class LinearRealDataTest {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("product_id", FeatureType.INTEGER),
              new Feature("order_quarter", FeatureType.INTEGER),
              new Feature("order_month", FeatureType.INTEGER),
              new Feature("order_year", FeatureType.INTEGER)),
          "total_orders");
  private static final Holdout HOLDOUT = Holdout.parse("where:order_year>=2017");

  /** The file's columns: product_id, store_id, order_quarter, order_month, order_year, orders. */
  private static Map<String, RowBlock.Builder> stores() throws IOException {
    Path file =
        Path.of(
            Objects.requireNonNull(System.getenv("SHEAF_DATA")),
            "sales",
            "monthly_orders_10_stores.csv.gz");
    RowPredicate heldOut = RowPredicate.compile((Holdout.Where) HOLDOUT, ColumnKind.INTEGER);
    Map<String, RowBlock.Builder> stores = new TreeMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] cells = line.split(",", -1);
        double[] row = new double[4];
        for (int f = 0; f < 4; f++) {
          row[f] = Double.parseDouble(cells[f == 0 ? 0 : f + 1]);
        }
        stores
            .computeIfAbsent(cells[1], store -> RowBlock.builder(4))
            .append(
                row,
                Double.parseDouble(cells[5]),
                line.hashCode(),
                heldOut.test((long) row[3]) ? 1 : 0);
      }
    }
    return stores;
  }

  @Test
  void everyStoreAgreesWithAnExactSolution() throws Exception {
    Map<String, RowBlock.Builder> stores = stores();
    assertEquals(10, stores.size());
    KeyTrainer training = KeyTrainer.of(Linear.regression(), HOLDOUT, SCHEMA);
    for (Map.Entry<String, RowBlock.Builder> store : stores.entrySet()) {
      RowBlock rows = store.getValue().build();
      KeyReport report = training.train(store.getKey(), List.of(rows)).report();
      assertEquals(2400, report.trainRows());
      assertEquals(600, report.holdoutRows());
      Split split = HOLDOUT.split(rows);
      RowBlock train = rows.select(split.train());
      RowBlock holdout = rows.select(split.holdout());
      ExactLeastSquares exact = ExactLeastSquares.fit(train, 0, 0, 1, 2, 3);
      LinearModel model =
          (LinearModel) Linear.regression().fit(new TrainingTable(SCHEMA, train.canonical()));
      double[] predictions = new double[holdout.rows()];
      for (int i = 0; i < predictions.length; i++) {
        predictions[i] =
            exact.predict(
                holdout.column(0)[i],
                holdout.column(1)[i],
                holdout.column(2)[i],
                holdout.column(3)[i]);
      }
      for (int f = 0; f < 4; f++) {
        double expected = exact.coefficient(f);
        assertEquals(expected, model.coefficients()[f], 1e-9 * Math.abs(expected));
      }
      double rmse = RegressionMetrics.of(holdout.labels(), predictions).rmse();
      assertEquals(rmse, Objects.requireNonNull(report.metric("rmse")), 1e-9 * rmse);
      assertTrue(Objects.requireNonNull(report.parityError()) <= 1e-12);
    }
  }
}
