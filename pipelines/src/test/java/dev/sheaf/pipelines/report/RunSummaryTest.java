package dev.sheaf.pipelines.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class RunSummaryTest {
  private static final KeySummary ONE =
      new KeySummary("1", 30, 24, 6, 1.5, 1.25, 9.0, "TRAINED", "", 0.01, "v1");
  private static final KeySummary TWO =
      new KeySummary("2", 1, 1, 0, null, null, null, "TOO_FEW_ROWS", "1 row, 2 needed", 0.0, null);
  private static final RunSummary RUN =
      new RunSummary(31, 2, 1, 1, 31, 3, seconds(), List.of(ONE, TWO));

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
    assertEquals("TRAINED", one.get("status").asText());
    assertEquals("v1", one.get("modelVersion").asText());
    assertTrue(json.get("perKey").get(1).get("rmse").isNull());
  }

  @Test
  void theMedianLeavesOutWhatIsMissing() {
    assertEquals(OptionalDouble.of(1.5), RUN.median(KeySummary::rmse));
    RunSummary none = new RunSummary(0, 0, 0, 0, 0, 0, Map.of(), List.of());
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
  void aLongTableIsCutAndSaysSo() {
    List<String> lines = KeyTable.of(RUN, "STORE", 1).lines().toList();
    assertTrue(lines.contains("… and 1 more keys"), lines.toString());
  }
}
