package dev.sheaf.models.train.boosting;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.CurvePoint;
import dev.sheaf.models.train.FeatureImportance;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainerContract;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What both libraries must hold to, beyond any trainer. */
public abstract class BoosterContract extends TrainerContract {
  /** A trainer from the text of its parameters, without the library's name. */
  protected abstract Trainer parse(String parameters);

  /** Parameters, each with a value that makes another model than the default. */
  protected abstract Map<String, String> effects();

  /** The objectives by the texts of their parameters. */
  protected List<String> objectives() {
    return List.of("objective=regression", "objective=count", "objective=tweedie");
  }

  @Override
  protected Trainer trainer() {
    return parse("rounds=20");
  }

  @TestFactory
  Stream<DynamicTest> everyObjectiveConverts() {
    return objectives().stream()
        .map(
            objective ->
                DynamicTest.dynamicTest(
                    objective, () -> assertConverts(parse("rounds=25," + objective))));
  }

  private void assertConverts(Trainer trainer) throws TrainingException {
    TrainerContract of = contractOf(trainer);
    RowBlock rows = of(of, 31, 400);
    TrainingTable table = new TrainingTable(schemaOf(trainer), rows);
    byte[][] models = new byte[2][];
    for (int i = 0; i < 2; i++) {
      try (FittedModel model = trainer.fit(table)) {
        models[i] =
            model.toOnnx(
                new ModelMetadata(
                    "7", "Y", features(), model.classes(), trainer.name(), Map.of(), 1, "none"));
        double[] expected = model.predict(rows);
        double[] found = score(models[i], rows, 4096);
        for (int j = 0; j < expected.length; j++) {
          double scale = Math.max(1, Math.abs(expected[j]));
          assertEquals(expected[j], found[j], 1e-5 * scale, "prediction " + j);
        }
        assertArrayEquals(found, score(models[i], rows, 7));
        assertFalse(model.importance().isEmpty(), "no tree has a split");
      }
    }
    assertArrayEquals(models[0], models[1]);
  }

  private TableSchema schemaOf(Trainer trainer) {
    TableSchema schema = new TableSchema(features(), "Y");
    return trainer.task().isClassification() ? schema.withLabelType(LabelType.CLASS) : schema;
  }

  private static RowBlock of(TrainerContract contract, long seed, int n) {
    return ((Rows) contract).make(seed, n);
  }

  private static TrainerContract contractOf(Trainer trainer) {
    return new Rows(trainer);
  }

  /** Makes rows for any trainer. */
  private static final class Rows extends TrainerContract {
    private final Trainer trainer;

    Rows(Trainer trainer) {
      this.trainer = trainer;
    }

    @Override
    protected Trainer trainer() {
      return trainer;
    }

    @Override
    protected List<String> classNames() {
      return trainer.parameters().getOrDefault("objective", "").startsWith("binary")
          ? List.of("no", "yes")
          : super.classNames();
    }

    RowBlock make(long seed, int n) {
      return rows(seed, n);
    }
  }

  /** Parameters that leave nothing to split. */
  protected abstract String stump();

  @Test
  void treesOfOneLeafConvert() throws TrainingException {
    RowBlock rows = rows(32, 300);
    try (FittedModel model = parse("rounds=3," + stump()).fit(table(rows))) {
      assertAgrees(model, rows);
      assertEquals(List.of(), model.importance());
    }
  }

  @Test
  void earlyStoppingKeepsTheBestRound() throws TrainingException {
    TrainingTable table = table(rows(21, 400));
    Trainer trainer = parse("rounds=400,early_stopping=5,early_stopping_fraction=0.3");
    try (FittedModel model = trainer.fit(table)) {
      List<CurvePoint> evaluation =
          model.curve().stream().filter(point -> point.dataset().equals("evaluation")).toList();
      int best =
          evaluation.stream()
              .min(
                  Comparator.comparingDouble(CurvePoint::value)
                      .thenComparingInt(CurvePoint::iteration))
              .map(CurvePoint::iteration)
              .orElseThrow();
      assertTrue(best > 1 && best < 390, "the best round is " + best);
      assertEquals(best + 5, evaluation.size());
      assertEquals(
          evaluation.size(),
          model.curve().stream().filter(point -> point.dataset().equals("train")).count());
      TrainingTable.Parts parts = table.split(0.3);
      assertEquals(
          List.of(
              "the best of %d rounds by %s on %d rows is %d"
                  .formatted(
                      best + 5, evaluation.get(0).metric(), parts.evaluation().rows(), best)),
          model.notes());
      try (FittedModel same = parse("rounds=" + best).fit(parts.train())) {
        assertArrayEquals(export(same), export(model));
        assertArrayEquals(same.predict(table.rows()), model.predict(table.rows()));
      }
    }
  }

  @Test
  void withNothingToEvaluateOnAllRoundsAreTrained() throws TrainingException {
    TrainingTable table = table(rows(22, 60).select(new int[] {0}));
    try (FittedModel model = parse("rounds=9,early_stopping=2").fit(table)) {
      assertEquals(List.of("no early stopping: of 1 rows none can be kept"), model.notes());
      assertEquals(9, model.curve().size());
    }
  }

  @Test
  void weightsCount() throws TrainingException {
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock.Builder rows = RowBlock.builder(schema);
    for (int i = 0; i < 100; i++) {
      rows.append(new double[] {1}, i % 2 == 0 ? 0 : 10, i % 2 == 0 ? 1 : 9, i, i);
    }
    try (FittedModel model =
        parse("rounds=50").fit(new TrainingTable(schema, rows.build().canonical()))) {
      assertEquals(9, model.predict(rows.build())[0], 0.01);
    }
  }

  @Test
  void everyParameterHasItsEffect() throws TrainingException {
    TrainingTable table = table(rows(23, 300));
    String base = baseline();
    double[] before = predictions(base, table);
    for (Map.Entry<String, String> effect : effects().entrySet()) {
      String changed = base + "," + effect.getKey() + "=" + effect.getValue();
      assertFalse(
          Arrays.equals(before, predictions(changed, table)), () -> effect + " changes nothing");
    }
  }

  /** Parameters that the effects add to. */
  protected String baseline() {
    return "rounds=10";
  }

  private double[] predictions(String parameters, TrainingTable table) throws TrainingException {
    try (FittedModel model = parse(parameters).fit(table)) {
      return model.predict(table.rows());
    }
  }

  @Test
  void threadsTrainSideBySide() throws Exception {
    TrainingTable table = table(rows(27, 300));
    Callable<byte[]> training =
        () -> {
          try (FittedModel model = trainer().fit(table)) {
            model.predict(table.rows());
            return export(model);
          }
        };
    byte[] alone = training.call();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<byte[]> trained :
          threads.invokeAll(Collections.nCopies(16, training), 2, TimeUnit.MINUTES)) {
        assertArrayEquals(alone, trained.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anInterruptEndsTraining() {
    Thread.currentThread().interrupt();
    try {
      assertEquals(
          "interrupted after 0 of 20 rounds",
          assertThrows(TrainingException.class, () -> trainer().fit(table(rows(24, 100))))
              .getMessage());
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void importanceNamesTheColumns() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(25, 400)))) {
      Map<String, Double> gains = kind(model, "gain");
      Map<String, Double> splits = kind(model, "split");
      assertEquals(gains.keySet(), splits.keySet());
      assertTrue(gains.keySet().containsAll(List.of("STATE", "KIND", "PRICE")), gains::toString);
      assertTrue(gains.values().stream().allMatch(gain -> gain > 0), gains::toString);
      assertTrue(gains.getOrDefault("KIND", 0.0) > gains.getOrDefault("PROMO", 0.0));
    }
  }

  private static Map<String, Double> kind(FittedModel model, String kind) {
    return model.importance().stream()
        .filter(importance -> importance.kind().equals(kind))
        .collect(Collectors.toMap(FeatureImportance::feature, FeatureImportance::value));
  }

  @Test
  void theCurveFalls() throws TrainingException {
    try (FittedModel model = trainer().fit(table(rows(26, 300)))) {
      List<CurvePoint> curve = model.curve();
      assertEquals(
          List.of(1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20),
          curve.stream().map(CurvePoint::iteration).toList());
      assertTrue(curve.get(10).value() < curve.get(0).value());
    }
  }

  @Test
  void labelsAndTasksMustFit() {
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock numbers = RowBlock.builder(schema).append(new double[] {1}, 3, 0, 0).build();
    assertEquals(
        "the labels are numbers: a classifier needs classes",
        refusal("objective=classification", new TrainingTable(schema, numbers)));
    RowBlock.Builder classes = RowBlock.builder(schema);
    for (String name : List.of("a", "b", "c", "c")) {
      classes.append(new double[] {1}, classes.classCode(name), 0, 0);
    }
    TrainingTable table = new TrainingTable(schema.withLabelType(LabelType.CLASS), classes.build());
    assertEquals(
        "the labels are classes: only a classifier can learn them", refusal("rounds=1", table));
    assertTrue(refusal("objective=binary", table).startsWith("there are 3 classes: the objective"));
  }

  protected final String refusal(String parameters, TrainingTable table) {
    return String.valueOf(
        assertThrows(TrainingException.class, () -> parse(parameters).fit(table)).getMessage());
  }

  protected final String refusal(String parameters) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> parse(parameters)).getMessage());
  }

  @Test
  void tasksFollowTheObjective() {
    assertEquals(Task.regression(), parse("objective=count").task());
    assertEquals(Task.classification(), parse("objective=binary").task());
    assertEquals(Task.classification(), parse("objective=classification").task());
  }

  @Test
  void wrongValuesAreRefusedAtOnce() {
    String name = trainer().name();
    assertEquals(
        "cannot set parameter 'rounds' of "
            + name
            + " to '0': it must be a whole number from 1 to"
            + " 100000",
        refusal("rounds=0"));
    assertEquals(
        "cannot set parameter 'early_stopping_fraction' of "
            + name
            + " to '1': it must be a number above 0 and below 1",
        refusal("early_stopping_fraction=1"));
    assertEquals(
        "cannot set parameter 'nthread' of "
            + name
            + ": each model has one thread, and Sheaf trains many at once",
        refusal("nthread=4"));
    assertEquals(
        "cannot set parameter 'max_bin' of "
            + name
            + " to '63 num_threads=4': it must be printable ASCII text without spaces",
        refusal("max_bin=63 num_threads=4"));
    assertEquals(
        "cannot stop dart early: later rounds change the weights of earlier trees",
        refusal((name.equals("xgboost") ? "booster" : "boosting") + "=dart,early_stopping=3"));
    assertTrue(refusal("objective=lambdarank").contains("it must be one of "));
  }

  @Test
  void theTextGivesTheTrainerBack() {
    Trainer trainer = parse("rounds=7,seed=3,early_stopping=4,max_bin=63,something=new");
    String text = trainer.toString();
    assertEquals(trainer, parse(text.substring(text.indexOf(':') + 1)));
    assertEquals("new", trainer.parameters().get("something"));
  }
}
