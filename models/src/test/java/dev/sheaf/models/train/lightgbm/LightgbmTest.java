package dev.sheaf.models.train.lightgbm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainerContract;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.train.boosting.BoosterContract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LightgbmTest extends BoosterContract {
  @Override
  protected Trainer parse(String parameters) {
    Map<String, String> parsed = new LinkedHashMap<>();
    for (String parameter : parameters.split(",", -1)) {
      int equals = parameter.indexOf('=');
      parsed.put(parameter.substring(0, equals), parameter.substring(equals + 1));
    }
    return Lightgbm.parse(parsed);
  }

  @Override
  protected List<String> objectives() {
    return List.of(
        "objective=regression",
        "objective=count",
        "objective=tweedie,tweedie_variance_power=1.3",
        "objective=quantile,alpha=0.8",
        "objective=regression_l1",
        "objective=huber",
        "objective=fair",
        "objective=mape",
        "objective=binary",
        "objective=multiclass",
        "objective=classification",
        "boosting=dart,drop_rate=0.5",
        "boosting=rf,bagging_freq=1,bagging_fraction=0.6",
        "boosting=goss",
        "reg_sqrt=true",
        "objective=binary,sigmoid=0.7",
        "max_cat_to_onehot=100",
        "max_cat_to_onehot=1,min_data_per_group=2,cat_smooth=1");
  }

  @Override
  protected String stump() {
    return "min_data_in_leaf=1000";
  }

  @Override
  protected String baseline() {
    return "rounds=10,bagging_fraction=0.8,bagging_freq=1,min_data_in_leaf=5";
  }

  @Override
  protected Map<String, String> effects() {
    return Map.ofEntries(
        Map.entry("num_leaves", "4"),
        Map.entry("max_depth", "2"),
        Map.entry("learning_rate", "0.3"),
        Map.entry("min_child_samples", "40"),
        Map.entry("feature_fraction", "0.5"),
        Map.entry("lambda_l2", "9"),
        Map.entry("lambda_l1", "2"),
        Map.entry("min_gain_to_split", "3"),
        Map.entry("max_bin", "8"),
        Map.entry("seed", "17"),
        Map.entry("extra_trees", "true"));
  }

  @Nested
  class Classification extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Lightgbm.classification().withRounds(10);
    }
  }

  @Nested
  class Binary extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Lightgbm.binary().withRounds(10).withEarlyStopping(3, 0.2);
    }

    @Override
    protected List<String> classNames() {
      return List.of("low", "high");
    }
  }

  @Nested
  class Tweedie extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Lightgbm.tweedie(1.2).withRounds(10).with("min_data_in_leaf", "3");
    }
  }

  @Test
  void settersSetParameters() {
    Lightgbm trainer =
        Lightgbm.regression()
            .withRounds(7)
            .withMaxDepth(5)
            .withLeaves(8)
            .withLearningRate(0.2)
            .withSeed(3)
            .withEarlyStopping(4, 0.25)
            .with("max_bins", "63");
    assertEquals(
        parse(
            "num_iterations=7,max_depth=5,num_leaf=8,eta=0.2,random_state=3,"
                + "early_stopping=4,early_stopping_fraction=0.25,max_bin=63"),
        trainer);
    assertEquals(Task.quantile(0.7), Lightgbm.quantile(0.7).task());
    assertEquals(Task.quantile(0.9), parse("objective=quantile").task());
    assertEquals(parse("objective=count"), Lightgbm.count());
    assertEquals(parse("objective=tweedie,tweedie_variance_power=1.4"), Lightgbm.tweedie(1.4));
    assertEquals(parse("objective=binary"), Lightgbm.binary());
    assertEquals(parse("objective=classification"), Lightgbm.classification());
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set parameter 'num_leaves' of lightgbm to '1': it must be a whole number from 2 to"
            + " 131072",
        refusal("num_leaves=1"));
    assertEquals(
        "cannot set parameter 'linear_tree' of lightgbm: trees with linear leaves have no form in"
            + " ONNX",
        refusal("linear_tree=true"));
    assertEquals(
        "cannot set parameter 'input_model' of lightgbm: rows and models are handed over by Sheaf,"
            + " never by files",
        refusal("input_model=/tmp/x"));
    assertEquals(
        "cannot set parameter 'seed' of lightgbm: it is set by withSeed",
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> Lightgbm.regression().with("seed", "3"))
                .getMessage()));
  }

  @Test
  void whatLightgbmRefusesEndsTheTrainingWithItsWords() {
    TrainingTable table = table(rows(1, 50));
    assertEquals(
        "LightGBM cannot read rows: Check failed: (cat_l2) >= (0.0)", refusal("cat_l2=-1", table));
    assertTrue(refusal("boosting=rf", table).startsWith("LightGBM cannot train: Check failed: "));
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock none = RowBlock.builder(1).append(new double[] {1}, 0, 0, 0).build();
    assertEquals(
        "LightGBM cannot train: [poisson]: sum of labels is zero",
        refusal("objective=count", new TrainingTable(schema, none)));
  }

  @Test
  void whatWouldEndTheProcessIsRefused() throws TrainingException {
    TableSchema schema =
        new TableSchema(
            List.of(
                new Feature("A", FeatureType.FLOAT),
                new Feature("B", FeatureType.INTEGER_CATEGORY)),
            "Y");
    RowBlock.Builder rows = RowBlock.builder(2);
    for (int i = 0; i < 100; i++) {
      rows.append(new double[] {i, i % 5}, i, i, 0);
    }
    TrainingTable table = new TrainingTable(schema, rows.build());
    for (String name : List.of("monotone_constraints", "mc", "monotonic_cst")) {
      assertEquals(
          "LightGBM cannot train: monotone_constraints is 1,1, but feature B is a category: its"
              + " constraint must be 0",
          assertThrows(
                  TrainingException.class, () -> Lightgbm.regression().with(name, "1,1").fit(table))
              .getMessage());
    }
    try (FittedModel model = Lightgbm.regression().with("mc", "-1,0").fit(table)) {
      double[] falling = model.predict(rows.build());
      assertTrue(falling[99] <= falling[4], falling[99] + " after " + falling[4]);
    }
    assertEquals(
        "cannot set parameter 'use_quantized_grad' of lightgbm: with it LightGBM ends the whole"
            + " process where a feature is a category",
        refusal("use_quantized_grad=true"));
  }

  @Test
  void labelsBeyondAFloatAreRefused() {
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock rows = RowBlock.builder(1).append(new double[] {1e300}, -1e300, 0, 0).build();
    assertEquals(
        "the label is -1.0E300: LightGBM takes floats, finite up to 3.4e38",
        refusal("rounds=1", new TrainingTable(schema, rows)));
  }

  @Test
  void featuresBeyondAFloatAreLearned() throws TrainingException {
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < 100; i++) {
      rows.append(new double[] {i < 50 ? 1e300 : 2e300}, i < 50 ? 1 : 3, i, 0);
    }
    try (FittedModel model = parse("rounds=90").fit(new TrainingTable(schema, rows.build()))) {
      assertEquals(1, model.predict(rows.build())[0], 0.01);
      assertEquals(3, model.predict(rows.build())[99], 0.01);
    }
  }
}
