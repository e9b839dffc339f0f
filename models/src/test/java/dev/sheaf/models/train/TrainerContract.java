package dev.sheaf.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every trainer must hold to. Extend it, say which trainer, and for which features if not all
 * kinds.
 */
public abstract class TrainerContract {
  /** The trainer under test; a quick one. */
  protected abstract Trainer trainer();

  /** Features of every type; override if the trainer takes fewer. */
  protected List<Feature> features() {
    return List.of(
        new Feature("PRICE", FeatureType.FLOAT),
        new Feature("STOCK", FeatureType.INTEGER),
        new Feature("PROMO", FeatureType.BOOLEAN),
        new Feature("STATE", FeatureType.TEXT_CATEGORY),
        new Feature("KIND", FeatureType.INTEGER_CATEGORY),
        new Feature("DAY", FeatureType.DATE),
        new Feature("SOLD_AT", FeatureType.DATE_TIME));
  }

  /** The largest difference allowed between model and export, relative to 1 or the prediction. */
  protected double tolerance() {
    return 1e-5;
  }

  protected final TableSchema schema() {
    TableSchema schema = new TableSchema(features(), "Y");
    return classifies() ? schema.withLabelType(LabelType.CLASS) : schema;
  }

  private boolean classifies() {
    return trainer().task().isClassification();
  }

  /** The names of classes; the trainer's rows have two of them if it takes no more. */
  protected List<String> classNames() {
    return List.of("low", "middle", "high");
  }

  /** Rows with every kind of value, missing ones among them. */
  protected final RowBlock rows(long seed, int n) {
    return rows(seed, n, 0);
  }

  /** Rows in which categories from a number on occur: with 100, none of those of {@link #rows}. */
  private RowBlock rows(long seed, int n, int firstCategory) {
    Random random = new Random(seed);
    List<Feature> features = features();
    RowBlock.Builder rows = RowBlock.builder(schema());
    double[] row = new double[features.size()];
    for (int i = 0; i < n; i++) {
      double signal = 0;
      for (int f = 0; f < row.length; f++) {
        double part = random.nextDouble();
        int category = firstCategory + random.nextInt(6);
        row[f] = value(rows, f, features.get(f).type(), part, category);
        signal += features.get(f).type().isCategory() ? 0.3 * category : Math.sin(3 * part);
        if (random.nextInt(10) == 0) {
          row[f] = Double.NaN;
        }
      }
      double label = Math.max(0, signal + 0.2 * random.nextGaussian());
      rows.append(row, label(rows, label), random.nextLong(), i);
    }
    return rows.build().canonical();
  }

  private static double value(
      RowBlock.Builder rows, int feature, FeatureType type, double part, int category) {
    return switch (type) {
      case FLOAT -> 5 + 3 * part;
      case INTEGER -> Math.rint(1000 * part);
      case BOOLEAN -> part < 0.5 ? 0 : 1;
      case TEXT_CATEGORY -> rows.code(feature, "State " + category);
      case INTEGER_CATEGORY -> 1_000_000 + category;
      case DATE -> Math.rint(16_000 + 2000 * part);
      case DATE_TIME -> Math.rint(1.4e9 + 2e8 * part);
    };
  }

  private double label(RowBlock.Builder rows, double label) {
    if (!classifies()) {
      return label;
    }
    int k = classNames().size();
    int place = (int) Math.floor((label / spread() - 0.25) * 2 * k);
    return rows.classCode(classNames().get(Math.max(0, Math.min(k - 1, place))));
  }

  /** About twice the mean label before it becomes a class. */
  private double spread() {
    return features().stream().mapToDouble(f -> f.type().isCategory() ? 1.5 : 1.3).sum();
  }

  protected final TrainingTable table(RowBlock rows) {
    return new TrainingTable(schema(), rows);
  }

  protected final byte[] export(FittedModel model) throws TrainingException {
    return model.toOnnx(
        new ModelMetadata(
            "7", "Y", features(), model.classes(), trainer().name(), Map.of(), 1, "none"));
  }

  /** What an exported model predicts, so many rows at a time. */
  protected static double[] score(byte[] onnx, RowBlock rows, int batch) {
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(session.shape())) {
      int outputs = session.shape().outputs();
      double[] predictions = new double[rows.rows() * outputs];
      InputColumns columns = InputColumns.of(session.features(), rows);
      for (int i = 0; i < rows.rows(); i += batch) {
        int count = Math.min(batch, rows.rows() - i);
        session.predict(buffers, columns, i, count, predictions, i * outputs);
      }
      return predictions;
    }
  }

  /** Checks that a model and its export predict the same, and finite numbers. */
  protected final void assertAgrees(FittedModel model, RowBlock rows) throws TrainingException {
    double[] expected = model.predict(rows);
    double[] found = score(export(model), rows, 4096);
    int outputs = Math.max(1, model.classes().size());
    assertEquals(rows.rows() * outputs, expected.length);
    assertEquals(expected.length, found.length);
    for (int i = 0; i < found.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      assertTrue(Double.isFinite(expected[i]), "prediction " + i + " is " + expected[i]);
      assertEquals(expected[i], found[i], tolerance() * scale, "prediction " + i);
    }
    if (outputs > 1) {
      for (int i = 0; i < rows.rows(); i++) {
        double sum = Arrays.stream(expected, i * outputs, (i + 1) * outputs).sum();
        assertEquals(1, sum, 1e-6, "the probabilities of row " + i);
      }
    }
  }

  /** Rows in which each feature in turn is missing, and one in which all are. */
  private static RowBlock withoutEach(RowBlock rows) {
    RowBlock.Builder missing = RowBlock.builder(rows.features());
    double[] row = new double[rows.features()];
    for (int f = 0; f <= row.length; f++) {
      for (int g = 0; g < row.length; g++) {
        double code = rows.column(g)[f];
        boolean text = !rows.dictionary(g).isEmpty();
        row[g] = f == g || f == row.length || Double.isNaN(code) ? Double.NaN : code;
        if (text && !Double.isNaN(row[g])) {
          row[g] = missing.code(g, rows.dictionary(g).get((int) row[g]));
        }
      }
      missing.append(row, 0, f, 0);
    }
    return missing.build();
  }

  @Test
  void theSameRowsGiveTheSameBytes() throws TrainingException {
    byte[][] models = new byte[2][];
    for (int i = 0; i < 2; i++) {
      try (FittedModel model = trainer().fit(table(rows(1, 300)))) {
        models[i] = export(model);
      }
    }
    assertArrayEquals(models[0], models[1]);
  }

  @Test
  void theExportAgreesWithTheTrainer() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(2, 400)))) {
      assertAgrees(model, rows(2, 400));
      assertAgrees(model, rows(3, 600));
    }
  }

  @Test
  void missingValuesAgree() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(4, 300)))) {
      assertAgrees(model, withoutEach(rows(5, 20)));
    }
  }

  @Test
  void unseenCategoriesCountAsMissing() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(6, 300)))) {
      RowBlock unseen = rows(7, 50, 100);
      assertAgrees(model, unseen);
      assertArrayEquals(model.predict(withoutCategories(unseen)), model.predict(unseen));
    }
  }

  private RowBlock withoutCategories(RowBlock rows) {
    RowBlock.Builder without = RowBlock.builder(rows.features());
    double[] row = new double[rows.features()];
    for (int i = 0; i < rows.rows(); i++) {
      for (int f = 0; f < row.length; f++) {
        row[f] = features().get(f).type().isCategory() ? Double.NaN : rows.column(f)[i];
      }
      without.append(row, 0, 0, 0);
    }
    return without.build();
  }

  @Test
  void aPredictionDoesNotDependOnItsBatch() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(8, 400)))) {
      byte[] onnx = export(model);
      RowBlock probes = rows(9, 4500);
      double[] alone = score(onnx, probes, 1);
      for (int batch : new int[] {7, 4096}) {
        assertArrayEquals(alone, score(onnx, probes, batch), "batch " + batch);
      }
    }
  }

  @Test
  void itsFewestRowsAreEnough() throws TrainingException {
    int fewest = trainer().minimumRows(schema());
    assertTrue(fewest >= 1, "at least one row is needed, not " + fewest);
    RowBlock rows = rows(10, fewest);
    try (FittedModel model = trainer().fit(table(rows))) {
      assertAgrees(model, rows);
    }
  }

  @Test
  void oneRowTrainsOrIsRefused() {
    RowBlock rows = rows(11, 1);
    try (FittedModel model = trainer().fit(table(rows))) {
      assertAgrees(model, rows);
    } catch (TrainingException e) {
      assertTrue(trainer().minimumRows(schema()) > 1, "one row is to be enough: " + e);
      assertFalse(String.valueOf(e.getMessage()).isBlank());
    }
  }

  @Test
  void aConstantLabelIsPredicted() throws TrainingException {
    RowBlock mixed = rows(12, 200);
    RowBlock.Builder constant = RowBlock.builder(schema());
    double[] row = new double[mixed.features()];
    for (int i = 0; i < mixed.rows(); i++) {
      for (int f = 0; f < row.length; f++) {
        row[f] = mixed.column(f)[i];
        if (features().get(f).type().isText() && !Double.isNaN(row[f])) {
          row[f] = constant.code(f, mixed.dictionary(f).get((int) row[f]));
        }
      }
      constant.append(row, classifies() ? constant.classCode("low") : 0.5, i, 0);
    }
    RowBlock rows = constant.build().canonical();
    try (FittedModel model = trainer().fit(table(rows))) {
      assertAgrees(model, rows);
      double expected = classifies() ? 1 : 0.5;
      for (double prediction : model.predict(rows)) {
        assertEquals(expected, prediction, 1e-3);
      }
    }
  }

  @Test
  void aFeatureThatIsAlwaysMissingIsNoObstacle() throws TrainingException {
    RowBlock full = rows(13, 200);
    for (int empty = 0; empty < features().size(); empty++) {
      RowBlock.Builder without = RowBlock.builder(schema());
      double[] row = new double[full.features()];
      for (int i = 0; i < full.rows(); i++) {
        for (int f = 0; f < row.length; f++) {
          row[f] = f == empty ? Double.NaN : full.column(f)[i];
          if (features().get(f).type().isText() && !Double.isNaN(row[f])) {
            row[f] = without.code(f, full.dictionary(f).get((int) row[f]));
          }
        }
        double label = full.labels()[i];
        without.append(
            row,
            classifies() ? without.classCode(full.classes().get((int) label)) : label,
            full.hashes()[i],
            i);
      }
      try (FittedModel model = trainer().fit(table(without.build().canonical()))) {
        assertAgrees(model, full);
      }
    }
  }
}
