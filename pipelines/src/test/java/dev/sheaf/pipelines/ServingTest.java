package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServingTest {
  private static final VersionId VERSION = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
  private static final Schema ROWS =
      Schema.builder()
          .addStringField("STORE")
          .addStringField("state")
          .addInt64Field("TYPE")
          .addByteArrayField("BYTES")
          .build();

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");

  @BeforeEach
  void aStore() {
    store = ModelStore.at(folder.resolve("models").toString());
  }

  private Serving serving(Map<String, String> properties, CandidateModel... models) {
    store
        .write(VERSION)
        .commit(
            List.of(store.write(VERSION).writeShard(0, 1, List.of(models))), List.of(), properties);
    store.promote(ModelStore.CHAMPION, Alias.to(VERSION));
    return Serving.of(store, ModelStore.CHAMPION, null);
  }

  private static CandidateModel model(ModelScope scope, String... classes) {
    OnnxGraph graph =
        OnnxGraph.of(
            new ModelMetadata(
                scope.storeKey(),
                "LABEL",
                List.of(new Feature("PRICE", FeatureType.FLOAT)),
                List.of(classes),
                "hand",
                Map.of(),
                1,
                "none"));
    if (classes.length == 0) {
      graph.node("Identity", graph.inputs(), ModelSession.OUTPUT);
    } else {
      graph.classify(
          graph.node(
              "Concat",
              List.of("PRICE", "PRICE"),
              graph.name("probabilities"),
              Attributes.of("axis", 1)));
    }
    return CandidateModel.of(scope.storeKey(), graph.toBytes(), 20, Map.of());
  }

  @Test
  void theVersionSaysWhetherItsModelsGiveClasses() {
    CandidateModel number = model(ModelScope.key("a"));
    assertTrue(serving(Map.of("sheaf.task", "classification"), number).classifies());
  }

  @Test
  void theVersionAlsoSaysThatTheyGiveNumbers() {
    assertFalse(
        serving(Map.of("sheaf.task", "quantile"), model(ModelScope.key("a"), "no", "yes"))
            .classifies());
  }

  @Test
  void aModelIsAskedWhereTheVersionSaysNothing() {
    assertTrue(serving(Map.of(), model(ModelScope.key("a"), "no", "yes")).classifies());
    assertTrue(Serving.of(store, "unused", VERSION.text()).classifies());
  }

  @Test
  void aModelOfNumbersIsAskedToo() {
    assertFalse(serving(Map.of(), model(ModelScope.global())).classifies());
  }

  @Test
  void aStoreWithoutTheAliasSaysSo() {
    StoreException e =
        assertThrows(StoreException.class, () -> Serving.of(store, "challenger", null));
    assertTrue(String.valueOf(e.getMessage()).contains("challenger"), e.getMessage());
  }

  @Test
  void fallbackColumnsAreThoseOfTheRowsThatHaveGroupModels() {
    Serving serving =
        serving(
            Map.of(),
            model(ModelScope.key("a")),
            model(ModelScope.group("STATE", "CA")),
            model(ModelScope.group("TYPE", "7")));
    assertEquals(
        List.of("TYPE", "state"), serving.groups(Arrays.asList("type", " STATE", "Type"), ROWS));
    assertEquals(List.of(), serving.groups(null, ROWS));
    assertEquals(
        "--fallback: no model is for a group by \"STORE\"; there are models of groups by STATE,"
            + " TYPE",
        refusal(serving, "STORE"));
    assertEquals(
        "--fallback: there is no column named \"REGION\"; the columns are STORE, state, TYPE,"
            + " BYTES",
        refusal(serving, "REGION"));
    assertEquals(
        "--fallback: \"BYTES\" holds BYTES; a key must be a number, boolean, text, date or time",
        refusal(serving, "BYTES"));
  }

  @Test
  void aVersionWithoutGroupModelsRefusesFallbackColumns() {
    assertEquals(
        "--fallback: no model is for a group by \"TYPE\"; there are no models of groups",
        refusal(serving(Map.of(), model(ModelScope.key("a"))), "TYPE"));
  }

  private static @Nullable String refusal(Serving serving, String column) {
    return assertThrows(IllegalArgumentException.class, () -> serving.groups(List.of(column), ROWS))
        .getMessage();
  }
}
