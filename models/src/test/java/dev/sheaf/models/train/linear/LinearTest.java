package dev.sheaf.models.train.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.RowSums;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LinearTest {
  private static TableSchema schema(int features) {
    return new TableSchema(
        IntStream.range(0, features)
            .mapToObj(i -> new Feature("F" + i, FeatureType.FLOAT))
            .toList(),
        "Y");
  }

  private static RowBlock rows(int n, DoubleSupplier label, DoubleSupplier... features) {
    RowBlock.Builder rows = RowBlock.builder(features.length);
    for (int i = 0; i < n; i++) {
      double[] row = new double[features.length];
      for (int f = 0; f < row.length; f++) {
        row[f] = features[f].getAsDouble();
      }
      rows.append(row, label.getAsDouble(), i, 0);
    }
    return rows.build();
  }

  private static LinearModel fit(Linear trainer, RowBlock rows) throws TrainingException {
    return (LinearModel) trainer.fit(new TrainingTable(schema(rows.features()), rows));
  }

  private static void assertFits(double tolerance, RowBlock rows, double ridge, int... columns)
      throws TrainingException {
    LinearModel model = fit(Linear.regression().withRidge(ridge), rows);
    ExactLeastSquares exact = ExactLeastSquares.fit(rows, ridge, columns);
    double[] predictions = model.predict(rows);
    double scale = 0;
    for (double label : rows.labels()) {
      scale = Math.max(scale, Math.abs(label));
    }
    for (int i = 0; i < predictions.length; i++) {
      double[] row = new double[columns.length];
      for (int j = 0; j < columns.length; j++) {
        row[j] = rows.column(columns[j])[i];
      }
      assertEquals(exact.predict(row), predictions[i], tolerance * scale, "row " + i);
    }
    if (columns.length == rows.features()) {
      for (int j = 0; j < columns.length; j++) {
        double expected = exact.coefficient(j);
        assertEquals(
            expected,
            model.coefficients()[j],
            1e-6 * Math.abs(expected) + 1e-300,
            "coefficient " + j);
      }
    }
  }

  @Test
  void yearsAndIdsNearABillionLoseNoDigits() throws TrainingException {
    Random random = new Random(1);
    RowBlock rows =
        rows(
            300,
            () -> 20 + 5 * random.nextGaussian(),
            () -> 2013 + random.nextInt(5),
            () -> 1e9 + random.nextInt(50),
            () -> 1 + random.nextInt(12),
            () -> 1e-9 * random.nextGaussian());
    assertFits(1e-12, rows, 0, 0, 1, 2, 3);
  }

  @Test
  void hugeLabelsKeepTheirDigits() throws TrainingException {
    Random random = new Random(2);
    RowBlock rows =
        rows(
            100,
            () -> 1e15 + 1e12 * random.nextGaussian(),
            random::nextGaussian,
            () -> 1e6 * random.nextDouble());
    assertFits(1e-12, rows, 0, 0, 1);
  }

  @Test
  void labelsNearTheEndOfTheRangeAreFitted() throws TrainingException {
    double[] x = {0};
    double[] y = {0};
    RowBlock rows = rows(10, () -> 1e300 * (++y[0] + 7), () -> 1e200 * ++x[0]);
    LinearModel model = fit(Linear.regression(), rows);
    double[] predictions = model.predict(rows);
    for (int i = 0; i < 10; i++) {
      assertEquals(rows.labels()[i], predictions[i], 1e289);
    }
  }

  @Property(tries = 100)
  void badlyScaledColumnsAgreeWithAnExactSolution(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int features)
      throws TrainingException {
    Random random = new Random(seed);
    DoubleSupplier[] columns = new DoubleSupplier[features];
    for (int f = 0; f < features; f++) {
      double scale = Math.pow(10, random.nextInt(17) - 8);
      double offset = scale * Math.pow(10, random.nextInt(7)) * random.nextGaussian();
      double missing = random.nextInt(3) == 0 ? 0.2 : 0;
      columns[f] =
          () -> random.nextDouble() < missing ? Double.NaN : offset + scale * random.nextGaussian();
    }
    RowBlock rows = rows(40 + random.nextInt(60), () -> 1e3 * random.nextGaussian(), columns);
    assertFits(1e-9, rows, 0, IntStream.range(0, features).toArray());
  }

  @Test
  void nearlyCollinearColumnsGoByTheRows() throws TrainingException {
    Random random = new Random(3);
    double[] base = {0};
    RowBlock rows =
        rows(
            200,
            random::nextGaussian,
            () -> base[0] = random.nextGaussian(),
            () -> base[0] + 1e-5 * random.nextGaussian(),
            random::nextGaussian);
    assertFits(1e-9, rows, 0, 0, 1, 2);
  }

  @Test
  void collinearColumnsPredictAsTheColumnsWithoutThem() throws TrainingException {
    Random random = new Random(4);
    double[] base = new double[2];
    RowBlock rows =
        rows(
            100,
            random::nextGaussian,
            () -> base[0] = 2013 + random.nextInt(5),
            () -> base[1] = random.nextGaussian(),
            () -> 3 * base[0] - 2 * base[1] + 7);
    assertFits(1e-10, rows, 0, 0, 1);
    LinearModel model = fit(Linear.regression(), rows);
    assertEquals(
        List.of(
            "features F0, F1, F2 are collinear in the training rows; the coefficients of least norm"
                + " are taken"),
        model.notes());
  }

  @Test
  void constantAndEmptyColumnsGetNoCoefficient() throws TrainingException {
    Random random = new Random(5);
    RowBlock rows =
        rows(
            50,
            () -> 3 + random.nextGaussian(),
            () -> 0.1,
            () -> Double.NaN,
            () -> random.nextInt(4) == 0 ? Double.NaN : random.nextGaussian());
    assertFits(1e-12, rows, 0, 2);
    LinearModel model = fit(Linear.regression(), rows);
    assertEquals(0, model.coefficients()[0]);
    assertEquals(0, model.coefficients()[1]);
    assertEquals(
        List.of(
            "feature F0 is constant in the training rows; its coefficient is 0",
            "feature F1 has no value in the training rows; its coefficient is 0"),
        model.notes());
  }

  @Test
  void aConstantLabelIsPredictedExactly() throws TrainingException {
    Random random = new Random(6);
    RowBlock rows = rows(30, () -> 0.1, random::nextGaussian, () -> random.nextInt(7));
    for (double prediction : fit(Linear.regression(), rows).predict(rows)) {
      assertEquals(0.1, prediction, 1e-16);
    }
  }

  @Test
  void oneRowPredictsItsLabel() throws TrainingException {
    RowBlock rows = rows(1, () -> 42, () -> 2013, () -> Double.NaN);
    assertArrayEquals(new double[] {42}, fit(Linear.regression(), rows).predict(rows));
  }

  @Test
  void fewerRowsThanFeaturesAreInterpolated() throws TrainingException {
    Random random = new Random(7);
    RowBlock rows =
        rows(
            3,
            random::nextGaussian,
            random::nextGaussian,
            random::nextGaussian,
            random::nextGaussian,
            random::nextGaussian);
    double[] predictions = fit(Linear.regression(), rows).predict(rows);
    assertArrayEquals(rows.labels(), predictions, 1e-12);
  }

  @Property(tries = 50)
  void ridgePenalisesStandardisedColumns(@ForAll long seed) throws TrainingException {
    Random random = new Random(seed);
    RowBlock rows =
        rows(
            60,
            random::nextGaussian,
            () -> 1e6 + random.nextInt(5),
            () -> random.nextInt(5) == 0 ? Double.NaN : 1e-4 * random.nextGaussian());
    assertFits(1e-11, rows, 0.3, 0, 1);
  }

  @Test
  void infiniteValuesAreRefusedByName() {
    RowBlock rows = rows(9, () -> 1, () -> 2, () -> Double.POSITIVE_INFINITY);
    TrainingException refused =
        assertThrows(TrainingException.class, () -> fit(Linear.regression(), rows));
    assertEquals(
        "feature F1 has infinite values, or values too large to add up", refused.getMessage());
  }

  @Property(tries = 60)
  void momentsOfPartsMergeIntoThoseOfTheWhole(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int parts) throws TrainingException {
    Random random = new Random(seed);
    RowBlock rows =
        rows(
            120,
            () -> 1e4 + random.nextGaussian(),
            () -> random.nextInt(3) == 0 ? Double.NaN : 2013 + random.nextInt(5),
            () -> 1e7 + random.nextGaussian(),
            () -> random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian());
    List<List<Integer>> split = new ArrayList<>();
    for (int p = 0; p < parts; p++) {
      split.add(new ArrayList<>());
    }
    for (int i = 0; i < rows.rows(); i++) {
      split.get(random.nextInt(parts)).add(i);
    }
    RowSums merged = Linear.regression().noSums(schema(3));
    for (List<Integer> part : split) {
      int[] numbers = part.stream().mapToInt(Integer::intValue).toArray();
      merged = merged.add(rows.select(numbers));
    }
    assertEquals(120, merged.rows());
    LinearModel whole = fit(Linear.regression(), rows);
    LinearModel fromParts = (LinearModel) Linear.regression().fit(schema(3), merged);
    assertArrayEquals(whole.predict(rows), fromParts.predict(rows), 1e-6);
    for (int j = 0; j < 3; j++) {
      double expected = whole.coefficients()[j];
      assertEquals(expected, fromParts.coefficients()[j], 1e-7 * Math.abs(expected) + 1e-9);
    }
  }

  @Test
  void momentsAloneSolveCollinearColumnsToo() throws TrainingException {
    Random random = new Random(8);
    double[] base = {0};
    RowBlock rows =
        rows(80, random::nextGaussian, () -> base[0] = random.nextInt(9), () -> 2 * base[0] + 1);
    LinearModel model =
        (LinearModel)
            Linear.regression().fit(schema(2), Linear.regression().noSums(schema(2)).add(rows));
    assertArrayEquals(fit(Linear.regression(), rows).predict(rows), model.predict(rows), 1e-12);
    assertEquals(1, model.notes().size());
  }

  @Property(tries = 20)
  void theExportedModelAgreesToTheBitWhateverTheBatch(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int features)
      throws TrainingException {
    Random random = new Random(seed);
    DoubleSupplier[] columns = new DoubleSupplier[features];
    for (int f = 0; f < features; f++) {
      double offset = 1e6 * random.nextGaussian();
      columns[f] = () -> random.nextInt(9) == 0 ? Double.NaN : offset + 100 * random.nextGaussian();
    }
    RowBlock rows = rows(4500, () -> 1e5 * random.nextGaussian(), columns);
    LinearModel model = fit(Linear.regression(), rows);
    double[] expected = model.predict(rows);
    assertSameBits(model.toOnnx(metadata(schema(features))), rows, expected);
  }

  private static void assertSameBits(byte[] onnx, RowBlock rows, double[] expected) {
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(session.shape())) {
      InputColumns values = InputColumns.of(session.features(), rows);
      for (int batch : new int[] {1, 2, 7, 33, 256, 4096, 4500}) {
        double[] found = new double[rows.rows()];
        for (int i = 0; i < found.length; i += batch) {
          session.predict(buffers, values, i, Math.min(batch, found.length - i), found, i);
        }
        assertArrayEquals(expected, found, "batch " + batch);
      }
    }
  }

  @Property(tries = 8)
  void everyTypeOfFeatureIsExportedToTheBit(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 300) int trainingRows)
      throws TrainingException {
    Random random = new Random(seed);
    RowBlock rows = MixedTable.rows(random, trainingRows, random.nextBoolean(), true);
    LinearModel model =
        (LinearModel) Linear.regression().fit(new TrainingTable(MixedTable.SCHEMA, rows));
    RowBlock others =
        RowBlock.concat(
            List.of(MixedTable.rows(random, 700, true, false), MixedTable.unseenRows(random, 100)));
    assertSameBits(model.toOnnx(metadata(MixedTable.SCHEMA)), others, model.predict(others));
  }

  @Test
  void missingAndUnseenCategoriesCountAsTheMeanEffect() throws TrainingException {
    TableSchema schema =
        new TableSchema(List.of(new Feature("STATE", FeatureType.TEXT_CATEGORY)), "Y");
    RowBlock.Builder rows = RowBlock.builder(schema);
    for (String state : List.of("NY", "CA", "NY", "NY", "TX")) {
      double label = Map.of("CA", 10.0, "NY", 20.0, "TX", 60.0).getOrDefault(state, 0.0);
      rows.append(new double[] {rows.code(0, state)}, label, 0, 0);
    }
    LinearModel model =
        (LinearModel) Linear.regression().fit(new TrainingTable(schema, rows.build()));
    RowBlock.Builder probes = RowBlock.builder(schema);
    for (String state : List.of("CA", "NY", "TX", "WA", "")) {
      probes.append(new double[] {probes.code(0, state)}, 0, 0, 0);
    }
    probes.append(new double[] {Double.NaN}, 0, 0, 0);
    RowBlock block = probes.build();
    double[] predictions = model.predict(block);
    assertArrayEquals(new double[] {10, 20, 60, 26, 26, 26}, predictions, 1e-13);
    assertSameBits(model.toOnnx(metadata(schema)), block, predictions);
  }

  @Test
  void rowsCountByTheirWeights() throws TrainingException {
    Random random = new Random(9);
    RowBlock.Builder weighted = RowBlock.builder(2);
    RowBlock.Builder repeated = RowBlock.builder(2);
    for (int i = 0; i < 60; i++) {
      double[] row = {1e6 + random.nextInt(9), i % 7 == 0 ? Double.NaN : random.nextGaussian()};
      double label = random.nextGaussian();
      weighted.append(row, label, i % 3, i, 0);
      for (int r = 0; r < i % 3; r++) {
        repeated.append(row, label, i, 0);
      }
    }
    RowBlock probes = repeated.build();
    assertArrayEquals(
        fit(Linear.regression().withRidge(0.1), probes).predict(probes),
        fit(Linear.regression().withRidge(0.1), weighted.build()).predict(probes),
        1e-12);
  }

  @Test
  void rowsWithoutWeightAreRefused() {
    RowBlock rows = RowBlock.builder(1).append(new double[] {1}, 2, 0, 0, 0).build();
    assertEquals(
        "the weights of the rows add up to 0.0: it must be a finite number above 0",
        assertThrows(TrainingException.class, () -> fit(Linear.regression(), rows)).getMessage());
  }

  private static ModelMetadata metadata(TableSchema schema) {
    return new ModelMetadata("7", "Y", schema.features(), Linear.NAME, Map.of(), 4500, "none");
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set ridge to -1.0: it must be a finite number, 0 or more",
        assertThrows(IllegalArgumentException.class, () -> Linear.regression().withRidge(-1))
            .getMessage());
    assertEquals(
        "cannot set parameter 'rige' of linear: known is ridge",
        assertThrows(IllegalArgumentException.class, () -> Linear.parse(Map.of("rige", "1")))
            .getMessage());
    assertEquals(
        "cannot set ridge to 'much': it must be a number, 0 or more",
        assertThrows(IllegalArgumentException.class, () -> Linear.parse(Map.of("ridge", "much")))
            .getMessage());
  }
}
