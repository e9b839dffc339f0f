package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.mlp.Mlp;
import dev.sheaf.transforms.failure.BadRows;
import dev.sheaf.transforms.rows.RowColumn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link RowSorter} cannot bring about at will. */
final class RowScorerTest {
  private static final Schema SCHEMA =
      Schema.builder().addStringField("STORE").addDoubleField("PRICE").build();

  @TempDir private Path folder = Path.of("");
  private final List<Double> predictions = new ArrayList<>();

  private final Outlet<Row> outlet =
      new Outlet<>() {
        @Override
        public void result(Row row, Instant timestamp, BoundedWindow window) {
          predictions.add(row.getDouble("PREDICTION"));
        }

        @Override
        public void refused(BadRecord record, Instant timestamp, BoundedWindow window) {
          throw new AssertionError(record.getFailure().getException());
        }
      };

  /** One that is open, with what it works on. */
  private record Scoring(RowScorer scorer, Intake intake) implements AutoCloseable {
    /** Looks rows of these keys up; their prices count from 0. */
    void add(String... keys) {
      for (int i = 0; i < keys.length; i++) {
        intake.add(
            Row.withSchema(SCHEMA).addValues(keys[i], (double) i).build(),
            BoundedWindow.TIMESTAMP_MIN_VALUE,
            GlobalWindow.INSTANCE);
      }
      intake.look();
      intake.choose(scorer.models().generation(), scorer.models().beginLookUp());
    }

    @Override
    public void close() {
      scorer.close();
    }
  }

  private Scoring open(CandidateModel... models) {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    ScoredRows.publish(store, models);
    ScorePlan plan =
        new ScorePlan(
            ScoreSettings.of(store.champion()),
            SCHEMA,
            new ModelChoice(RowColumn.findKey(SCHEMA, "STORE", "keyedBy"), List.of()),
            Predictions.of(SCHEMA, PredictionKind.NUMBER, "batch"),
            BadRows.of(SCHEMA, "test", null));
    InferenceMetrics metrics = new InferenceMetrics();
    Intake intake = new Intake(1024, plan.choice(), plan.predictions(), new RowBytes(SCHEMA));
    Models opened = new Models(plan.settings(), metrics, Sleeper.DEFAULT);
    return new Scoring(new RowScorer(opened, intake, plan, new RowCalls(plan, metrics)), intake);
  }

  /** Loads a model, as a batch of its rows would. */
  private static ChosenModel load(Scoring scoring, String key) {
    ChosenModel chosen = Objects.requireNonNull(scoring.scorer().models().generation().ofKey(key));
    scoring.scorer().models().acquire(chosen, 0).close();
    return chosen;
  }

  private static byte[] network() {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < 40; i++) {
      rows.append(new double[] {i}, 3 + 2 * i, i, 0);
    }
    TableSchema schema = new TableSchema(List.of(new Feature("PRICE", FeatureType.FLOAT)), "SALES");
    return Objects.requireNonNull(
        KeyTrainer.of(Mlp.regression().withHidden(4).withEpochs(2), Holdout.none(), schema)
            .train("a", List.of(rows.build()))
            .onnx());
  }

  /** Scores the rows that were looked up, which are of models that share a template. */
  private void score(Scoring scoring) throws Exception {
    Intake intake = scoring.intake();
    scoring.scorer().expectMixed();
    for (int i = 0; i < intake.leftSize(); i++) {
      ChosenModel model = intake.chosen(intake.left(i));
      if (model != null) {
        assertTrue(scoring.scorer().expectLeft(intake.left(i), model, outlet));
      }
    }
    scoring.scorer().scoreExpected(outlet);
  }

  @Test
  void rowsAreReadAheadForALaneThatMostOfTheLastOnesWentTo() throws Exception {
    try (Scoring scoring =
        open(
            ScoredRows.model(ModelScope.key("a"), StoredModel.onnx("a", 1)),
            ScoredRows.model(ModelScope.key("b"), StoredModel.onnx("b", 2)))) {
      load(scoring, "a");
      load(scoring, "b");
      load(scoring, "a"); // Which shares the template of both by now.
      scoring.add("a", "b", "unknown");
      score(scoring);
      assertEquals(List.of(1.0, 4.0), predictions);
      Lane lane = scoring.scorer().endIntake();
      assertNotNull(lane);
      scoring.intake().clear(lane);
      assertEquals(lane, scoring.scorer().endIntake(), "as the next bundle begins");
      scoring.add("a", "unknown", "unknown", "unknown");
      score(scoring);
      assertNull(scoring.scorer().endIntake());
      scoring.intake().clear(null);
      assertNull(scoring.scorer().endIntake(), "as the next bundle begins");
    }
  }

  @Test
  void aModelThatGoesOverToItsTemplateOnceItsRowsHaveLookedForItIsScoredAsABatch()
      throws Exception {
    byte[] onnx = network();
    double[] expected;
    try (ModelSession session = ModelSession.open(onnx, ExecutionProvider.cpu())) {
      expected = session.predict(InputColumns.ofNumbers(new double[][] {{0, 1, 2}}, 3));
    }
    try (Scoring scoring = open(ScoredRows.model(ModelScope.key("a"), onnx))) {
      RowScorer scorer = scoring.scorer();
      Intake intake = scoring.intake();
      ChosenModel model = load(scoring, "a");
      scoring.add("a", "a", "a");
      try (CachedModel.Lease lease = scorer.models().acquire(model, 0)) {
        // As another thread does after many rows.
        scorer.models().share(assertInstanceOf(LoadedModel.Alone.class, lease.model()));
      }
      try (CachedModel.Lease lease = scorer.models().acquire(model, 0)) {
        assertInstanceOf(LoadedModel.Weighted.class, lease.model());
      }
      scorer.expectMixed();
      assertEquals(3, intake.leftSize());
      assertNotEquals(NearModels.NONE, intake.modelPlace(0));
      assertFalse(scorer.scoreLeft(intake.modelPlace(0), 3, outlet));
      assertEquals(List.of(), predictions);
      Batch batch = new Batch(model, null);
      for (int i = 0; i < intake.leftSize(); i++) {
        batch.add(intake, intake.left(i));
      }
      scorer.score(batch, outlet);
      assertEquals(DoubleStream.of(expected).boxed().toList(), predictions);
    }
  }
}
