package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that cannot be used cost their own keys their rows, and no others. */
final class UnusableModelsTest {
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("ID").addStringField("STORE").addDoubleField("PRICE").build();

  @TempDir private Path folder = Path.of("");

  private static byte[] otherOutput() {
    ModelMetadata metadata =
        new ModelMetadata(
            "k",
            "SALES",
            List.of(new Feature("PRICE", FeatureType.FLOAT)),
            "hand",
            Map.of(),
            1,
            "none");
    OnnxGraph graph = OnnxGraph.of(metadata);
    graph.node("Neg", List.of("PRICE"), "prediction");
    return rename(graph.toBytes());
  }

  /** The same bytes with an output of another name of the same length. */
  private static byte[] rename(byte[] onnx) {
    byte[] from = "prediction".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] to = "predictive".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] renamed = onnx.clone();
    for (int i = 0; i + from.length <= renamed.length; i++) {
      if (Arrays.equals(renamed, i, i + from.length, from, 0, from.length)) {
        System.arraycopy(to, 0, renamed, i, to.length);
      }
    }
    return renamed;
  }

  @Test
  void eachUnusableModelIsToldOfClearlyAndTheOtherKeysGoOn() {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    byte[] good = StoredModel.onnx("good", 10);
    ScoredRows.publish(
        store,
        model("first", StoredModel.onnx("first", 5)),
        model("good", good),
        model("better", StoredModel.onnx("better", 20)),
        model("cut", Arrays.copyOf(good, good.length / 2)),
        model("noise", new byte[] {9, 9, 9, 9}),
        model("outputs", otherOutput()),
        model("column", Graphs.sum(10, new Feature("WEIGHT", FeatureType.FLOAT))),
        model("classes", Graphs.classifier("no", "yes")));
    String[] keys = {
      "good", "cut", "better", "noise", "outputs", "column", "classes", "first", "nobody"
    };
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      rows.add(
          Row.withSchema(EVENTS).addValues((long) i, keys[i % keys.length], i / 100.0).build());
    }
    ScoredRows scored =
        ScoredRows.of(
            RunInference.with(store.champion()).keyedBy("STORE"), EVENTS, rows.toArray(Row[]::new));
    assertEquals(400, scored.size(), scored.reasons().stream().distinct().toList().toString());
    for (int i = 0; i < 900; i += keys.length) {
      assertEquals(10 + 2 * i / 100.0, scored.row(i).getDouble("PREDICTION"), 1e-9);
      assertEquals(20 + 2 * (i + 2) / 100.0, scored.row(i + 2).getDouble("PREDICTION"), 1e-9);
      assertEquals(5 + 2 * (i + 7) / 100.0, scored.row(i + 7).getDouble("PREDICTION"), 1e-9);
      assertEquals("NONE", scored.row(i + 8).getString("FALLBACK_LEVEL"));
    }
    assertEquals(500, scored.reasons().size());
    assertReasons(scored, "cut", "cannot load a model");
    assertReasons(scored, "noise", "cannot load a model");
    assertReasons(scored, "outputs", "cannot use a model with the outputs [predictive]");
    assertReasons(scored, "column", "there is no column named \"WEIGHT\"");
    assertReasons(scored, "classes", "it predicts one of the classes [no, yes]");
  }

  private static CandidateModel model(String key, byte[] onnx) {
    return ScoredRows.model(ModelScope.key(key), onnx);
  }

  private static void assertReasons(ScoredRows scored, String key, String reason) {
    List<String> ofKey =
        scored.reasons().stream()
            .filter(text -> text.startsWith("the model of key \"" + key + "\" in version"))
            .toList();
    assertEquals(100, ofKey.size());
    for (String text : ofKey) {
      assertTrue(text.contains(reason), text);
    }
  }
}
