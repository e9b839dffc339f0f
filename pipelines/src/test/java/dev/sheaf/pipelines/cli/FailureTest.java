package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.pipelines.OptionException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.junit.jupiter.api.Test;

final class FailureTest {
  @Test
  void aWrongOptionIsTwo() {
    assertEquals(
        new Failure(2, "--key: which?"),
        Failure.whileBuilding(new OptionException("--key: which?")));
  }

  @Test
  void aFailedServiceIsOneEvenWhileBuilding() {
    assertEquals(
        new Failure(1, "no answer"), Failure.whileBuilding(new IllegalStateException("no answer")));
  }

  @Test
  void anythingThatFailsWhileRunningIsOne() {
    assertEquals(
        new Failure(1, "bad row"),
        Failure.whileRunning(
            new PipelineExecutionException(new IllegalArgumentException("bad row"))));
  }

  @Test
  void wrappersSayWhatTheirCauseSays() {
    Exception cause = new IOException("disk full");
    assertEquals(
        "disk full",
        Failure.whileRunning(new RuntimeException(new ExecutionException(cause))).line());
  }

  @Test
  void aMessageOfManyLinesBecomesOne() {
    assertEquals(
        "first; second", Failure.whileRunning(new IOException("first\n  second\n")).line());
  }

  @Test
  void aThrowableWithoutAMessageIsNamed() {
    assertEquals("StackOverflowError", Failure.whileRunning(new StackOverflowError()).line());
  }
}
