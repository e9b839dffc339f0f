package dev.sheaf.models.train.naive;

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
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NaiveTest {
  private static final double NONE = Double.NaN;
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("STATE", FeatureType.TEXT_CATEGORY),
              new Feature("PRICE", FeatureType.FLOAT),
              new Feature("DAY", FeatureType.DATE),
              new Feature("SOLD_AT", FeatureType.DATE_TIME)),
          "Y");

  /** Rows of day, second of the day, label and weight. */
  private static RowBlock rows(double[]... rows) {
    RowBlock.Builder builder = RowBlock.builder(SCHEMA);
    for (double[] row : rows) {
      double[] features = {builder.code(0, "S" + row[2]), row[2], row[0], row[0] * 86_400 + row[1]};
      builder.append(features, row[2], row[3], 0, 0);
    }
    return builder.build();
  }

  private static final RowBlock ROWS =
      rows(
          new double[] {14, 0, 10, 1},
          new double[] {15, 0, 20, 1},
          new double[] {16, 0, 30, 1},
          new double[] {21, 80_000, 100, 1},
          new double[] {21, 80_000, 200, 3},
          new double[] {21, 79_999, 600, 0},
          new double[] {NONE, 0, 6000, 2});

  private static double[] predict(Naive trainer, RowBlock train, RowBlock probes)
      throws TrainingException {
    try (FittedModel model = trainer.fit(new TrainingTable(SCHEMA, train))) {
      double[] expected = model.predict(probes);
      byte[] onnx =
          model.toOnnx(
              new ModelMetadata(
                  "7",
                  "Y",
                  SCHEMA.features(),
                  model.classes(),
                  trainer.name(),
                  trainer.parameters(),
                  7,
                  "none"));
      try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
          BatchBuffers buffers = new BatchBuffers(session.shape())) {
        assertEquals(SCHEMA.features(), session.features());
        InputColumns values = InputColumns.of(SCHEMA.features(), probes);
        assertArrayEquals(expected, session.predict(values));
        int outputs = session.shape().outputs();
        double[] found = new double[expected.length];
        for (int i = 0; i < probes.rows(); i++) {
          session.predict(buffers, values, i, 1, found, i * outputs);
        }
        assertArrayEquals(expected, found);
      }
      return expected;
    }
  }

  private static double predict(Naive trainer) throws TrainingException {
    double[] predictions = predict(trainer, ROWS, ROWS);
    for (double prediction : predictions) {
      assertEquals(predictions[0], prediction);
    }
    return predictions[0];
  }

  @Test
  void theMeanCountsRowsByWeight() throws TrainingException {
    assertEquals(12_760 / 9.0, predict(Naive.mean()), 1e-12);
  }

  @Test
  void theLastRowsOfADayOrOfAMomentArePredicted() throws TrainingException {
    assertEquals(175, predict(Naive.last()));
    assertEquals(175, predict(Naive.last("DAY")));
    RowBlock later = rows(new double[] {3, 5, 7, 1}, new double[] {3, 6, 8, 1});
    assertEquals(7.5, predict(Naive.last("DAY"), later, later)[0]);
    assertEquals(8, predict(Naive.last("SOLD_AT"), later, later)[0]);
  }

  @Test
  void withoutAnyDateTheMeanIsTheLast() throws TrainingException {
    RowBlock rows = rows(new double[] {NONE, 0, 7, 1}, new double[] {NONE, 0, 8, 1});
    assertEquals(7.5, predict(Naive.last(), rows, rows)[0]);
    try (FittedModel model = Naive.last().fit(new TrainingTable(SCHEMA, rows))) {
      assertEquals(
          List.of("feature DAY has no value in the training rows; the mean is predicted"),
          model.notes());
    }
  }

  @Test
  void theSameDayOfTheLatestPeriodIsPredicted() throws TrainingException {
    double mean = 12_760 / 9.0;
    RowBlock probes =
        rows(
            new double[] {28, 86_399, 0, 1},
            new double[] {14, 0, 0, 1},
            new double[] {-7, 0, 0, 1},
            new double[] {-6, 3, 0, 1},
            new double[] {-5, 3, 0, 1},
            new double[] {-4, 3, 0, 1},
            new double[] {NONE, 0, 0, 1});
    double[] expected = {175, 175, 175, 20, 30, mean, mean};
    assertArrayEquals(expected, predict(Naive.seasonal(7), ROWS, probes), 1e-12);
    assertArrayEquals(expected, predict(Naive.seasonal("SOLD_AT", 7), ROWS, probes), 1e-12);
  }

  @Test
  void quantilesCountRowsByWeight() throws TrainingException {
    assertEquals(Task.quantile(0.5), Naive.quantile(0.5).task());
    assertEquals(10, predict(Naive.quantile(0.1)));
    assertEquals(200, predict(Naive.quantile(0.5)));
    assertEquals(6000, predict(Naive.quantile(0.9)));
  }

  @Test
  void classesHaveTheirFrequencies() throws TrainingException {
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    for (String name : List.of("no", "yes", "no")) {
      rows.append(
          new double[] {NONE, 1, 2, 3}, rows.classCode(name), name.equals("yes") ? 6 : 1, 0, 0);
    }
    TableSchema schema = SCHEMA.withLabelType(LabelType.CLASS);
    assertEquals(Task.classification(), Naive.frequencies().task());
    RowBlock block = rows.build();
    try (FittedModel model = Naive.frequencies().fit(new TrainingTable(schema, block))) {
      assertEquals(List.of("no", "yes"), model.classes());
    }
    assertArrayEquals(
        new double[] {0.25, 0.75, 0.25, 0.75, 0.25, 0.75},
        predict(Naive.frequencies(), block, block));
  }

  @Test
  void everyTaskHasItsConstant() {
    assertEquals(Naive.mean(), Naive.constant(Task.regression()));
    assertEquals(Naive.quantile(0.7), Naive.constant(Task.quantile(0.7)));
    assertEquals(Naive.frequencies(), Naive.constant(Task.classification()));
  }

  @Test
  void textGivesTheTrainer() {
    assertEquals(Naive.mean(), Naive.parse("mean", Map.of()));
    assertEquals(Naive.last(), Naive.parse("last", Map.of()));
    assertEquals(
        Naive.seasonal("DAY", 365),
        Naive.parse("seasonal", Map.of("column", "DAY", "period", "365")));
    assertEquals(Naive.seasonal(7), Naive.parse("seasonal", Map.of()));
    assertEquals(Naive.quantile(0.9), Naive.parse("quantile", Map.of("level", "0.9")));
    assertEquals(Naive.frequencies(), Naive.parse("frequencies", Map.of()));
    assertEquals("seasonal:column=DAY,period=7", Naive.seasonal("DAY", 7).toString());
    assertEquals("last", Naive.last().toString());
  }

  private static String refusal(String name, Map<String, String> parameters) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Naive.parse(name, parameters))
            .getMessage());
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set parameter 'column' of mean: known are []",
        refusal("mean", Map.of("column", "DAY")));
    assertEquals(
        "cannot set the period to 0 days: it must be from 1 to 3660",
        refusal("seasonal", Map.of("period", "0")));
    assertEquals(
        "cannot set period to 'week': it must be a whole number of days, 1 or more",
        refusal("seasonal", Map.of("period", "week")));
    assertEquals(
        "cannot set level to 'null': it must be a number above 0 and below 1",
        refusal("quantile", Map.of()));
    assertEquals(
        "cannot go by column 'PRICE': it must be a feature of type DATE or DATE_TIME; the features"
            + " are [STATE TEXT_CATEGORY, PRICE FLOAT, DAY DATE, SOLD_AT DATE_TIME]",
        assertThrows(IllegalArgumentException.class, () -> Naive.last("PRICE").minimumRows(SCHEMA))
            .getMessage());
  }
}
