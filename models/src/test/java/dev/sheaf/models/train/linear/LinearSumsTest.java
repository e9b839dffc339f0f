package dev.sheaf.models.train.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.RowSums;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.junit.jupiter.api.Test;

class LinearSumsTest {
  private static final TableSchema SCHEMA = MixedTable.SCHEMA;

  /** Less than the standard deviation of the labels, which lie near 10,000. */
  private static final double SPREAD = 30;

  private static byte[] bytes(RowSums sums) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    sums.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static RowSums read(TableSchema schema, byte[] bytes) throws IOException {
    return Linear.regression()
        .readSums(schema, new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  /** Adds the rows in random blocks to random sums, which are merged and sent about at random. */
  private static RowSums scattered(
      Linear trainer, TableSchema schema, RowBlock rows, int parts, Random random)
      throws IOException {
    List<List<Integer>> blocks = new ArrayList<>();
    IntStream.range(0, parts).forEach(p -> blocks.add(new ArrayList<>()));
    for (int i = 0; i < rows.rows(); i++) {
      blocks.get(random.nextInt(parts)).add(i);
    }
    List<RowSums> sums = new ArrayList<>();
    for (List<Integer> block : blocks) {
      RowBlock some = rows.select(block.stream().mapToInt(i -> i).toArray());
      some = random.nextBoolean() ? some.compact() : some;
      if (sums.isEmpty() || random.nextBoolean()) {
        sums.add(trainer.noSums(schema).add(some));
      } else {
        sums.set(0, sums.get(0).add(some));
      }
    }
    while (sums.size() > 1) {
      RowSums one = sums.remove(random.nextInt(sums.size()));
      int at = random.nextInt(sums.size());
      RowSums merged = one.merge(sums.get(at));
      byte[] sent = bytes(merged);
      RowSums received = read(schema, sent);
      assertEquals(merged, received);
      sums.set(at, received);
    }
    return sums.get(0);
  }

  private static void assertClose(double tolerance, double[] expected, double[] found) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], tolerance * SPREAD, "row " + i);
    }
  }

  @Property(tries = 150)
  void sumsInAnyOrderGiveTheModelFromTheRows(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300) int parts,
      @ForAll boolean missing,
      @ForAll boolean weighted,
      @ForAll boolean ridge)
      throws Exception {
    Random random = new Random(seed);
    RowBlock rows = MixedTable.rows(random, 250, missing, weighted);
    Linear trainer = Linear.regression().withRidge(ridge ? 0.2 : 0);
    FittedModel whole = trainer.fit(new TrainingTable(SCHEMA, rows));
    RowSums sums = scattered(trainer, SCHEMA, rows, parts, random);
    assertEquals(250, sums.rows());
    FittedModel fromSums = trainer.fit(SCHEMA, sums);
    RowBlock others = MixedTable.rows(random, 100, true, false);
    assertClose(1e-9, whole.predict(rows), fromSums.predict(rows));
    assertClose(1e-9, whole.predict(others), fromSums.predict(others));
    assertEquals(whole.notes(), fromSums.notes());
  }

  /** Sums of weights are rounded: what is left of a block's weight must not count as a row at 0. */
  @Test
  void aNumberThatABlockOfWeightedRowsLacksCostsNoDigits() throws TrainingException {
    TableSchema schema = numbers(1);
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      RowBlock.Builder all = RowBlock.builder(1);
      RowSums sums = Linear.regression().noSums(schema);
      for (int b = 0; b < 4; b++) {
        RowBlock.Builder block = RowBlock.builder(1);
        for (int i = 0; i < 9; i++) {
          double[] row = {b % 2 == 0 ? Double.NaN : 1e9 + random.nextInt(1000)};
          double label = random.nextInt(50);
          double weight = 0.1 + random.nextDouble();
          all.append(row, label, weight, i, 0);
          block.append(row, label, weight, i, 0);
        }
        sums = sums.add(block.build());
      }
      RowBlock rows = all.build();
      FittedModel whole = Linear.regression().fit(new TrainingTable(schema, rows));
      assertClose(1e-9, whole.predict(rows), Linear.regression().fit(schema, sums).predict(rows));
    }
  }

  @Property(tries = 30)
  void sumsAgreeWithOrthogonalFactorsOfTheRows(
      @ForAll long seed, @ForAll boolean missing, @ForAll boolean weighted) throws Exception {
    Random random = new Random(seed);
    RowBlock rows = MixedTable.rows(random, 400, missing, weighted);
    RowSums sums = scattered(Linear.regression(), SCHEMA, rows, 7, random);
    double[] expected = byOrthogonalFactors(rows);
    assertClose(1e-6, expected, Linear.regression().fit(SCHEMA, sums).predict(rows));
  }

  /** Predictions for the rows by a QR factorisation of their encoded columns. */
  private static double[] byOrthogonalFactors(RowBlock rows) {
    double[][] columns = Encoding.dense(SCHEMA, rows).encode(rows);
    int n = rows.rows();
    DMatrixRMaj x = new DMatrixRMaj(n, columns.length + 1);
    double[] weights = rows.weights();
    for (int j = 0; j < columns.length; j++) {
      double sum = 0;
      double total = 0;
      for (int i = 0; i < n; i++) {
        if (!Double.isNaN(columns[j][i])) {
          sum += (weights == null ? 1 : weights[i]) * columns[j][i];
          total += weights == null ? 1 : weights[i];
        }
      }
      for (int i = 0; i < n; i++) {
        x.set(i, j + 1, Double.isNaN(columns[j][i]) ? 0 : columns[j][i] - sum / total);
      }
    }
    DMatrixRMaj weightedX = x.copy();
    DMatrixRMaj y = new DMatrixRMaj(n, 1);
    for (int i = 0; i < n; i++) {
      x.set(i, 0, 1);
      double root = weights == null ? 1 : Math.sqrt(weights[i]);
      for (int j = 0; j <= columns.length; j++) {
        weightedX.set(i, j, x.get(i, j) * root);
      }
      y.set(i, 0, rows.labels()[i] * root);
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.qrp(true, false);
    assertTrue(solver.setA(weightedX));
    DMatrixRMaj solution = new DMatrixRMaj(columns.length + 1, 1);
    solver.solve(y, solution);
    double[] predictions = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= columns.length; j++) {
        predictions[i] += x.get(i, j) * solution.get(j, 0);
      }
    }
    return predictions;
  }

  private static TableSchema numbers(int features) {
    return new TableSchema(
        IntStream.range(0, features)
            .mapToObj(f -> new Feature("F" + f, FeatureType.FLOAT))
            .toList(),
        "Y");
  }

  @Test
  void sumsOfEightNumbersTakeAsManyBytesAsTheirHalfMatrix() throws IOException {
    Random random = new Random(1);
    RowBlock.Builder rows = RowBlock.builder(8);
    for (int i = 0; i < 1000; i++) {
      rows.append(random.doubles(8).toArray(), random.nextDouble(), i, 0);
    }
    RowSums sums = Linear.regression().noSums(numbers(8)).add(rows.build());
    assertEquals(1 + 2 + 1 + 1 + 8 * (9 + 9 + 45), bytes(sums).length);
    assertTrue(sums.byteSize() < 700, () -> "bytes: " + sums.byteSize());
    assertEquals(3, bytes(Linear.regression().noSums(numbers(8))).length);
  }

  private static final TableSchema PRODUCTS =
      new TableSchema(
          List.of(
              new Feature("X", FeatureType.FLOAT),
              new Feature("PRODUCT", FeatureType.INTEGER_CATEGORY)),
          "Y");

  private static RowBlock products(int from, int to) {
    RowBlock.Builder rows = RowBlock.builder(PRODUCTS);
    for (int product = from; product < to; product++) {
      for (int i = 0; i <= product % 7; i++) {
        rows.append(new double[] {i + 0.1 * product, product}, product % 13, product, 0);
      }
    }
    return rows.build();
  }

  @Test
  void tooManyCategoriesAreRefusedHoweverTheyCame() throws Exception {
    Linear trainer = Linear.regression();
    RowSums left = trainer.noSums(PRODUCTS).add(products(0, 600));
    RowSums right = trainer.noSums(PRODUCTS).add(products(500, 1000));
    trainer.fit(PRODUCTS, left.merge(right));
    RowSums more = trainer.noSums(PRODUCTS).add(products(400, 1001));
    RowSums atOnce = trainer.noSums(PRODUCTS).add(products(0, 1001));
    for (RowSums sums : List.of(left.merge(more), more.merge(left), atOnce, left.merge(atOnce))) {
      assertTrue(sums.byteSize() < 1000);
      assertEquals(sums, read(PRODUCTS, bytes(sums)));
      assertEquals(
          "feature PRODUCT has 1001 categories or more: sums over rows keep at most 1000 apart;"
              + " bring the rows together instead, by TrainPerKey.gatheringRows() or --gatherRows",
          assertThrows(TrainingException.class, () -> trainer.fit(PRODUCTS, sums)).getMessage());
    }
    assertEquals(left.rows() + more.rows(), more.merge(left).rows());
  }

  @Test
  void theMostFrequentCategoriesHaveEffects() throws Exception {
    RowBlock rows = products(0, 300);
    FittedModel whole = Linear.regression().fit(new TrainingTable(PRODUCTS, rows));
    assertEquals(
        List.of(
            "feature PRODUCT has 300 categories in the training rows; the 64 most frequent have an"
                + " effect each, the others count as missing"),
        whole.notes());
    RowSums sums = scattered(Linear.regression(), PRODUCTS, rows, 9, new Random(5));
    FittedModel fromSums = Linear.regression().fit(PRODUCTS, sums);
    assertEquals(whole.notes(), fromSums.notes());
    double[] predictions = whole.predict(rows);
    double[] found = fromSums.predict(rows);
    for (int i = 0; i < found.length; i++) {
      assertEquals(predictions[i], found[i], 1e-9 * 13);
    }
  }

  @Test
  void aLabelThatIsNoNumberIsRefusedHoweverSumsMerge() {
    Linear trainer = Linear.regression();
    RowSums good = trainer.noSums(PRODUCTS).add(products(0, 20));
    RowBlock.Builder rows = RowBlock.builder(PRODUCTS);
    double[] row = new double[PRODUCTS.features().size()];
    RowSums bad = trainer.noSums(PRODUCTS).add(rows.append(row, Double.NaN, 1, 1).build());
    for (RowSums sums : List.of(bad, good.merge(bad), bad.merge(good))) {
      assertEquals(
          "the label has values that are not finite, or too large to add up",
          assertThrows(TrainingException.class, () -> trainer.fit(PRODUCTS, sums)).getMessage());
    }
  }

  @Test
  void bytesOfSomethingElseAreRefused() {
    assertEquals(
        "cannot read sums: they must start with a1, but start with 07",
        assertThrows(IOException.class, () -> read(PRODUCTS, new byte[] {7, 0})).getMessage());
  }

  @Test
  void sumsOfOtherTablesAreRefused() {
    RowSums sums = Linear.regression().noSums(PRODUCTS);
    RowSums others = Linear.regression().noSums(numbers(2));
    assertThrows(IllegalArgumentException.class, () -> sums.merge(others));
    assertThrows(IllegalArgumentException.class, () -> Linear.regression().fit(numbers(2), sums));
  }
}
