package dev.sheaf.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RegressionMetrics;
import dev.sheaf.models.evaluate.Split;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTrainerTest {
  private static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("A", FeatureType.INTEGER),
              new Feature("B", FeatureType.FLOAT),
              new Feature("C", FeatureType.FLOAT)),
          "Y");
  private static final Holdout FIFTH = Holdout.fraction(0.2);

  private static RowBlock rows(int n, DoubleUnaryOperator label) {
    Random random = new Random(n);
    RowBlock.Builder rows = RowBlock.builder(3);
    for (int i = 0; i < n; i++) {
      double a = 2013 + random.nextInt(5);
      double b = random.nextInt(6) == 0 ? Double.NaN : 1e6 * random.nextDouble();
      double c = random.nextGaussian();
      rows.append(new double[] {a, b, c}, label.applyAsDouble(3 * a - 2 * c), random.nextLong(), i);
    }
    return rows.build();
  }

  private static RowBlock rows(int n) {
    Random noise = new Random(99);
    return rows(n, y -> y + noise.nextGaussian());
  }

  private static List<RowBlock> scattered(RowBlock rows, int seed) {
    Random random = new Random(seed);
    List<RowBlock> blocks = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < rows.rows(); i++) {
      numbers.add(random.nextInt(numbers.size() + 1), i);
    }
    int at = 0;
    while (at < numbers.size()) {
      int end = Math.min(numbers.size(), at + 1 + random.nextInt(70));
      blocks.add(
          rows.select(numbers.subList(at, end).stream().mapToInt(Integer::intValue).toArray()));
      at = end;
    }
    return blocks;
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "linear:ridge=0.1", "xgboost:rounds=20,subsample=0.7"})
  void theSameRowsGiveTheSameBytesInAnyBlocks(String trainer) {
    KeyTrainer training = KeyTrainer.of(Trainers.parse(trainer), FIFTH, SCHEMA);
    RowBlock rows = rows(400);
    KeyOutcome whole = training.train("7", List.of(rows));
    assertEquals(TrainingStatus.TRAINED, whole.report().status(), whole.report().reason());
    for (int seed = 0; seed < 3; seed++) {
      KeyOutcome parts = training.train("7", scattered(rows, seed));
      assertArrayEquals(whole.onnx(), parts.onnx());
      assertEquals(whole.report().fingerprint(), parts.report().fingerprint());
      assertEquals(whole.report().digest(), parts.report().digest());
      assertEquals(whole.report().metric("rmse"), parts.report().metric("rmse"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "xgboost:rounds=20"})
  void theReportIsWhatTheModelDoesOnTheRowsHeldOut(String trainer) {
    RowBlock rows = rows(500).canonical();
    KeyOutcome outcome =
        KeyTrainer.of(Trainers.parse(trainer), FIFTH, SCHEMA).train("store 7", List.of(rows));
    KeyReport report = outcome.report();
    Split split = FIFTH.split(rows);
    RowBlock holdout = rows.select(split.holdout());
    assertEquals(500, report.rows());
    assertEquals(split.train().length, report.trainRows());
    assertEquals(split.holdout().length, report.holdoutRows());
    byte[] onnx = Objects.requireNonNull(outcome.onnx());
    double[] predictions;
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      assertEquals(List.of("A", "B", "C"), session.features().stream().map(Feature::name).toList());
      predictions = session.predict(InputColumns.of(session.features(), holdout));
    }
    RegressionMetrics metrics = RegressionMetrics.of(holdout.labels(), predictions);
    assertEquals(
        metrics.rmse(), Objects.requireNonNull(report.metric("rmse")), 1e-6 * metrics.rmse());
    assertEquals(metrics.mae(), Objects.requireNonNull(report.metric("mae")), 1e-6 * metrics.mae());
    double[] naive = new double[holdout.rows()];
    Arrays.fill(naive, Arrays.stream(rows.select(split.train()).labels()).average().orElseThrow());
    assertEquals(
        RegressionMetrics.of(holdout.labels(), naive).rmse(),
        Objects.requireNonNull(report.losses().baseline()),
        1e-9);
    assertTrue(metrics.rmse() < report.losses().baseline());
    assertTrue(Objects.requireNonNull(report.parityError()) < 1e-6);
    assertTrue(report.seconds() > 0);
    Map<String, String> properties = ModelMetadata.read(onnx);
    assertEquals("store 7", properties.get("key"));
    assertEquals(Integer.toString(split.train().length), properties.get("training_rows"));
    assertEquals("fraction:0.2", properties.get("holdout"));
    assertEquals(report.parityError().toString(), properties.get(ModelMetadata.PARITY_ERROR));
    assertEquals(Fingerprint.sha256(onnx), report.digest());
  }

  @Test
  void withoutAHoldoutThereAreNoMetrics() {
    KeyReport report =
        KeyTrainer.of(Linear.regression(), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(50)))
            .report();
    assertEquals(TrainingStatus.TRAINED, report.status());
    assertNull(report.metric("rmse"));
    assertNull(report.metric("mae"));
    assertNull(report.losses().baseline());
    assertNotNull(report.parityError());
  }

  @Test
  void tooFewRowsAreToldFromTooMany() {
    KeyTrainer training = KeyTrainer.of(Linear.regression(), Holdout.none(), SCHEMA);
    assertEnds(
        TrainingStatus.TOO_FEW_ROWS,
        "1 rows to train on (0 of 1 held out), at least 5 are needed",
        training.train("7", List.of(rows(1))));
    assertEnds(
        TrainingStatus.TOO_FEW_ROWS,
        "40 rows to train on (0 of 40 held out), at least 41 are needed",
        training.withMinimumRows(41).train("7", List.of(rows(40))));
    assertEnds(TrainingStatus.TOO_FEW_ROWS, "no rows", training.train("7", List.of()));
    assertEnds(
        TrainingStatus.TOO_LARGE,
        "40 rows, more than the 39 allowed",
        training.withRowLimit(RowLimit.refuseAbove(39)).train("7", List.of(rows(40))));
  }

  @Test
  void aHoldoutOfAllRowsLeavesTooFew() {
    RowBlock.Builder marked = RowBlock.builder(3);
    for (int i = 0; i < 30; i++) {
      marked.append(new double[] {i, i, i}, i, i, 1);
    }
    assertEnds(
        TrainingStatus.TOO_FEW_ROWS,
        "0 rows to train on (30 of 30 held out), at least 5 are needed",
        KeyTrainer.of(Linear.regression(), Holdout.parse("where:A>0"), SCHEMA)
            .train("7", List.of(marked.build())));
  }

  @Test
  void labelsThatAreNoNumbersFail() {
    assertEnds(
        TrainingStatus.FAILED,
        "a label is NaN: only finite numbers can be learned",
        KeyTrainer.of(Linear.regression(), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(30, y -> Double.NaN))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "mlp", "xgboost", "lightgbm"})
  void rowsThatAllWeighNothingFailAlike(String trainer) {
    assertEnds(
        TrainingStatus.FAILED,
        "the weights of the rows to train on are all 0: one above 0 is needed",
        KeyTrainer.of(Trainers.parse(trainer), Holdout.none(), SCHEMA)
            .train("7", List.of(weighing(0))));
    assertEnds(
        TrainingStatus.FAILED,
        "a weight is Infinity: it must be a finite number, 0 or more",
        KeyTrainer.of(Trainers.parse(trainer), Holdout.none(), SCHEMA)
            .train("7", List.of(weighing(Double.POSITIVE_INFINITY))));
  }

  private static RowBlock weighing(double weight) {
    RowBlock.Builder rows = RowBlock.builder(3);
    for (int i = 0; i < 60; i++) {
      rows.append(new double[] {i, i % 5, i % 7}, i, weight, i, i);
    }
    return rows.build();
  }

  @Test
  void anInterruptedCallerGetsNoOutcome() {
    KeyTrainer training = KeyTrainer.of(Linear.regression(), FIFTH, SCHEMA);
    try (KeyTrainings trainings = training.open(KeyHistory.none())) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> trainings.train("7", List.of(rows(60))));
      assertTrue(Thread.interrupted());
      assertEquals(
          TrainingStatus.TRAINED, trainings.train("7", List.of(rows(60))).report().status());
    }
  }

  @Test
  void theFingerprintOfAChoiceDoesNotFollowTheOrderOfMaps() {
    List<String> seen = new ArrayList<>();
    for (List<String> names : List.of(List.of("a", "b", "c"), List.of("c", "b", "a"))) {
      Map<String, String> parameters = new LinkedHashMap<>();
      names.forEach(name -> parameters.put(name, name + "1"));
      Trainer choice = BestOf.of(Linear.regression(), new Faulty(Fault.THROWS, parameters));
      seen.add(
          KeyTrainer.of(choice, FIFTH, SCHEMA).train("7", List.of(rows(3))).report().fingerprint());
    }
    assertEquals(64, seen.get(0).length());
    assertEquals(seen.get(0), seen.get(1));
  }

  @Test
  void aTrainerThatBreaksDropsOutOfTheChoice() {
    KeyReport report =
        KeyTrainer.of(
                BestOf.of(new Faulty(Fault.THROWS), Linear.regression()), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(60)))
            .report();
    assertEquals(TrainingStatus.TRAINED, report.status(), report.reason());
    assertEquals("linear", report.trainer());
    assertTrue(
        report.reason().endsWith(" failed: java.lang.IllegalStateException: broken"),
        report.reason());
  }

  @Test
  void aTrainerThatMissesAFeatureIsRefusedBeforeAnyKey() {
    String reason =
        "cannot go by the first date: it must be a feature of type DATE or DATE_TIME; the features"
            + " are [A INTEGER, B FLOAT, C FLOAT]";
    assertEquals(
        reason,
        assertThrows(
                IllegalArgumentException.class,
                () -> KeyTrainer.of(Trainers.parse("last"), FIFTH, SCHEMA))
            .getMessage());
    KeyTrainer training = KeyTrainer.of(Linear.regression(), FIFTH, SCHEMA);
    assertEquals(
        reason,
        assertThrows(
                IllegalArgumentException.class, () -> training.withBaseline(Trainers.parse("last")))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "xgboost"})
  void infiniteFeaturesFailByName(String trainer) {
    RowBlock.Builder rows = RowBlock.builder(3);
    for (int i = 0; i < 30; i++) {
      rows.append(new double[] {i, Double.POSITIVE_INFINITY, i % 7}, i, i, 0);
    }
    KeyReport report =
        KeyTrainer.of(Trainers.parse(trainer), Holdout.none(), SCHEMA)
            .train("7", List.of(rows.build()))
            .report();
    assertEquals(TrainingStatus.FAILED, report.status());
    assertTrue(report.reason().startsWith("feature B "), report.reason());
  }

  @Test
  void aModelThatIsNotFiniteHasDiverged() {
    assertEnds(
        TrainingStatus.DIVERGED,
        "the model predicts NaN",
        KeyTrainer.of(new Faulty(Fault.PREDICTS_NAN), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(30))));
  }

  @Test
  void anExportThatDiffersIsRejected() {
    KeyReport report =
        KeyTrainer.of(new Faulty(Fault.EXPORTS_ANOTHER), FIFTH, SCHEMA)
            .train("7", List.of(rows(60)))
            .report();
    assertEquals(TrainingStatus.REJECTED, report.status());
    assertTrue(
        report.reason().startsWith("the exported model differs from its trainer by "),
        report.reason());
    assertNull(report.digest());
    assertNotNull(report.parityError());
  }

  @Test
  void aTrainerThatBreaksFailsItsKeyAlone() {
    assertEnds(
        TrainingStatus.FAILED,
        "IllegalStateException: broken",
        KeyTrainer.of(new Faulty(Fault.THROWS), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(30))));
    assertEnds(
        TrainingStatus.FAILED,
        "not enough memory: java.lang.OutOfMemoryError: Java heap space",
        KeyTrainer.of(new Faulty(Fault.RUNS_OUT_OF_MEMORY), Holdout.none(), SCHEMA)
            .train("7", List.of(rows(30))));
  }

  @Test
  void oddKeysTrainWithANote() {
    RowBlock.Builder rows = RowBlock.builder(3);
    for (int i = 0; i < 40; i++) {
      rows.append(new double[] {2015, Double.NaN, i % 5}, 7, i, 0);
    }
    for (Trainer trainer : List.of(Linear.regression(), Xgboost.regression())) {
      KeyReport report =
          KeyTrainer.of(trainer, FIFTH, SCHEMA).train("7", List.of(rows.build())).report();
      assertEquals(TrainingStatus.TRAINED, report.status(), report.reason());
      assertEquals(0, Objects.requireNonNull(report.metric("rmse")), 1e-5);
    }
    assertEquals(
        "feature A is constant in the training rows; its coefficient is 0; feature B has no value"
            + " in the training rows; its coefficient is 0",
        KeyTrainer.of(Linear.regression(), FIFTH, SCHEMA)
            .train("7", List.of(rows.build()))
            .report()
            .reason());
  }

  @Test
  void theFingerprintFollowsEverythingThatMatters() {
    RowBlock rows = rows(60);
    KeyTrainer base = KeyTrainer.of(Linear.regression(), FIFTH, SCHEMA);
    String before = base.train("7", List.of(rows)).report().fingerprint();
    assertEquals(before, base.train("8", List.of(rows)).report().fingerprint());
    assertNotEquals(before, base.train("7", List.of(rows(61))).report().fingerprint());
    assertNotEquals(
        before,
        KeyTrainer.of(Linear.regression().withRidge(1), FIFTH, SCHEMA)
            .train("7", List.of(rows))
            .report()
            .fingerprint());
    assertNotEquals(
        before,
        KeyTrainer.of(Linear.regression(), Holdout.fraction(0.3), SCHEMA)
            .train("7", List.of(rows))
            .report()
            .fingerprint());
    assertNotEquals(
        before,
        KeyTrainer.of(Linear.regression(), FIFTH, new TableSchema(SCHEMA.features(), "Z"))
            .train("7", List.of(rows))
            .report()
            .fingerprint());
  }

  @Test
  void travelsToWorkers() throws Exception {
    KeyTrainer training =
        KeyTrainer.of(Trainers.parse("xgboost:rounds=5"), Holdout.parse("last:A:0.2"), SCHEMA);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(training);
    }
    KeyTrainer copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (KeyTrainer) in.readObject();
    }
    RowBlock rows = rows(100);
    assertArrayEquals(
        training.train("7", List.of(rows)).onnx(), copy.train("7", List.of(rows)).onnx());
  }

  @Test
  void wrongOptionsAreRefused() {
    KeyTrainer training = KeyTrainer.of(Linear.regression(), FIFTH, SCHEMA);
    assertThrows(IllegalArgumentException.class, () -> training.withMinimumRows(0));
    assertThrows(IllegalArgumentException.class, () -> RowLimit.refuseAbove(0));
    assertThrows(IllegalArgumentException.class, () -> training.withParityTolerance(Double.NaN));
    TableSchema taken = new TableSchema(List.of(new Feature("prediction", FeatureType.FLOAT)), "Y");
    assertEquals(
        "cannot set a feature's name to prediction: it must be another name, as this is the name"
            + " of a model's output",
        assertThrows(
                IllegalArgumentException.class,
                () -> KeyTrainer.of(Linear.regression(), FIFTH, taken))
            .getMessage());
  }

  @Test
  void trainersAreChosenByName() {
    List<String> names =
        List.of(
            "linear",
            "logistic",
            "xgboost",
            "lightgbm",
            "mlp",
            "mean",
            "last",
            "seasonal",
            "quantile",
            "frequencies");
    assertEquals(names, Trainers.names());
    assertEquals(Map.of("ridge", "0.5"), Trainers.parse(" linear: ridge = 0.5 ").parameters());
    for (String text : List.of("linear", "linear:ridge=0.5", "xgboost:rounds=7,eta=0.1")) {
      Trainer trainer = Trainers.parse(text);
      assertEquals(trainer, Trainers.parse(trainer.toString()));
    }
    assertEquals(
        "4", Trainers.parse("xgboost:rounds=50,max_depth=4").parameters().get("max_depth"));
    assertEquals(
        "cannot use trainer 'forest': known are " + String.join(", ", names), refusal("forest"));
    assertEquals(
        "cannot read 'ridge' of trainer 'linear:ridge': parameters are written as"
            + " NAME=VALUE,NAME=VALUE",
        refusal("linear:ridge"));
    assertEquals(
        "cannot set parameter 'ridge' of trainer 'linear:ridge=1,ridge=2' twice",
        refusal("linear:ridge=1,ridge=2"));
  }

  private static String refusal(String trainer) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Trainers.parse(trainer)).getMessage());
  }

  private static void assertEnds(TrainingStatus status, String reason, KeyOutcome outcome) {
    assertEquals(reason, outcome.report().reason());
    assertEquals(status, outcome.report().status());
    assertNull(outcome.onnx());
    assertNull(outcome.report().digest());
  }

  private enum Fault {
    PREDICTS_NAN,
    EXPORTS_ANOTHER,
    THROWS,
    RUNS_OUT_OF_MEMORY
  }

  /** A linear trainer with a fault that a real one cannot be brought to on purpose. */
  private record Faulty(Fault fault, Map<String, String> given) implements Trainer {
    Faulty(Fault fault) {
      this(fault, Map.of());
    }

    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public Map<String, String> parameters() {
      return given;
    }

    @Override
    public int minimumRows(TableSchema schema) {
      return 1;
    }

    @Override
    public FittedModel fit(TrainingTable table) throws TrainingException {
      if (fault == Fault.THROWS) {
        throw new IllegalStateException("broken");
      }
      if (fault == Fault.RUNS_OUT_OF_MEMORY) {
        throw new OutOfMemoryError("Java heap space");
      }
      FittedModel real = Linear.regression().fit(table);
      return new FittedModel() {
        @Override
        public double[] predict(RowBlock rows) throws TrainingException {
          double[] predictions = real.predict(rows);
          predictions[0] = fault == Fault.PREDICTS_NAN ? Double.NaN : predictions[0] * 1.01;
          return predictions;
        }

        @Override
        public byte[] toOnnx(ModelMetadata metadata) throws TrainingException {
          return real.toOnnx(metadata);
        }

        @Override
        public List<String> notes() {
          return List.of();
        }

        @Override
        public void close() {
          real.close();
        }
      };
    }
  }
}
