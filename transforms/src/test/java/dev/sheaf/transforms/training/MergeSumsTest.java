package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyHistory;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeySums;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.KeyTrainings;
import dev.sheaf.models.train.TrainingStatus;
import dev.sheaf.models.train.linear.Linear;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The CombineFn of sums against the same rows in memory, in any split and merge order. */
final class MergeSumsTest {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("PRODUCT_ID", FeatureType.INTEGER),
              new Feature("YEAR", FeatureType.INTEGER),
              new Feature("PRICE", FeatureType.FLOAT),
              new Feature("STATE", FeatureType.TEXT_CATEGORY)),
          "Y");

  private static final KeyTrainer TRAINER =
      KeyTrainer.of(Linear.regression(), Holdout.fraction(0.2), SCHEMA);

  private static RowBlock rows(Random random, int count) {
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    for (int i = 0; i < count; i++) {
      double id = 1e9 + random.nextInt(1000);
      double year = 2010 + random.nextInt(10);
      double price = random.nextInt(20) == 0 ? Double.NaN : 5 + random.nextDouble();
      int state = random.nextInt(4);
      double code = state == 3 ? Double.NaN : rows.code(3, "S" + state);
      double label =
          0.01 * (id - 1e9)
              + 20 * (year - 2010)
              + (Double.isNaN(price) ? 165 : 30 * price)
              + 7 * state
              + random.nextGaussian();
      rows.append(
          new double[] {id, year, price, code}, label, 1 + random.nextInt(3), random.nextLong(), 0);
    }
    return rows.build();
  }

  private static byte[] page(String key, RowBlock rows) {
    return MergeSums.write(Map.of(key, KeySums.none(TRAINER).add(rows)));
  }

  /** Merges the accumulators in a random tree. */
  private static List<byte[]> combine(MergeSums fn, List<byte[]> pages, Random random) {
    List<List<byte[]>> accumulators = new ArrayList<>();
    for (byte[] page : pages) {
      if (accumulators.isEmpty() || random.nextInt(3) == 0) {
        accumulators.add(fn.createAccumulator());
      }
      int at = random.nextInt(accumulators.size());
      accumulators.set(at, fn.addInput(accumulators.get(at), page));
    }
    while (accumulators.size() > 1) {
      Collections.shuffle(accumulators, random);
      int some = 2 + random.nextInt(accumulators.size() - 1);
      List<List<byte[]>> merged = accumulators.subList(0, some);
      List<byte[]> one = fn.mergeAccumulators(List.copyOf(merged));
      merged.clear();
      accumulators.add(one);
    }
    return accumulators.get(0);
  }

  @Property(tries = 60)
  void anySplitAndMergeOrderGivesTheModelOfAllRowsTogether(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int parts) {
    Random random = new Random(seed);
    RowBlock all = rows(random, 400);
    KeyOutcome expected = TRAINER.train("k", List.of(all));
    assertEquals(TrainingStatus.TRAINED, expected.report().status(), expected.report().reason());
    List<byte[]> pages = new ArrayList<>();
    int[] order = random.ints(0, parts).limit(all.rows()).toArray();
    for (int part = 0; part < parts; part++) {
      int wanted = part;
      int[] mine = IntStream.range(0, order.length).filter(row -> order[row] == wanted).toArray();
      if (mine.length > 0) {
        pages.add(page("k", all.select(mine)));
      }
    }
    MergeSums fn = new MergeSums(TRAINER);
    byte[] output = fn.extractOutput(combine(fn, pages, random));
    KeySums sums = Objects.requireNonNull(MergeSums.read(TRAINER, output).get("k"));
    KeyOutcome found;
    try (KeyTrainings trainings = TRAINER.open(KeyHistory.none())) {
      found = trainings.train("k", sums);
    }
    assertEquals(TrainingStatus.TRAINED, found.report().status(), found.report().reason());
    double[] predicted = predict(expected, all);
    double spread = 30;
    assertArrayEquals(predicted, predict(found, all), 1e-9 * spread);
    for (String metric : List.of("rmse", "mae", "wape", "r2")) {
      double value = Objects.requireNonNull(expected.report().metric(metric));
      assertEquals(value, Objects.requireNonNull(found.report().metric(metric)), 1e-9 * value);
    }
    assertTrue(Objects.requireNonNull(found.report().metric("rmse")) < 20);
  }

  private static double[] predict(KeyOutcome outcome, RowBlock rows) {
    byte[] onnx = Objects.requireNonNull(outcome.onnx());
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      return session.predict(InputColumns.of(session.features(), rows));
    }
  }
}
