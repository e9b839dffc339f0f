package dev.sheaf.pipelines.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RunSummaryTest {
  private static final KeySummary ONE =
      key("KEY", "1", "linear", new KeySummary.Loss("rmse", 1.5, 9.0), 1.25, null);
  private static final KeySummary TWO =
      new KeySummary(
          "KEY",
          "2",
          1,
          1,
          0,
          new KeySummary.Loss("rmse", null, null),
          null,
          null,
          "linear",
          "TOO_FEW_ROWS",
          "1 row, 2 needed",
          0.0,
          null);
  private static final RunSummary RUN =
      new RunSummary(31, 2, 1, 1, 31, 3, seconds(), List.of(ONE, TWO), List.of());

  private static KeySummary key(
      String scope,
      String key,
      String trainer,
      KeySummary.Loss loss,
      @Nullable Double mae,
      @Nullable Double accuracy) {
    return new KeySummary(
        scope, key, 30, 24, 6, loss, mae, accuracy, trainer, "TRAINED", "", 0.01, "v1");
  }

  private static Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("load", 1.0);
    seconds.put("train", 2.0);
    seconds.put("score", 3.5);
    seconds.put("total", 7.0);
    return seconds;
  }

  @Test
  void theJsonHasTheDocumentedFields() throws Exception {
    JsonNode json = new ObjectMapper().readTree(RUN.json());
    assertEquals(31, json.get("rows").asLong());
    assertEquals(2, json.get("keys").asLong());
    assertEquals(1, json.get("trained").asLong());
    assertEquals(1, json.get("failed").asLong());
    assertEquals(3.5, json.get("seconds").get("score").asDouble());
    assertEquals(7.0, json.get("seconds").get("total").asDouble());
    JsonNode one = json.get("perKey").get(0);
    assertEquals("1", one.get("key").asText());
    assertEquals(24, one.get("trainRows").asLong());
    assertEquals(6, one.get("holdoutRows").asLong());
    assertEquals(1.5, one.get("rmse").asDouble());
    assertEquals(1.25, one.get("mae").asDouble());
    assertEquals(9.0, one.get("baselineRmse").asDouble());
    assertEquals("KEY", one.get("scope").asText());
    assertEquals("rmse", one.get("loss").get("name").asText());
    assertEquals(1.5, one.get("loss").get("model").asDouble());
    assertEquals(9.0, one.get("loss").get("baseline").asDouble());
    assertEquals("linear", one.get("trainer").asText());
    assertEquals("TRAINED", one.get("status").asText());
    assertEquals("v1", one.get("modelVersion").asText());
    assertTrue(json.get("perKey").get(1).get("rmse").isNull());
  }

  @Test
  void theMedianLeavesOutWhatIsMissing() {
    assertEquals(OptionalDouble.of(1.5), RUN.median(KeySummary::rmse));
    RunSummary none = new RunSummary(0, 0, 0, 0, 0, 0, Map.of(), List.of(), List.of());
    assertEquals(OptionalDouble.empty(), none.median(KeySummary::rmse));
  }

  @Test
  void theTableShowsKeysWithoutAModelWithTheirReason() {
    List<String> lines = KeyTable.of(RUN, "STORE", 20).lines().toList();
    assertTrue(lines.get(0).startsWith("STORE"), lines.get(0));
    assertTrue(lines.get(1).endsWith("TOO_FEW_ROWS: 1 row, 2 needed"), lines.get(1));
    assertTrue(lines.get(2).matches("1 +30 +1\\.500 +1\\.250 +9\\.000 +0\\.010  TRAINED"));
    assertTrue(lines.get(3).startsWith("median"), lines.get(3));
  }

  @Test
  void modelsToFallBackToFollowTheKeysAndTheTrainersShowWhereTheyDiffer() {
    KeySummary.Loss loss = new KeySummary.Loss("rmse", 2.5, 8.0);
    RunSummary run =
        new RunSummary(
            30,
            1,
            1,
            0,
            30,
            0,
            seconds(),
            List.of(ONE),
            List.of(
                key("GLOBAL", "@global", "xgboost", loss, 2.25, null),
                key("GROUP", "@group:STATE=CA", "linear", loss, 2.0, null)));
    List<String> lines = KeyTable.of(run, "STORE", 20).lines().toList();
    assertTrue(lines.get(0).matches("STORE .* trainer +seconds  status"), lines.get(0));
    assertTrue(lines.get(1).matches("1 .* linear +0\\.010  TRAINED"), lines.get(1));
    assertEquals(List.of("", "Models to fall back to:"), lines.subList(3, 5));
    assertTrue(lines.get(5).matches("all rows +30 +2\\.500 .* xgboost .*"), lines.get(5));
    assertTrue(lines.get(6).matches("STATE=CA +30 +2\\.500 +2\\.000 +8\\.000 .*"), lines.get(6));
  }

  @Test
  void classesShowTheLogLossAndTheAccuracy() throws Exception {
    RunSummary run =
        new RunSummary(
            30,
            1,
            1,
            0,
            30,
            0,
            seconds(),
            List.of(
                key("KEY", "a", "xgboost", new KeySummary.Loss("log_loss", 0.25, 0.5), null, 0.75)),
            List.of());
    List<String> lines = KeyTable.of(run, "STORE", 20).lines().toList();
    assertTrue(
        lines.get(0).matches("STORE +rows +LOG LOSS +accuracy +baseline LOG LOSS +seconds  status"),
        lines.get(0));
    assertTrue(lines.get(1).matches("a +30 +0\\.2500 +0\\.7500 +0\\.5000 +0.010  TRAINED"));
    JsonNode one = new ObjectMapper().readTree(run.json()).get("perKey").get(0);
    assertTrue(one.get("rmse").isNull());
    assertTrue(one.get("baselineRmse").isNull());
    assertEquals(0.75, one.get("accuracy").asDouble());
  }

  @Test
  void aLongTableIsCutAndSaysSo() {
    List<String> lines = KeyTable.of(RUN, "STORE", 1).lines().toList();
    assertTrue(lines.contains("… and 1 more keys"), lines.toString());
  }
}
