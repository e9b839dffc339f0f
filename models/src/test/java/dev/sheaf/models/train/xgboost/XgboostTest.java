package dev.sheaf.models.train.xgboost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.onnx.BatchBuffers;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.trees.TreeEnsemble;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XgboostTest {
  private static TableSchema schema(int features) {
    return new TableSchema(
        IntStream.range(0, features)
            .mapToObj(i -> new Feature("F" + i, FeatureType.FLOAT))
            .toList(),
        "Y");
  }

  private static ModelMetadata metadata(TableSchema schema) {
    return new ModelMetadata("7", "Y", schema.features(), Xgboost.NAME, Map.of(), 1, "none");
  }

  /** Wide and narrow columns, whole numbers, doubles that are no floats, and missing values. */
  private static RowBlock rows(Random random, int n, int features) {
    RowBlock.Builder rows = RowBlock.builder(features);
    for (int i = 0; i < n; i++) {
      double[] row = new double[features];
      double label = 11;
      for (int f = 0; f < features; f++) {
        row[f] =
            switch (f % 4) {
              case 0 -> random.nextGaussian();
              case 1 -> 2013 + random.nextInt(5);
              case 2 -> 1e6 + 1e-3 * random.nextGaussian();
              default -> 1e9 * random.nextDouble();
            };
        label += (f % 4 == 1 ? 0.3 : 1) * Math.sin(row[f]);
        if (random.nextInt(10) == 0) {
          row[f] = Double.NaN;
        }
      }
      rows.append(row, label + 0.1 * random.nextGaussian(), i, 0);
    }
    return rows.build();
  }

  private static double[] score(byte[] onnx, RowBlock rows, int batch) {
    double[] predictions = new double[rows.rows()];
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu());
        BatchBuffers buffers = new BatchBuffers(session.shape())) {
      InputColumns columns = InputColumns.of(session.features(), rows);
      for (int i = 0; i < predictions.length; i += batch) {
        session.predict(
            buffers, columns, i, Math.min(batch, predictions.length - i), predictions, i);
      }
    }
    return predictions;
  }

  private static void assertConverts(Xgboost trainer, Random random, int features)
      throws TrainingException {
    TableSchema schema = schema(features);
    RowBlock train = rows(random, 400, features);
    try (XgboostModel model = (XgboostModel) trainer.fit(new TrainingTable(schema, train))) {
      byte[] onnx = model.toOnnx(metadata(schema));
      RowBlock probes =
          RowBlock.concat(
              List.of(train, rows(random, 600, features), atThresholds(model, random, features)));
      double[] expected = model.predict(probes);
      double[] found = score(onnx, probes, probes.rows());
      assertArrayEquals(expected, found, 1e-6 * 11);
      for (int batch : new int[] {1, 7, 256}) {
        assertArrayEquals(found, score(onnx, probes, batch), "batch " + batch);
      }
    }
  }

  /** Rows whose values are the model's own thresholds, and the floats next to them. */
  private static RowBlock atThresholds(XgboostModel model, Random random, int features)
      throws TrainingException {
    TreeEnsemble trees = model.trees();
    RowBlock.Builder rows = RowBlock.builder(features);
    double[] row = new double[features];
    for (int i = 0; i < trees.branches(); i++) {
      float threshold = (float) trees.threshold(i);
      row[trees.feature(i)] =
          switch (random.nextInt(4)) {
            case 0 -> Math.nextUp(threshold);
            case 1 -> Math.nextDown(threshold);
            default -> threshold;
          };
      rows.append(row, 0, i, 0);
    }
    return rows.build();
  }

  @Property(tries = 25)
  void convertedModelsAgreeWithTheBooster(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int features,
      @ForAll @IntRange(min = 1, max = 8) int depth)
      throws TrainingException {
    Random random = new Random(seed);
    assertConverts(
        Xgboost.regression()
            .withRounds(1 + random.nextInt(60))
            .withMaxDepth(depth)
            .withSubsample(0.5 + 0.5 * random.nextDouble())
            .withColsampleByTree(0.5 + 0.5 * random.nextDouble())
            .withEta(0.05 + random.nextDouble() / 2),
        random,
        features);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "booster=dart,rate_drop=0.3",
        "num_parallel_tree=3,subsample=0.7,eta=1,rounds=5",
        "tree_method=exact,gamma=0.5",
        "tree_method=approx,max_bin=16",
        "objective=reg:absoluteerror",
        "objective=reg:pseudohubererror,huber_slope=2",
        "grow_policy=lossguide,max_leaves=9,max_depth=0",
        "base_score=1000,rounds=3",
        "min_child_weight=1e9"
      })
  void convertsWhateverIsAllowed(String parameters) throws TrainingException {
    Trainer trainer = Trainers.parse("xgboost:" + parameters);
    assertConverts((Xgboost) trainer, new Random(9), 5);
  }

  @Test
  void trainsTheSameBytesTwice() throws TrainingException {
    TableSchema schema = schema(4);
    TrainingTable table = new TrainingTable(schema, rows(new Random(1), 500, 4));
    Xgboost trainer = Xgboost.regression().withRounds(20).withSubsample(0.6).withSeed(5);
    byte[][] models = new byte[2][];
    for (int i = 0; i < 2; i++) {
      try (XgboostModel model = (XgboostModel) trainer.fit(table)) {
        models[i] = model.toOnnx(metadata(schema));
      }
    }
    assertArrayEquals(models[0], models[1]);
  }

  @Test
  void aPredictionDoesNotDependOnItsBatch() throws TrainingException {
    TableSchema schema = schema(6);
    RowBlock rows = rows(new Random(3), 5000, 6);
    try (FittedModel model = Xgboost.regression().fit(new TrainingTable(schema, rows))) {
      byte[] onnx = model.toOnnx(metadata(schema));
      double[] alone = score(onnx, rows, 1);
      for (int batch : new int[] {7, 64, 4096, 5000}) {
        assertArrayEquals(alone, score(onnx, rows, batch), "batch " + batch);
      }
    }
  }

  @Test
  void oneRowConstantLabelsAndMissingColumnsTrain() throws TrainingException {
    RowBlock one = RowBlock.builder(2).append(new double[] {1, Double.NaN}, 42, 0, 0).build();
    RowBlock.Builder constant = RowBlock.builder(2);
    for (int i = 0; i < 50; i++) {
      constant.append(new double[] {i, Double.NaN}, 0.1, i, 0);
    }
    for (RowBlock rows : List.of(one, constant.build())) {
      TableSchema schema = schema(2);
      try (XgboostModel model =
          (XgboostModel) Xgboost.regression().fit(new TrainingTable(schema, rows))) {
        double[] found = score(model.toOnnx(metadata(schema)), rows, rows.rows());
        assertArrayEquals(model.predict(rows), found);
        assertArrayEquals(rows.labels(), found, 1e-5 * rows.labels()[0]);
      }
    }
  }

  @Test
  void valuesBeyondAFloatAreRefusedByName() {
    RowBlock rows = RowBlock.builder(1).append(new double[] {1e300}, 1, 0, 0).build();
    assertEquals("feature F0 is 1.0E300: XGBoost takes floats, finite up to 3.4e38", refusal(rows));
    RowBlock label = RowBlock.builder(1).append(new double[] {1}, -1e300, 0, 0).build();
    assertEquals(
        "the label is -1.0E300: XGBoost takes floats, finite up to 3.4e38", refusal(label));
  }

  private static String refusal(RowBlock rows) {
    TrainingTable table = new TrainingTable(schema(1), rows);
    return String.valueOf(
        assertThrows(TrainingException.class, () -> Xgboost.regression().fit(table)).getMessage());
  }

  @Test
  void everyParameterHasItsEffect() throws TrainingException {
    TableSchema schema = schema(4);
    TrainingTable table = new TrainingTable(schema, rows(new Random(2), 300, 4));
    Xgboost base = Xgboost.regression().withRounds(10).withSubsample(0.9);
    Map<String, Xgboost> changed =
        Map.ofEntries(
            Map.entry("rounds", base.withRounds(11)),
            Map.entry("max_depth", base.withMaxDepth(2)),
            Map.entry("eta", base.withEta(0.1)),
            Map.entry("min_child_weight", base.withMinChildWeight(30)),
            Map.entry("subsample", base.withSubsample(0.5)),
            Map.entry("colsample_bytree", base.withColsampleByTree(0.5)),
            Map.entry("lambda", base.withLambda(9)),
            Map.entry("alpha", base.withAlpha(2)),
            Map.entry("gamma", base.withGamma(3)),
            Map.entry("max_bin", base.withMaxBin(8)),
            Map.entry("seed", base.withSeed(17)),
            Map.entry("tree_method", base.withTreeMethod("exact")));
    double[] before = predict(base, table);
    for (Map.Entry<String, Xgboost> entry : changed.entrySet()) {
      double[] after = predict(entry.getValue(), table);
      assertNotEquals(List.of(box(before)), List.of(box(after)), entry.getKey());
    }
  }

  private static List<Double> box(double[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }

  private static double[] predict(Xgboost trainer, TrainingTable table) throws TrainingException {
    try (XgboostModel model = (XgboostModel) trainer.fit(table)) {
      return model.predict(table.rows());
    }
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set parameter 'max_depth' of xgboost to '21': it must be a whole number from 0 to"
            + " 20",
        refusal("max_depth", "21"));
    assertEquals(
        "cannot set parameter 'eta' of xgboost to '0.0': it must be a number above 0 to 1",
        refusal("eta", "0.0"));
    assertEquals(
        "cannot set parameter 'eta' of xgboost to 'NaN': it must be a number above 0 to 1",
        refusal("eta", "NaN"));
    assertEquals(
        "cannot set parameter 'tree_method' of xgboost to 'gpu_hist': it must be one of approx,"
            + " exact, hist",
        refusal("tree_method", "gpu_hist"));
    assertTrue(
        refusal("max_dept", "3")
            .startsWith("cannot set parameter 'max_dept' of xgboost: known are alpha, base_score"));
  }

  private static String refusal(String name, String value) {
    return String.valueOf(
        assertThrows(
                IllegalArgumentException.class,
                () -> Xgboost.regression().withParameter(name, value))
            .getMessage());
  }
}
