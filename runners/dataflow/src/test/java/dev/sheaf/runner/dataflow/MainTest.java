package dev.sheaf.runner.dataflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The launcher's command line. */
final class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Map<String, String> environment, String... args) {
    return Main.run(
        List.of(args),
        environment,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void aPipelineMustBeNamed() {
    assertEquals(2, run(Map.of(), "--sourceTable=SALES"));
    assertEquals(
        "sheaf-dataflow: cannot tell the pipeline: it is the first argument (after metadata) or in"
            + " the variable SHEAF_PIPELINE, found null; valid are train, score,"
            + " score-stream, train-stream\n",
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void anUnknownPipelineIsRefused() {
    assertEquals(2, run(Map.of(), "scores"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("found scores; valid are train"));
  }

  @Test
  void theVariableNamesThePipelineOfOptionsAlone() {
    assertEquals(0, run(Map.of("SHEAF_PIPELINE", "score"), "--help"));
    String help = out.toString(StandardCharsets.UTF_8);
    assertTrue(help.contains("--fallback"), help);
    assertTrue(help.contains("--offlineTo"), help);
  }

  @Test
  void aMissingOptionIsNamed() {
    assertEquals(2, run(Map.of(), "score", "--key=STORE"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("Missing required value"));
  }
}
