package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ends processes that write a run: killed, they lose what is held alone; told to end, nothing. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RunKilledXIT {
  private final RunStore store;
  private final TrainingRun run;

  RunKilledXIT(@TempDir Path folder) {
    this.store = RunStore.at(folder.toString());
    this.run = store.start("killed", START, Map.of());
  }

  /** Writes a part, holds 50 more keys, says so and waits for its end. */
  public static void main(String[] args) throws InterruptedException {
    TrainingRun run = RunStore.at(args[0]).find("killed").orElseThrow();
    RunWriter writer = new RunWriter(run, Clock.systemUTC(), RunFixtures.NEVER);
    writer.startTicking(Duration.ofSeconds(1));
    for (int i = 0; i < 150; i++) {
      writer.add(trained("key " + i, "model " + i));
      if (i == 99) {
        writer.flush();
      }
    }
    System.out.println("held");
    assertTrue(new CountDownLatch(1).await(1, TimeUnit.MINUTES));
  }

  @Test
  void killedItKeepsWhatIsWritten() throws Exception {
    Process process = started();
    process.destroyForcibly();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(100, checked());
  }

  @Test
  void toldToEndItKeepsEverything() throws Exception {
    Process process = started();
    process.destroy();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(150, checked());
  }

  private Process started() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RunKilledXIT.class.getName(),
                store.location())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); !"held".equals(line); line = out.readLine()) {
      assertNotNull(line);
    }
    return process;
  }

  private int checked() {
    RunLedger ledger = run.ledger();
    for (int i = 0; i < ledger.size(); i++) {
      assertEquals(trained("key " + i, "model " + i), ledger.find("key " + i).orElseThrow());
    }
    assertEquals(0, ledger.progress().unreadable());
    return ledger.size();
  }
}
