package dev.sheaf.models.train.xgboost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class XgboostTest extends BoosterContract {
  @Override
  protected Trainer parse(String parameters) {
    return Trainers.parse("xgboost:" + parameters);
  }

  @Override
  protected List<String> objectives() {
    return List.of(
        "objective=regression",
        "objective=count",
        "objective=tweedie,tweedie_variance_power=1.3",
        "objective=quantile,quantile_alpha=0.8",
        "objective=reg:absoluteerror",
        "objective=reg:pseudohubererror,huber_slope=9",
        "objective=reg:squaredlogerror",
        "objective=binary",
        "objective=multiclass",
        "objective=classification",
        "booster=dart,rate_drop=0.3",
        "num_parallel_tree=3,subsample=0.7,eta=0.5",
        "tree_method=approx,max_bin=16",
        "grow_policy=lossguide,max_leaves=9,max_depth=0",
        "base_score=1000",
        "max_cat_to_onehot=1",
        "max_cat_to_onehot=100");
  }

  @Override
  protected String stump() {
    return "min_child_weight=1e9";
  }

  @Override
  protected String baseline() {
    return "rounds=10,subsample=0.9";
  }

  @Override
  protected Map<String, String> effects() {
    return Map.ofEntries(
        Map.entry("max_depth", "2"),
        Map.entry("learning_rate", "0.1"),
        Map.entry("min_child_weight", "30"),
        Map.entry("colsample_bytree", "0.5"),
        Map.entry("lambda", "9"),
        Map.entry("alpha", "2"),
        Map.entry("gamma", "3"),
        Map.entry("max_bin", "8"),
        Map.entry("seed", "17"),
        Map.entry("num_parallel_tree", "2"));
  }

  @Nested
  class Classification extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Xgboost.classification().withRounds(10);
    }
  }

  @Nested
  class Binary extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Xgboost.binary().withRounds(10).withEarlyStopping(3, 0.2);
    }

    @Override
    protected List<String> classNames() {
      return List.of("low", "high");
    }
  }

  @Nested
  class Count extends TrainerContract {
    @Override
    protected Trainer trainer() {
      return Xgboost.count().withRounds(60);
    }
  }

  @Test
  void settersSetParameters() {
    Xgboost trainer =
        Xgboost.regression()
            .withRounds(7)
            .withMaxDepth(0)
            .withLeaves(8)
            .withLearningRate(0.2)
            .withSeed(3)
            .withEarlyStopping(4, 0.25)
            .with("max_bin", "63");
    assertEquals(
        parse(
            "rounds=7,max_depth=0,max_leaves=8,grow_policy=lossguide,eta=0.2,seed=3,"
                + "early_stopping=4,early_stopping_fraction=0.25,max_bin=63"),
        trainer);
    assertEquals(Task.quantile(0.9), Xgboost.quantile(0.9).task());
    assertEquals(parse("objective=count"), Xgboost.count());
    assertEquals(parse("objective=tweedie,tweedie_variance_power=1.4"), Xgboost.tweedie(1.4));
    assertEquals(parse("objective=binary"), Xgboost.binary());
    assertEquals(parse("objective=classification"), Xgboost.classification());
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "cannot set parameter 'max_depth' of xgboost to '21': it must be a whole number from 0 to"
            + " 20",
        refusal("max_depth=21"));
    assertEquals(
        "cannot set parameter 'eta' of xgboost to 'NaN': it must be a number above 0 to 1",
        refusal("eta=NaN"));
    assertEquals(
        "cannot set parameter 'tree_method' of xgboost to 'gpu_hist': it must be one of approx,"
            + " exact, hist",
        refusal("tree_method=gpu_hist"));
    assertEquals(
        "cannot use the objective reg:quantileerror without quantile_alpha: it must be above 0 and"
            + " below 1",
        refusal("objective=quantile"));
    assertEquals(
        "cannot set parameter 'seed' of xgboost: it is set by withSeed",
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> Xgboost.regression().with("seed", "3"))
                .getMessage()));
  }

  @Test
  void whatXgboostRefusesEndsTheTrainingWithItsWords() {
    TrainingTable table = table(rows(1, 50));
    assertTrue(
        refusal("max_cat_threshold=-4", table)
            .startsWith("XGBoost cannot train: value -4 for Parameter max_cat_threshold"));
    assertEquals(
        "XGBoost cannot train: Unknown metric function nonsense",
        refusal("eval_metric=nonsense", table));
    assertTrue(
        refusal("tree_method=exact", table).startsWith("XGBoost cannot train: "), "categories");
  }

  @Test
  void valuesBeyondAFloatAreRefusedByName() {
    assertEquals(
        "feature A is 1.0E300: XGBoost takes floats, finite up to 3.4e38", refusal(1e300, 1));
    assertEquals(
        "the label is -1.0E300: XGBoost takes floats, finite up to 3.4e38", refusal(1, -1e300));
  }

  private String refusal(double feature, double label) {
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    RowBlock rows = RowBlock.builder(1).append(new double[] {feature}, label, 0, 0).build();
    return refusal("rounds=1", new TrainingTable(schema, rows));
  }

  @Test
  void aQuantileStaysAboveItsPart() throws TrainingException {
    RowBlock rows = rows(3, 1000);
    try (FittedModel model = Xgboost.quantile(0.8).fit(table(rows))) {
      double[] predicted = model.predict(rows);
      int below = 0;
      for (int i = 0; i < predicted.length; i++) {
        below += rows.labels()[i] <= predicted[i] ? 1 : 0;
      }
      assertEquals(0.8, below / 1000.0, 0.08);
    }
  }
}
