package dev.sheaf.models.train.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogisticTest {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("ID", FeatureType.INTEGER),
              new Feature("PRICE", FeatureType.FLOAT),
              new Feature("KIND", FeatureType.TEXT_CATEGORY)),
          "Y",
          LabelType.CLASS);

  /** The rows that scikit-learn was given, too. */
  private static RowBlock rows(int classes, boolean weighted) {
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    for (int i = 0; i < 120; i++) {
      double id = 1e6 + i * 37 % 101;
      double price = i * 53 % 17 / 3.0;
      String kind = List.of("x", "y", "z").get(i * 7 % 3);
      double score =
          (id - 1e6) / 25 - price + (kind.equals("y") ? 2 : 0) + (i * 29 % 23 - 11) / 4.0;
      String label =
          classes == 2 ? (score > 0 ? "b" : "a") : score < -2 ? "a" : score < 1 ? "b" : "c";
      double[] row = {id, i % 11 == 0 ? Double.NaN : price, rows.code(2, kind)};
      rows.append(row, rows.classCode(label), weighted ? 1 + i % 4 : 1, i, 0);
    }
    return rows.build().compact();
  }

  private static FittedModel fit(Logistic trainer, RowBlock rows) throws TrainingException {
    return trainer.fit(new TrainingTable(SCHEMA, rows));
  }

  /**
   * The probabilities of rows 0, 1 and 50 by scikit-learn 1.9.1: LogisticRegression(C=1/(ridge *
   * weights), tol=1e-14) on the standardised columns ID, PRICE (the mean where missing), y and z.
   */
  @ParameterizedTest
  @CsvSource({
    "2, false, 0.01, 0.9004862735568979, 0.09524873463954808, 0.9697397279823753, 0.030260272017624757",
    "2, false, 0.1, 0.7677083206013121, 0.21664961840045682, 0.8828504845159489, 0.11714951548405109",
    "2, true, 0.01, 0.8677859072293512, 0.10327843583954666, 0.9631626711575818, 0.03683732884241817",
    "2, true, 0.1, 0.7477029577277802, 0.21935897269665383, 0.8751278939310376, 0.12487210606896235",
    "3, false, 0.01, 0.7140488344231797, 0.016642412363496954, 0.8239280919850884, 0.16985413925607507",
    "3, false, 0.1, 0.5554677550140644, 0.07639297086385569, 0.6710832130896698, 0.28542096106806847",
    "3, true, 0.01, 0.676069644800511, 0.019400575213318873, 0.7682112011439974, 0.22512608765928083",
    "3, true, 0.1, 0.5287004986409224, 0.08391546331006798, 0.621753198822044, 0.33531950360230084"
  })
  void probabilitiesAreThoseOfAnotherLibrary(
      int classes,
      boolean weighted,
      double ridge,
      double first,
      double second,
      double fiftieth,
      double ofTheSecondClass)
      throws TrainingException {
    RowBlock rows = rows(classes, weighted);
    FittedModel model = fit(Logistic.classification().withRidge(ridge), rows);
    assertEquals(List.of(), model.notes());
    assertEquals(classes == 2 ? List.of("a", "b") : List.of("a", "b", "c"), model.classes());
    double[] found = model.predict(rows);
    assertEquals(first, found[0], 1e-7);
    assertEquals(second, found[classes], 1e-7);
    assertEquals(fiftieth, found[50 * classes], 1e-7);
    assertEquals(ofTheSecondClass, found[50 * classes + 1], 1e-7);
  }

  @Test
  void lossesFallFromRoundToRound() throws TrainingException {
    FittedModel model = fit(Logistic.classification(), rows(3, false));
    double before = Double.POSITIVE_INFINITY;
    for (int round = 0; round < model.curve().size(); round++) {
      assertEquals(round + 1, model.curve().get(round).iteration());
      double loss = model.curve().get(round).value();
      assertTrue(loss <= before + 1e-15);
      before = loss;
    }
    double last = before;
    int rounds = model.curve().size();
    assertTrue(last < 0.8 && rounds < 100, () -> last + " after " + rounds + " rounds");
  }

  @Property(tries = 6)
  void theExportedModelAgreesToTheBitWhateverTheBatch(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 5) int classes) throws TrainingException {
    Random random = new Random(seed);
    RowBlock mixed = MixedTable.rows(random, 400, true, true);
    RowBlock.Builder labelled = RowBlock.builder(MixedTable.SCHEMA);
    double[] row = new double[mixed.features()];
    for (int i = 0; i < mixed.rows(); i++) {
      for (int f = 0; f < row.length; f++) {
        double value = mixed.column(f)[i];
        boolean text = !mixed.dictionary(f).isEmpty() && !Double.isNaN(value);
        row[f] = text ? labelled.code(f, mixed.dictionary(f).get((int) value)) : value;
      }
      labelled.append(row, labelled.classCode("c" + random.nextInt(classes)), 1 + i % 3, i, 0);
    }
    TableSchema schema = MixedTable.SCHEMA.withLabelType(LabelType.CLASS);
    FittedModel model =
        Logistic.classification()
            .withRidge(1e-4)
            .fit(new TrainingTable(schema, labelled.build().canonical()));
    RowBlock probes =
        RowBlock.concat(
            List.of(MixedTable.rows(random, 700, true, false), MixedTable.unseenRows(random, 200)));
    double[] expected = model.predict(probes);
    byte[] onnx =
        model.toOnnx(
            new ModelMetadata(
                "7", "Y", schema.features(), model.classes(), "logistic", Map.of(), 9, "none"));
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(session.shape())) {
      InputColumns values = InputColumns.of(session.features(), probes);
      double[] whole = session.predict(values);
      assertArrayEquals(expected, whole, 1e-14);
      for (int batch : new int[] {1, 2, 7, 33, 256, 900}) {
        double[] found = new double[whole.length];
        for (int i = 0; i < probes.rows(); i += batch) {
          int rows = Math.min(batch, probes.rows() - i);
          session.predict(buffers, values, i, rows, found, i * classes);
        }
        assertArrayEquals(whole, found, "batch " + batch);
      }
    }
  }

  @Test
  void classesToldApartWithoutErrorAreNoted() throws TrainingException {
    TableSchema schema =
        new TableSchema(List.of(new Feature("X", FeatureType.FLOAT)), "Y", LabelType.CLASS);
    RowBlock.Builder rows = RowBlock.builder(schema);
    for (int i = 0; i < 20; i++) {
      rows.append(new double[] {i}, rows.classCode(i < 10 ? "low" : "high"), i, 0);
    }
    RowBlock block = rows.build().compact();
    FittedModel bounded = Logistic.classification().fit(new TrainingTable(schema, block));
    assertEquals(List.of(), bounded.notes());
    double[] sure =
        Logistic.classification().withRidge(0).fit(new TrainingTable(schema, block)).predict(block);
    assertEquals(List.of("high", "low"), bounded.classes());
    assertTrue(sure[1] > 0.999 && sure[38] > 0.999);
  }

  @Test
  void oneClassAloneIsPredictedWithCertainty() throws TrainingException {
    RowBlock rows = rows(2, false);
    int[] ofOne = IntStream.range(0, 120).filter(i -> rows.labels()[i] == 1).toArray();
    FittedModel model = fit(Logistic.classification(), rows.select(ofOne));
    assertEquals(List.of("b"), model.classes());
    assertEquals(List.of("all rows are of the class 'b'"), model.notes());
    assertArrayEquals(new double[] {1, 1, 1}, model.predict(rows.select(new int[] {0, 1, 2})));
  }

  @Test
  void rowsThatCountNotAtAllAreRefused() {
    RowBlock none = rows(2, false).select(new int[0]).compact();
    assertEquals(
        "no row that counts has a class: a classifier needs rows of at least one",
        assertThrows(TrainingException.class, () -> fit(Logistic.classification(), none))
            .getMessage());
  }

  @Test
  void interruptionEndsTheFit() {
    Thread.currentThread().interrupt();
    assertEquals(
        "interrupted after 0 rounds",
        assertThrows(TrainingException.class, () -> fit(Logistic.classification(), rows(3, false)))
            .getMessage());
    assertTrue(Thread.interrupted());
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set parameter 'c' of logistic: known is ridge",
        assertThrows(IllegalArgumentException.class, () -> Logistic.parse(Map.of("c", "1")))
            .getMessage());
    assertEquals(
        "cannot set ridge to -1.0: it must be a finite number, 0 or more",
        assertThrows(IllegalArgumentException.class, () -> Logistic.parse(Map.of("ridge", "-1")))
            .getMessage());
    assertEquals("logistic:ridge=0.5", Logistic.parse(Map.of("ridge", "0.5")).toString());
  }
}
