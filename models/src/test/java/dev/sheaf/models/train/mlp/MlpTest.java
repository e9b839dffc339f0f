package dev.sheaf.models.train.mlp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MlpTest {
  private static final TableSchema NUMBERS =
      new TableSchema(
          List.of(
              new Feature("year", FeatureType.INTEGER),
              new Feature("price", FeatureType.FLOAT),
              new Feature("constant", FeatureType.FLOAT),
              new Feature("empty", FeatureType.FLOAT),
              new Feature("state", FeatureType.TEXT_CATEGORY),
              new Feature("day", FeatureType.DATE)),
          "sold");
  private static final TableSchema CLASSES = NUMBERS.withLabelType(LabelType.CLASS);
  private static final String[] STATES = {"CA", "", "TX", "WI"};
  private static final String[] NAMES = {"none", "few", "many"};

  /** Waves over the years, far from 0 and with other scales; every ninth price is missing. */
  private static RowBlock numbers(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RowBlock.Builder block = RowBlock.builder(NUMBERS);
    for (int r = 0; r < rows; r++) {
      double year = 2000 + random.nextInt(25);
      double price = 1000 * random.nextDouble();
      double label = 50_000 + 3000 * Math.sin(year / 3) + 4 * price;
      double state = block.code(4, STATES[random.nextInt(STATES.length)]);
      double day = r % 11 == 0 ? Double.NaN : 18_000 + random.nextInt(900);
      double[] row = {year, r % 9 == 0 ? Double.NaN : price, 7, Double.NaN, state, day};
      block.append(row, label, random.nextLong(), r);
    }
    return block.build().canonical();
  }

  private static RowBlock classes(int rows, long seed) {
    RowBlock numbers = numbers(rows, seed);
    RowBlock.Builder block = RowBlock.builder(CLASSES);
    for (int r = 0; r < rows; r++) {
      double[] row = row(numbers, r);
      row[4] = block.code(4, numbers.dictionary(4).get((int) row[4]));
      double label = numbers.labels()[r];
      String name = NAMES[label < 50_000 ? 0 : label < 52_500 ? 1 : 2];
      block.append(row, block.classCode(name), numbers.hashes()[r], numbers.orders()[r]);
    }
    return block.build().canonical();
  }

  private static double[] row(RowBlock rows, int r) {
    return IntStream.range(0, rows.features()).mapToDouble(f -> rows.column(f)[r]).toArray();
  }

  private static FittedModel fit(Mlp trainer, RowBlock rows) throws TrainingException {
    TableSchema schema = trainer.task().isClassification() ? CLASSES : NUMBERS;
    return trainer.fit(new TrainingTable(schema, rows));
  }

  private static byte[] onnx(Mlp trainer, FittedModel model) throws TrainingException {
    return model.toOnnx(
        new ModelMetadata(
            "k",
            "sold",
            NUMBERS.features(),
            model.classes(),
            Mlp.NAME,
            trainer.parameters(),
            1,
            "none"));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void learnsACurve(Activation activation) throws TrainingException {
    Mlp trainer = Mlp.regression().withActivation(activation);
    RowBlock fresh = numbers(500, 2);
    double[] predicted = fit(trainer, numbers(2000, 1)).predict(fresh);
    double squares = 0;
    double naive = 0;
    double mean = Arrays.stream(fresh.labels()).average().orElseThrow();
    for (int r = 0; r < predicted.length; r++) {
      if (!Double.isNaN(fresh.column(1)[r])) {
        squares += Math.pow(predicted[r] - fresh.labels()[r], 2);
        naive += Math.pow(mean - fresh.labels()[r], 2);
      }
    }
    assertTrue(squares < 0.03 * naive, "part of variance left: " + squares / naive);
  }

  @Test
  void givesProbabilitiesOfClasses() throws TrainingException {
    RowBlock fresh = classes(500, 2);
    FittedModel model = fit(Mlp.classification(), classes(2000, 1));
    assertEquals(List.of("few", "many", "none"), model.classes());
    double[] predicted = model.predict(fresh);
    int right = 0;
    for (int r = 0; r < fresh.rows(); r++) {
      double[] row = Arrays.copyOfRange(predicted, 3 * r, 3 * r + 3);
      assertEquals(1, row[0] + row[1] + row[2], 1e-12);
      String truth = fresh.classes().get((int) fresh.labels()[r]);
      right += row[model.classes().indexOf(truth)] > 0.5 ? 1 : 0;
    }
    assertTrue(right > 420, right + " of 500 right");
  }

  @ParameterizedTest
  @CsvSource({
    "64-64,relu,regression",
    "64-64,tanh,regression",
    "7,tanh,classification",
    "33-5-17,relu,classification",
    "300-200,relu,regression"
  })
  void theGraphPredictsTheSameInAnyBatch(String hidden, String activation, String task)
      throws TrainingException {
    Mlp trainer =
        Mlp.parse(Map.of("hidden", hidden, "activation", activation, "task", task, "epochs", "3"));
    boolean regression = task.equals("regression");
    RowBlock rows = regression ? numbers(4096, 3) : classes(4096, 3);
    FittedModel model = fit(trainer, rows.select(IntStream.range(0, 300).toArray()));
    double[] expected = model.predict(rows);
    int outputs = expected.length / rows.rows();
    double tolerance = activation.equals("tanh") ? 1e-6 : 1e-12;
    double scale = regression ? 50_000 : 1;
    try (ModelSession session = ModelSession.open(onnx(trainer, model), ExecutionProvider.cpu())) {
      double[] all = session.predict(InputColumns.of(NUMBERS.features(), rows));
      assertArrayEquals(expected, all, tolerance * scale);
      for (int batch : new int[] {1, 2, 3, 7, 64, 255}) {
        for (int from = 0; from < 40 * batch && from + batch <= 4096; from += batch) {
          RowBlock some = rows.select(IntStream.range(from, from + batch).toArray());
          double[] part = session.predict(InputColumns.of(NUMBERS.features(), some));
          assertArrayEquals(
              Arrays.copyOfRange(all, from * outputs, (from + batch) * outputs),
              part,
              "batch of " + batch);
        }
      }
    }
  }

  @Test
  void theSameRowsGiveTheSameBytesAndAnotherSeedOthers() throws TrainingException {
    RowBlock rows = numbers(400, 1);
    Mlp trainer = Mlp.regression().withEpochs(5);
    byte[] once = onnx(trainer, fit(trainer, rows));
    assertArrayEquals(once, onnx(trainer, fit(trainer, rows)));
    Mlp other = trainer.withSeed(1);
    assertFalse(Arrays.equals(once, onnx(trainer, fit(other, rows))));
  }

  @Test
  void aMissingValueCountsAsTheMeanAndAConstantColumnForNothing() throws TrainingException {
    RowBlock rows = numbers(400, 1);
    FittedModel model = fit(Mlp.regression().withEpochs(3), rows);
    double mean =
        Arrays.stream(rows.column(1)).filter(v -> !Double.isNaN(v)).average().orElseThrow();
    RowBlock probes =
        RowBlock.builder(NUMBERS)
            .append(new double[] {2003, Double.NaN, 7, Double.NaN, Double.NaN, Double.NaN}, 0, 0, 0)
            .append(new double[] {2003, mean, 7, Double.NaN, Double.NaN, Double.NaN}, 0, 0, 0)
            .append(new double[] {2003, mean, -1e6, 1e6, Double.NaN, Double.NaN}, 0, 0, 0)
            .build();
    double[] predicted = model.predict(probes);
    assertEquals(predicted[0], predicted[1], 1e-6);
    assertEquals(predicted[1], predicted[2], 1e-6);
  }

  @Test
  void earlyStoppingKeepsTheBestWeights() throws TrainingException {
    Mlp trainer =
        Mlp.regression().withLearningRate(0.05).withWeightDecay(0).withEarlyStopping(2, 0.3);
    TrainingTable table = new TrainingTable(NUMBERS, numbers(200, 1));
    FittedModel model = trainer.fit(table);
    List<CurvePoint> evaluation =
        model.curve().stream().filter(p -> p.dataset().equals("evaluation")).toList();
    assertTrue(evaluation.size() < 100, evaluation.size() + " epochs");
    double least = evaluation.stream().mapToDouble(CurvePoint::value).min().orElseThrow();
    assertEquals(least, evaluation.get(evaluation.size() - 3).value());
    RowBlock kept = table.split(0.3).evaluation();
    double[] predicted = model.predict(kept);
    double squares = 0;
    for (int r = 0; r < kept.rows(); r++) {
      squares += Math.pow(predicted[r] - kept.labels()[r], 2);
    }
    assertEquals(least, Math.sqrt(squares / kept.rows()), 1e-4 * least);
  }

  @Test
  void withoutEarlyStoppingAllEpochsAreTaken() throws TrainingException {
    FittedModel model = fit(Mlp.regression().withoutEarlyStopping().withEpochs(4), numbers(100, 1));
    assertEquals(
        List.of("train 1", "train 2", "train 3", "train 4"),
        model.curve().stream().map(p -> p.dataset() + " " + p.iteration()).toList());
  }

  @Test
  void rowsCountByTheirWeights() throws TrainingException {
    RowBlock.Builder block = RowBlock.builder(NUMBERS);
    for (int r = 0; r < 200; r++) {
      double weight = r % 2 == 0 ? 9 : 0;
      block.append(
          new double[] {Math.floorDiv(r, 2), 0, 0, 0, Double.NaN, 0},
          r % 2 == 0 ? r : -5000,
          weight,
          r,
          r);
    }
    Mlp trainer = Mlp.regression().withoutEarlyStopping().withWeightDecay(0);
    double[] predicted = fit(trainer, block.build()).predict(block.build());
    assertEquals(100, predicted[100], 40);
  }

  @Test
  void aConstantLabelIsPredicted() throws TrainingException {
    RowBlock.Builder block = RowBlock.builder(NUMBERS);
    for (int r = 0; r < 50; r++) {
      block.append(new double[] {r, 1, 2, 3, Double.NaN, 5}, 12.5, r, r);
    }
    double[] predicted = fit(Mlp.regression(), block.build()).predict(block.build());
    assertTrue(Arrays.stream(predicted).allMatch(p -> p == 12.5));
  }

  @Test
  void refusesWhatCannotBeLearned() {
    RowBlock infinite =
        RowBlock.builder(NUMBERS)
            .append(new double[] {1, Double.POSITIVE_INFINITY, 1, 1, Double.NaN, 1}, 0, 0, 0)
            .build();
    TrainingException refused =
        assertThrows(TrainingException.class, () -> fit(Mlp.regression(), infinite));
    assertEquals(
        "column price has infinite values, or values too large to add up", refused.getMessage());
  }

  @Test
  void anInterruptEndsTheTraining() {
    Thread.currentThread().interrupt();
    TrainingException ended =
        assertThrows(TrainingException.class, () -> fit(Mlp.regression(), numbers(100, 1)));
    assertTrue(Thread.interrupted());
    assertEquals("interrupted in epoch 1", ended.getMessage());
  }

  @Test
  void everyOptionIsReadAndWritten() {
    Map<String, String> options =
        Map.of(
            "task", "classification",
            "hidden", "10-20",
            "activation", "tanh",
            "epochs", "3",
            "batch_size", "11",
            "learning_rate", "0.25",
            "weight_decay", "0.5",
            "patience", "4",
            "evaluation_fraction", "0.125",
            "seed", "9");
    assertEquals(options, Mlp.parse(options).parameters());
    assertEquals(
        Mlp.classification()
            .withHidden(10, 20)
            .withActivation(Activation.TANH)
            .withEpochs(3)
            .withBatchSize(11)
            .withLearningRate(0.25)
            .withWeightDecay(0.5)
            .withEarlyStopping(4, 0.125)
            .withSeed(9),
        Mlp.parse(options));
    assertNotEquals(Mlp.regression(), Mlp.classification());
    assertEquals("mlp", Mlp.regression().toString());
    assertEquals("mlp:epochs=3,hidden=8", Mlp.regression().withHidden(8).withEpochs(3).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hidden|0|1 to 8 layers of 1 to 4096 units, joined by '-', such as 64-64",
        "hidden|a|whole numbers of units joined by '-', such as 64-64",
        "activation|elu|relu or tanh",
        "epochs|0|a whole number from 1 to 1000000",
        "epochs|1.5|a whole number",
        "batch_size|70000|a whole number from 1 to 65536",
        "learning_rate|0.0|a number above 0, at most 1",
        "weight_decay|NaN|a number from 0 to 100",
        "patience|-1|a whole number from 1 to 1000000, or 0 for no early stopping",
        "evaluation_fraction|0.75|a number above 0, at most 0.5",
        "seed|x|a whole number",
        "task|other|regression or classification"
      })
  void refusesWrongValuesByName(String option, String value, String rule) {
    assertEquals(
        "cannot set " + option + " of mlp to '" + value + "': it must be " + rule,
        assertThrows(IllegalArgumentException.class, () -> Mlp.parse(Map.of(option, value)))
            .getMessage());
  }

  @Test
  void refusesUnknownOptions() {
    assertEquals(
        "cannot set parameter 'layers' of mlp: known are task, hidden, activation, epochs,"
            + " batch_size, learning_rate, weight_decay, patience, evaluation_fraction, seed",
        assertThrows(IllegalArgumentException.class, () -> Mlp.parse(Map.of("layers", "2")))
            .getMessage());
    assertEquals(
        "cannot set patience of mlp to '0': it must be 1 or more, or choose withoutEarlyStopping()",
        assertThrows(
                IllegalArgumentException.class, () -> Mlp.regression().withEarlyStopping(0, 0.1))
            .getMessage());
  }
}
