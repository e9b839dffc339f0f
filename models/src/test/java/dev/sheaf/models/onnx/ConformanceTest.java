package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Runs every stored model that comes with inputs and outputs. */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
final class ConformanceTest {
  /** Parts of the messages by which models are refused, and how many of the 172 are. */
  private static final Map<String, Integer> REFUSALS =
      Map.of(
          "Unsupported model IR version: 14, max supported IR version: 13",
          25,
          "is a sequence of tensor",
          10,
          "is a value that may be absent, a sequence of tensor",
          2,
          "Opset 27 is under development",
          2,
          "Could not find an implementation for Pow(15)",
          2,
          "Failed to construct locale",
          4);

  /** Their stored outputs are what another runtime gives, which pads where ONNX does not. */
  private static final List<String> OTHER_MEANING = List.of("qtdnn_10x5_101_i32_biases");

  @Test
  void everyCasePassesOrIsRefusedForAKnownReason() throws IOException {
    List<OnnxVectors.Case> cases =
        OnnxVectors.in(Path.of(System.getenv("SHEAF_DATA"), "onnx")).stream()
            .filter(vector -> !OTHER_MEANING.contains(vector.name()))
            .toList();
    Map<String, Integer> refusals = new TreeMap<>();
    int passed = 0;
    for (OnnxVectors.Case vector : cases) {
      try (TensorSession session = TensorSession.open(OnnxModel.at(vector.model().toString()))) {
        vector.check(session.run(vector.tensors()));
        passed++;
      } catch (OnnxFailure e) {
        refusals.merge(reason(vector, e), 1, Integer::sum);
      }
    }
    // A machine that has the locale en_US refuses four less.
    refusals.putIfAbsent("Failed to construct locale", 4);
    assertEquals(new TreeMap<>(REFUSALS), refusals);
    int refused = refusals.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(passed >= cases.size() - refused, passed + " of " + cases.size() + " passed");
  }

  private static String reason(OnnxVectors.Case vector, OnnxFailure failure) {
    String message = String.valueOf(failure.getMessage());
    return REFUSALS.keySet().stream()
        .filter(message::contains)
        .findFirst()
        .orElseThrow(() -> new AssertionError(vector.name() + ": " + message, failure));
  }
}
