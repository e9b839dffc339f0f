package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.failed;
import static dev.sheaf.models.runs.RunFixtures.parts;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static dev.sheaf.models.runs.RunFixtures.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.RunFixtures.SetClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged part costs its own keys at most, and never gives a wrong model. */
class DamagedRunTest {
  private static final List<FinishedKey> KEYS =
      List.of(trained("a", "one"), failed("b", "1", "why"), trained("c", "three"));

  private final SetClock clock = new SetClock();
  private final TrainingRun run;
  private Path part = Path.of("");
  private byte[] whole = {};

  DamagedRunTest(@TempDir Path folder) {
    this.run = RunStore.at(folder.toString()).start("nightly", START, Map.of());
  }

  @BeforeEach
  void writeTwoParts() throws IOException {
    write(run, clock, KEYS.toArray(FinishedKey[]::new));
    part = parts(run).get(0);
    whole = Files.readAllBytes(part);
    clock.advance(Duration.ofSeconds(1));
    write(run, clock, trained("other", "1"));
  }

  @Test
  void aPartCutShortAtAnyByte() throws IOException {
    // The last model is followed by its entry in the directory: cut there, nothing is lost.
    int lastModel = indexOf(whole, "three", indexOf(whole, "c.onnx", 0)) + "three".length();
    for (int length = 0; length < whole.length; length++) {
      Files.write(part, Arrays.copyOf(whole, length));
      RunLedger ledger = run.ledger();
      boolean lost = length < lastModel;
      assertEquals(lost ? 1 : 0, ledger.progress().unreadable(), "bytes left: " + length);
      assertEquals(lost ? 1 : 4, ledger.size(), "bytes left: " + length);
      assertTrue(ledger.find("other").isPresent());
      assertEquals(lost, ledger.find("c").isEmpty());
    }
  }

  @Test
  void anyByteChanged() throws IOException {
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x55;
      Files.write(part, changed);
      RunLedger ledger = run.ledger();
      for (FinishedKey key : KEYS) {
        Optional<FinishedKey> found = ledger.find(key.key());
        assertTrue(found.isEmpty() || found.get().equals(key), "byte " + at + ": " + found);
      }
      assertTrue(ledger.find("other").isPresent());
    }
  }

  @Test
  void aPartThatGoesAwayTakesItsKeysAlong() throws IOException {
    RunLedger ledger = run.ledger();
    Files.delete(part);
    assertEquals(Optional.empty(), ledger.reuse("a", "f-one"));
    assertEquals(List.of(), ledger.failures(5));
    assertEquals(1, ledger.progress().unreadable());
    assertEquals(1, run.ledger().size());
  }

  @Test
  void aPartThatIsRepairedCountsAgain() throws IOException {
    Files.write(part, Arrays.copyOf(whole, 50));
    RunLedger ledger = run.ledger();
    assertEquals(1, ledger.size());
    Files.write(part, whole);
    assertEquals(4, ledger.refresh().size());
    assertEquals(0, ledger.progress().unreadable());
  }

  private static int indexOf(byte[] bytes, String text, int from) {
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text, from);
  }
}
