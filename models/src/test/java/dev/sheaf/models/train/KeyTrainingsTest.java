package dev.sheaf.models.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.naive.Naive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a key's training makes of champions, backtests, earlier attempts and several trainers. */
final class KeyTrainingsTest {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(new Feature("X", FeatureType.FLOAT), new Feature("DAY", FeatureType.DATE)), "Y");

  /** Rows in the order of days: y = 3 x + day / 10, from x = 50 on another slope, some noise. */
  private static RowBlock rows(int count, double bend) {
    Random random = new Random(7);
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    for (int day = 0; day < count; day++) {
      double x = random.nextInt(100);
      double y = 3 * x + day / 10.0 + bend * Math.max(0, x - 50) + random.nextGaussian();
      rows.append(new double[] {x, 17_000 + day}, y, random.nextLong(), day);
    }
    return rows.build();
  }

  private static KeyOutcome train(KeyTrainer trainer, KeyHistory history, RowBlock rows) {
    try (KeyTrainings trainings = trainer.open(history)) {
      return trainings.train("7", List.of(rows));
    }
  }

  private static KeyHistory championOf(byte[] onnx) {
    return new KeyHistory() {
      @Override
      public Optional<Champion> champion(String key) {
        return Optional.of(new Champion("v1", onnx));
      }
    };
  }

  private static double number(KeyReport report, String metric) {
    return Objects.requireNonNull(report.metric(metric), metric);
  }

  @Test
  void theChampionPredictsTheSameRowsHeldOut() {
    Holdout holdout = Holdout.last("DAY", 0.25);
    KeyTrainer naive = KeyTrainer.of(Naive.mean(), holdout, SCHEMA);
    KeyOutcome old = train(naive, KeyHistory.none(), rows(200, 0));
    KeyHistory history = championOf(Objects.requireNonNull(old.onnx()));
    KeyReport report =
        train(KeyTrainer.of(Linear.regression(), holdout, SCHEMA), history, rows(200, 0)).report();
    assertEquals(old.report().losses().model(), report.losses().champion());
    assertEquals("v1", report.losses().championVersion());
    assertEquals("rmse", report.losses().name());
    assertEquals(number(report, "rmse"), report.losses().model());
    assertTrue(number(report, "rmse") < Objects.requireNonNull(report.losses().champion()));
  }

  @Test
  void aChampionOfOtherColumnsOrADamagedOneIsNotedAndStandsInNobodysWay() {
    Holdout holdout = Holdout.fraction(0.25);
    TableSchema other =
        new TableSchema(
            List.of(new Feature("Z", FeatureType.FLOAT), new Feature("DAY", FeatureType.DATE)),
            "Y");
    KeyOutcome old =
        KeyTrainer.of(Linear.regression(), holdout, other).train("7", List.of(rows(90, 0)));
    KeyTrainer trainer = KeyTrainer.of(Linear.regression(), holdout, SCHEMA);
    KeyReport report =
        train(trainer, championOf(Objects.requireNonNull(old.onnx())), rows(90, 0)).report();
    assertNull(report.losses().champion());
    assertTrue(report.reason().contains("it takes [Z, DAY]"), report.reason());
    KeyReport damaged = train(trainer, championOf(new byte[] {1, 2}), rows(90, 0)).report();
    assertEquals(TrainingStatus.TRAINED, damaged.status());
    assertTrue(damaged.reason().contains("the champion cannot be judged: "), damaged.reason());
  }

  @Test
  void aStoreThatDoesNotAnswerFailsTheKeyAndADamagedChampionDoesNot() {
    KeyTrainer trainer = KeyTrainer.of(Linear.regression(), Holdout.fraction(0.25), SCHEMA);
    KeyReport silent =
        train(trainer, failing(new IllegalStateException("no answer")), rows(90, 0)).report();
    assertEquals(TrainingStatus.FAILED, silent.status());
    assertEquals("IllegalStateException: no answer", silent.reason());
    RuntimeException damage =
        new DamagedChampionException(new IllegalStateException("wrong digest"));
    KeyReport damaged = train(trainer, failing(damage), rows(90, 0)).report();
    assertEquals(TrainingStatus.TRAINED, damaged.status());
    assertTrue(
        damaged.reason().startsWith("the champion cannot be judged: wrong digest;"),
        damaged.reason());
  }

  private static KeyHistory failing(RuntimeException failure) {
    return new KeyHistory() {
      @Override
      public Optional<Champion> champion(String key) {
        throw failure;
      }
    };
  }

  @Test
  void aBacktestIsJudgedOnAllWindowsAndTheGateGoesByTheLast() {
    RowBlock rows = rows(200, 0);
    KeyOutcome rolling =
        KeyTrainer.of(Linear.regression(), Holdout.rolling("DAY", 3, 0.1), SCHEMA)
            .train("7", List.of(rows));
    KeyOutcome last =
        KeyTrainer.of(Linear.regression(), Holdout.last("DAY", 0.1), SCHEMA)
            .train("7", List.of(rows));
    assertEquals(60, rolling.report().holdoutRows());
    assertEquals(180, rolling.report().trainRows());
    assertEquals(3, rolling.heldOut().size());
    assertEquals(last.report().losses(), rolling.report().losses());
    assertNotEquals(number(last.report(), "rmse"), number(rolling.report(), "rmse"));
    assertEquals(
        last.heldOut().get(0).rows().labels().length, rolling.heldOut().get(2).rows().rows());
  }

  @Test
  void theBestOfSeveralIsChosenWithoutTheRowsHeldOut() {
    Holdout holdout = Holdout.last("DAY", 0.2);
    Trainer several = Trainers.parse("mean|linear|lightgbm:rounds=60,min_data_in_leaf=5");
    KeyOutcome straight = KeyTrainer.of(several, holdout, SCHEMA).train("7", List.of(rows(300, 0)));
    assertEquals("linear", straight.report().trainer());
    assertEquals(
        Set.of(
            "mean", "linear", Trainers.parse("lightgbm:rounds=60,min_data_in_leaf=5").toString()),
        straight.report().scores().keySet());
    Map<String, String> properties = ModelMetadata.read(Objects.requireNonNull(straight.onnx()));
    assertEquals("linear", properties.get("trainer"));
    KeyOutcome alone =
        KeyTrainer.of(Linear.regression(), holdout, SCHEMA).train("7", List.of(rows(300, 0)));
    assertEquals(alone.report().digest(), straight.report().digest());
    KeyOutcome bent = KeyTrainer.of(several, holdout, SCHEMA).train("7", List.of(rows(300, -9)));
    assertEquals("lightgbm", bent.report().trainer());
  }

  @Test
  void severalTrainersMustBeForOneTaskAndDiffer() {
    assertEquals(
        "cannot choose among [linear]: at least two trainers are needed",
        assertThrows(IllegalArgumentException.class, () -> BestOf.of(Linear.regression()))
            .getMessage());
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalArgumentException.class, () -> Trainers.parse("linear|logistic"))
                    .getMessage())
            .endsWith("all must be for one task"));
    assertThrows(IllegalArgumentException.class, () -> Trainers.parse("linear|linear"));
  }

  @Test
  void whatAnEarlierAttemptFinishedIsTakenByItsFingerprint() {
    KeyTrainer trainer = KeyTrainer.of(Linear.regression(), Holdout.fraction(0.2), SCHEMA);
    KeyOutcome first = train(trainer, KeyHistory.none(), rows(80, 0));
    List<String> asked = new ArrayList<>();
    KeyHistory history =
        new KeyHistory() {
          @Override
          public Optional<KeyOutcome> finished(String key, String fingerprint) {
            asked.add(fingerprint);
            return Optional.of(first).filter(f -> f.report().fingerprint().equals(fingerprint));
          }
        };
    KeyOutcome again = train(trainer, history, rows(80, 0));
    assertEquals(List.of(first.report().fingerprint()), asked);
    assertTrue(again.report().reused());
    assertEquals(first.onnx(), again.onnx());
    assertFalse(train(trainer, history, rows(81, 0)).report().reused());
    for (KeyTrainer changed :
        List.of(
            trainer.withMinimumRows(40),
            trainer.withBaseline(Naive.last("DAY")),
            trainer.withRowLimit(RowLimit.sampleAbove(50, 3)),
            KeyTrainer.of(Linear.regression().withRidge(0.1), Holdout.fraction(0.2), SCHEMA),
            KeyTrainer.of(Linear.regression(), Holdout.fraction(0.3), SCHEMA))) {
      assertFalse(train(changed, history, rows(80, 0)).report().reused());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "logistic",
        "mlp:task=classification,epochs=2",
        "xgboost:objective=classification,rounds=2",
        "lightgbm:objective=classification,rounds=2"
      })
  void whereAllRowsAreOfOneClassEveryTrainerSaysThatClass(String trainer) {
    TableSchema schema = SCHEMA.withLabelType(LabelType.CLASS);
    RowBlock.Builder rows = RowBlock.builder(schema);
    for (int day = 0; day < 60; day++) {
      rows.append(new double[] {day % 7, 17_000 + day}, rows.classCode("sold"), 3L * day, day);
    }
    KeyOutcome outcome =
        train(
            KeyTrainer.of(Trainers.parse(trainer), Holdout.fraction(0.2), schema),
            KeyHistory.none(),
            rows.build());
    assertEquals(TrainingStatus.TRAINED, outcome.report().status(), outcome.report().reason());
    assertEquals("all rows are of the class 'sold'", outcome.report().reason());
    assertEquals(0.0, number(outcome.report(), "log_loss"), 1e-9);
    assertEquals(
        "[\"sold\"]", ModelMetadata.read(Objects.requireNonNull(outcome.onnx())).get("classes"));
  }

  @Test
  void labelsThatAreNoNumbersFailWhereSumsAreTrainedOn() throws IOException {
    for (double label : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      for (Holdout holdout : List.of(Holdout.none(), Holdout.fraction(0.5))) {
        KeyTrainer trainer = KeyTrainer.of(Linear.regression(), holdout, SCHEMA);
        RowBlock good = rows(60, 0);
        RowBlock bad = RowBlock.builder(SCHEMA).append(new double[] {1, 2}, label, 77, 77).build();
        KeySums sums = KeySums.none(trainer).add(bad).merge(KeySums.none(trainer).add(good));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        sums.writeTo(new DataOutputStream(bytes));
        DataInput in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        for (KeySums given : List.of(sums, KeySums.readFrom(trainer, in))) {
          try (KeyTrainings trainings = trainer.open(KeyHistory.none())) {
            KeyReport report = trainings.train("7", given).report();
            assertEquals(TrainingStatus.FAILED, report.status());
            assertEquals(
                "a label is " + label + ": only finite numbers can be learned", report.reason());
          }
        }
      }
    }
  }

  @Test
  void aStackThatOverflowsIsToldFromALackOfMemory() {
    Trainer deep =
        new Trainer() {
          private static final long serialVersionUID = 1L;

          @Override
          public String name() {
            return "deep";
          }

          @Override
          public String version() {
            return "1";
          }

          @Override
          public Map<String, String> parameters() {
            return Map.of();
          }

          @Override
          public int minimumRows(TableSchema schema) {
            return 1;
          }

          @Override
          public FittedModel fit(TrainingTable table) {
            throw new StackOverflowError();
          }
        };
    KeyReport report =
        train(KeyTrainer.of(deep, Holdout.none(), SCHEMA), KeyHistory.none(), rows(30, 0)).report();
    assertEquals(TrainingStatus.FAILED, report.status());
    assertEquals(
        "stack overflow: the trainer calls itself deeper than a stack is", report.reason());
  }

  @Test
  void aModelTellsFromWhereToWhereItsRowsGo() {
    RowBlock rows = rows(100, 0);
    for (String trainer : List.of("linear", "xgboost:rounds=2")) {
      KeyTrainer last =
          KeyTrainer.of(Trainers.parse(trainer), Holdout.parse("last:DAY:0.2"), SCHEMA);
      assertNull(window(last, rows), "of an unknown kind the first and last value are, too");
      assertEquals(
          "{\"column\":\"DAY\",\"first\":\"1970-01-01\",\"last\":\"1970-03-21\"}",
          window(last.withOrderKind(ColumnKind.DATE), rows));
      assertEquals(
          "{\"column\":\"DAY\",\"first\":\"0\",\"last\":\"79\"}",
          window(last.withOrderKind(ColumnKind.INTEGER), rows));
      KeyTrainer fifth =
          KeyTrainer.of(Trainers.parse(trainer), Holdout.fraction(0.2), SCHEMA)
              .withOrderKind(ColumnKind.DATE);
      assertNull(window(fifth, rows));
    }
  }

  private static @Nullable String window(KeyTrainer trainer, RowBlock rows) {
    KeyOutcome outcome = train(trainer, KeyHistory.none(), rows);
    Map<String, String> properties =
        ModelMetadata.read(Objects.requireNonNull(outcome.onnx(), outcome.report().reason()));
    assertEquals(Long.toString(outcome.report().trainRows()), properties.get("training_rows"));
    return properties.get(ModelMetadata.TRAINING_WINDOW);
  }

  @Test
  void aLabelMustBeWhatTheTrainerIsFor() {
    assertEquals(
        "cannot set the label Y, for logistic, to a number: it must be a class",
        assertThrows(
                IllegalArgumentException.class,
                () -> KeyTrainer.of(Trainers.parse("logistic"), Holdout.none(), SCHEMA))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            KeyTrainer.of(
                Linear.regression(), Holdout.none(), SCHEMA.withLabelType(LabelType.CLASS)));
  }
}
