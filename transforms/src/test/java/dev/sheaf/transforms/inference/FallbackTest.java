package dev.sheaf.transforms.inference;

import static dev.sheaf.transforms.inference.ScoredRows.model;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FallbackTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addNullableField("STORE", FieldType.STRING)
          .addNullableField("state", FieldType.STRING)
          .addNullableField("TYPE", FieldType.INT64)
          .addNullableField("PRICE", FieldType.DOUBLE)
          .build();

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");

  @BeforeEach
  void aStore() {
    store = ModelStore.at(folder.resolve("models").toString());
  }

  private static CandidateModel linear(ModelScope scope, double intercept) {
    return model(scope, StoredModel.onnx(scope.storeKey(), intercept));
  }

  private void publishAllLevels() {
    ScoredRows.publish(
        store,
        linear(ModelScope.key("own"), 100),
        linear(ModelScope.key("@own"), 200),
        linear(ModelScope.group("STATE", "CA"), 300),
        linear(ModelScope.group("STATE", "N\u00fc=\ud83d\ude00"), 400),
        linear(ModelScope.group("TYPE", "7"), 500),
        linear(ModelScope.global(), 600));
  }

  private static Row event(
      long id, @Nullable String key, @Nullable String state, @Nullable Long type) {
    return Row.withSchema(EVENTS).addValues(id, key, state, type, id * 1.0).build();
  }

  private RunInference champion() {
    return RunInference.with(store.champion()).keyedBy("STORE");
  }

  private static List<@Nullable Object> of(@Nullable Object... expected) {
    return Arrays.asList(expected);
  }

  @Test
  void aRowIsScoredByItsKeyThenItsGroupsInOrderThenTheGlobalModel() {
    publishAllLevels();
    ScoredRows scored =
        ScoredRows.of(
            champion().fallingBackTo("STATE", "type"),
            EVENTS,
            event(1, "own", "CA", 7L),
            event(2, "x", "CA", 7L),
            event(3, "y", "TX", 7L),
            event(4, "z", "TX", 8L),
            event(5, "z", null, null),
            event(6, "@own", "CA", 7L),
            event(7, "w", "N\u00fc=\ud83d\ude00", 7L));
    assertNear(of(102.0, "own", "KEY"), scored.answer(1));
    assertNear(of(304.0, "@group:STATE=CA", "GROUP"), scored.answer(2));
    assertNear(of(506.0, "@group:TYPE=7", "GROUP"), scored.answer(3));
    assertNear(of(608.0, "@global", "GLOBAL"), scored.answer(4));
    assertNear(of(610.0, "@global", "GLOBAL"), scored.answer(5));
    assertNear(of(212.0, "@own", "KEY"), scored.answer(6));
    assertNear(of(414.0, "@group:STATE=N\u00fc=\ud83d\ude00", "GROUP"), scored.answer(7));
    assertEquals(ScoredRows.VERSION.toString(), scored.row(4).getString("MODEL_VERSION"));
    assertEquals(List.of(), scored.reasons());
  }

  private static void assertNear(List<@Nullable Object> expected, List<@Nullable Object> found) {
    assertEquals(expected.subList(1, 3), found.subList(1, 3));
    assertEquals((Double) expected.get(0), (Double) found.get(0), 1e-9);
  }

  @Test
  void groupsAreAskedInTheOrderGivenAndNotAtAllUnlessGiven() {
    publishAllLevels();
    ScoredRows other =
        ScoredRows.of(champion().fallingBackTo("TYPE", "STATE"), EVENTS, event(1, "x", "CA", 7L));
    assertNear(of(502.0, "@group:TYPE=7", "GROUP"), other.answer(1));
    ScoredRows none = ScoredRows.of(champion(), EVENTS, event(1, "x", "CA", 7L));
    assertNear(of(602.0, "@global", "GLOBAL"), none.answer(1));
  }

  @Test
  void rowsOfManyKeysThatFallBackToOneModelAreScoredTogether() {
    publishAllLevels();
    Row[] rows = new Row[90];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = event(i, i % 3 == 0 ? "own" : "k" + i, i % 3 == 1 ? "CA" : "TX", 1L);
    }
    ScoredRows scored = ScoredRows.of(champion().fallingBackTo("STATE"), EVENTS, rows);
    assertTrue(scored.calls() <= 2); // one model may be the first of its shape
    assertEquals(90, scored.counter("num_inferences"));
    for (int i = 0; i < rows.length; i++) {
      double intercept = i % 3 == 0 ? 100 : i % 3 == 1 ? 300 : 600;
      Double prediction = scored.row(i).getDouble("PREDICTION");
      assertEquals(intercept + 2 * i, prediction == null ? Double.NaN : prediction, 1e-9);
    }
  }

  @Test
  void keysThatLookLikeReservedOnesAreOnlyKeys() {
    ScoredRows.publish(store, linear(ModelScope.global(), 1), linear(ModelScope.key("a"), 2));
    ScoredRows scored =
        ScoredRows.of(champion(), EVENTS, event(1, "@global", "CA", 7L), event(2, "@", "CA", 7L));
    assertNear(of(3.0, "@global", "GLOBAL"), scored.answer(1));
    assertNear(of(5.0, "@global", "GLOBAL"), scored.answer(2));
  }

  @Test
  void withoutAnyModelForItARowKeepsANullPrediction() {
    ScoredRows.publish(
        store, linear(ModelScope.key("own"), 1), linear(ModelScope.group("STATE", "CA"), 2));
    ScoredRows scored =
        ScoredRows.of(
            champion().fallingBackTo("STATE", "TYPE"),
            EVENTS,
            event(1, "x", "TX", 7L),
            event(2, null, "CA", 7L));
    assertEquals(of(null, null, "NONE"), scored.answer(1));
    assertNull(scored.row(1).getString("MODEL_VERSION"));
    assertEquals(List.of("the key STORE is NULL"), scored.reasons());
    assertEquals(1, scored.counter("rows_without_model"));
  }

  @Test
  void wrongColumnsAreRefusedWhenThePipelineIsBuilt() {
    assertEquals(
        "fallingBackTo: columns are needed, each once, found [A, A]",
        assertThrows(IllegalArgumentException.class, () -> champion().fallingBackTo("A", "A"))
            .getMessage());
    assertEquals(
        "fallingBackTo: there is no column named \"REGION\"; the columns are ID, STORE, state,"
            + " TYPE, PRICE",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    TestPipeline.create()
                        .enableAbandonedNodeEnforcement(true)
                        .apply(Create.empty(EVENTS))
                        .apply(champion().fallingBackTo("REGION")))
            .getMessage());
  }
}
