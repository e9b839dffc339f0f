package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.failed;
import static dev.sheaf.models.runs.RunFixtures.parts;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static dev.sheaf.models.runs.RunFixtures.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.RunFixtures.SetClock;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLedgerTest {
  private final SetClock clock = new SetClock();
  private final RunStore store;
  private final TrainingRun run;

  RunLedgerTest(@TempDir Path folder) {
    this.store = RunStore.at(folder.toString());
    this.run = store.start("nightly", START, Map.of());
  }

  @Test
  void reusesWhatDidNotFailAndHasTheSameFingerprint() {
    FinishedKey few = new FinishedKey("few", "TOO_FEW_ROWS", "f-1", Map.of(), null);
    write(run, clock, trained("a", "1"), failed("b", "1", "no"), few);
    RunLedger ledger = run.ledger();
    assertEquals(Optional.of(trained("a", "1")), ledger.reuse("a", "f-1"));
    assertEquals(Optional.of(few), ledger.reuse("few", "f-1"));
    assertEquals(Optional.empty(), ledger.reuse("a", "f-2"));
    assertEquals(Optional.empty(), ledger.reuse("b", "f-1"));
    assertEquals(Optional.empty(), ledger.reuse("never", "f-1"));
    assertEquals(Optional.of(failed("b", "1", "no")), ledger.find("b"));
    assertEquals(Optional.empty(), ledger.find("never"));
    assertEquals(3, ledger.size());
  }

  @Test
  void theLatestOutcomeCounts() {
    write(run, clock, failed("a", "1", "first"), trained("b", "1"));
    clock.advance(Duration.ofSeconds(1));
    write(run, clock, trained("a", "1"));
    RunLedger ledger = run.ledger();
    assertEquals(Optional.of(trained("a", "1")), ledger.reuse("a", "f-1"));
    assertEquals(Map.of("TRAINED", 2L), ledger.progress().statuses());
  }

  @Test
  void anAttemptIsLaterThanThoseBeforeItWhateverItsClockSays() {
    write(run, clock, trained("a", "1"));
    SetClock slow = new SetClock();
    slow.advance(Duration.ofHours(-1));
    write(store.start("nightly", START, Map.of()), slow, trained("a", "2"));
    assertEquals(Optional.of(trained("a", "2")), run.ledger().find("a"));
  }

  @Test
  void aThreadThatIsInterruptedCallsNoPartUnreadable() {
    RunLedger ledger = run.ledger();
    write(run, clock, trained("a", "1"));
    Thread.currentThread().interrupt();
    StoreException stopped = assertThrows(StoreException.class, ledger::refresh);
    assertTrue(Thread.interrupted());
    assertEquals(StoreException.Reason.OUTAGE, stopped.reason());
    assertEquals(0, ledger.progress().unreadable());
    assertEquals(1, ledger.refresh().size());
  }

  @Test
  void aPartThatArrivesLateIsStillOld() throws IOException {
    write(run, clock, trained("a", "1"));
    Path part = parts(run).get(0);
    Path away = part.resolveSibling(".away");
    Files.move(part, away);
    clock.advance(Duration.ofSeconds(1));
    write(run, clock, trained("a", "2"));
    RunLedger ledger = run.ledger();
    Files.move(away, part);
    assertEquals(Optional.of(trained("a", "2")), ledger.refresh().find("a"));
    assertEquals(2, ledger.progress().parts());
  }

  @Test
  void countsWhatAnAttemptSkipped() {
    write(run, clock, trained("a", "1"), trained("b", "1"), failed("c", "1", "no"));
    clock.advance(Duration.ofMinutes(10));
    TrainingRun again = store.start("nightly", clock.instant(), Map.of());
    RunLedger ledger = again.ledger();
    assertEquals(0, ledger.progress().skipped());
    assertEquals(0, ledger.progress().finished());
    assertEquals(3, ledger.progress().keys());
    try (RunWriter writer = RunFixtures.manual(again, clock)) {
      writer.skip("a");
      writer.skip("b");
      writer.skip("b");
      clock.advance(Duration.ofSeconds(2));
      writer.add(trained("c", "1"));
    }
    try (RunWriter repeated = RunFixtures.manual(again, clock)) {
      repeated.skip("a");
      repeated.add(trained("b", "1"));
    }
    RunProgress progress = ledger.refresh().progress();
    assertEquals(1, progress.skipped());
    assertEquals(2, progress.finished());
    assertEquals(Map.of("TRAINED", 3L), progress.statuses());
    assertEquals(Optional.of(trained("a", "1")), ledger.find("a"));
    assertEquals(3, progress.parts());
  }

  @Test
  void addsUpTheProgress() {
    assertNull(run.ledger().progress().lastFinished());
    assertEquals(OptionalDouble.empty(), run.ledger().progress().modelsPerSecond());
    try (RunWriter writer = RunFixtures.manual(run, clock)) {
      clock.advance(Duration.ofMillis(10_500));
      writer.add(trained("a", "1"));
      clock.advance(Duration.ofSeconds(2));
      writer.add(failed("b", "1", "no"));
      clock.advance(Duration.ofMillis(1_500));
      writer.add(trained("c", "1"));
      writer.add(new FinishedKey("d", "DIVERGED", "f", Map.of(FinishedKey.ROWS, ""), null));
    }
    RunLedger ledger = run.ledger();
    RunProgress progress = ledger.progress();
    assertEquals(Map.of("TRAINED", 2L, "FAILED", 1L, "DIVERGED", 1L), progress.statuses());
    assertEquals(4, progress.keys());
    assertEquals(4, progress.finished());
    assertEquals(2, progress.models());
    assertEquals(207, progress.rows());
    assertEquals(1.25, progress.seconds());
    assertEquals(START.plusSeconds(10), progress.from());
    assertEquals(START.plusSeconds(14), progress.lastFinished());
    assertEquals(0.5, progress.modelsPerSecond().orElseThrow());
    assertNull(progress.end());
    run.finish(START.plusSeconds(20), Map.of());
    assertEquals(run.end().orElseThrow(), ledger.refresh().progress().end());
  }

  @Test
  void namesTheLastFailures() {
    write(run, clock, failed("a", "1", "first"));
    for (String key : List.of("b", "c", "d")) {
      clock.advance(Duration.ofSeconds(1));
      write(run, clock, failed(key, "1", "reason of " + key), trained("good " + key, "1"));
    }
    clock.advance(Duration.ofSeconds(1));
    write(run, clock, trained("c", "1"));
    assertEquals(
        List.of(failed("d", "1", "reason of d"), failed("b", "1", "reason of b")),
        run.ledger().failures(2));
    assertEquals(3, run.ledger().failures(Integer.MAX_VALUE).size());
    assertEquals(List.of(), run.ledger().failures(0));
  }

  @Test
  void passesOnEveryLatestOutcome() {
    write(run, clock, trained("a", "1"), trained("b", "1"));
    clock.advance(Duration.ofSeconds(1));
    write(run, clock, failed("a", "2", "no"), trained("c", "1"));
    List<String> seen = new ArrayList<>();
    run.ledger()
        .forEach(
            key -> {
              assertNull(key.onnx());
              seen.add(key.key() + " " + key.status());
            });
    assertEquals(List.of("b TRAINED", "a FAILED", "c TRAINED"), seen);
  }

  @Test
  void ledgerColumnsKeepTheirTextAndOrder() {
    Map<String, String> columns = new java.util.LinkedHashMap<>();
    columns.put("Z", "line\nbreak, \"quoted\" \u2028 ü \uD83D\uDE00");
    columns.put("A", "");
    columns.put("M", "NaN");
    FinishedKey key = new FinishedKey("k", "DIVERGED", "", columns, null);
    write(run, clock, key);
    FinishedKey found = run.ledger().find("k").orElseThrow();
    assertEquals(key, found);
    assertEquals(List.of("Z", "A", "M"), List.copyOf(found.ledger().keySet()));
  }

  @Test
  void hugeModelsAndKeys() {
    String key = "é/".repeat(700_000);
    byte[] onnx = new byte[5_000_000];
    onnx[4_999_999] = 7;
    FinishedKey huge = new FinishedKey(key, "TRAINED", "f", Map.of("REASON", key), onnx);
    FinishedKey empty = new FinishedKey("", "TRAINED", "f", Map.of(), new byte[0]);
    write(run, clock, huge, empty, trained("x", "1"));
    RunLedger ledger = run.ledger();
    assertEquals(Optional.of(huge), ledger.reuse(key, "f"));
    assertEquals(Optional.of(empty), ledger.reuse("", "f"));
    assertEquals(Optional.of(trained("x", "1")), ledger.find("x"));
  }

  @Test
  void filesThatAreNoPartsAreLeftAlone() throws IOException {
    write(run, clock, trained("a", "1"));
    Path part = parts(run).get(0);
    Files.write(part.resolveSibling("." + part.getFileName() + ".4711.tmp"), new byte[100]);
    Files.copy(part, part.resolveSibling("copy of a part.zip"));
    Files.writeString(part.resolveSibling("README"), "by hand");
    RunProgress progress = run.ledger().progress();
    assertEquals(1, progress.parts());
    assertEquals(0, progress.unreadable());
  }

  @Test
  void aPartOfAnotherRunDoesNotCount() throws IOException {
    TrainingRun other = store.start("other", START, Map.of());
    write(other, clock, trained("a", "1"));
    Path part = parts(other).get(0);
    write(run, clock, trained("b", "1"));
    Files.copy(
        part,
        Path.of(run.partsFolder()).resolve(part.getFileName()),
        StandardCopyOption.REPLACE_EXISTING);
    RunLedger ledger = run.ledger();
    assertEquals(Optional.empty(), ledger.find("a"));
    assertEquals(1, ledger.progress().unreadable());
    assertTrue(ledger.find("b").isPresent());
  }
}
