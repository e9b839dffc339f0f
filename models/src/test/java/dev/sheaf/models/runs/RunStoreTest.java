package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunStoreTest {
  private final Path folder;
  private final RunStore store;

  RunStoreTest(@TempDir Path folder) {
    this.folder = folder;
    this.store = RunStore.at(folder.toString());
  }

  @Test
  void aStoreWithoutRunsHasNone() {
    assertEquals(List.of(), store.runs());
    assertEquals(Optional.empty(), store.find("nightly"));
  }

  @Test
  void keepsWhatIsSaidAtTheStart() {
    RunStart start = store.start("nightly", START, Map.of("trainer", "linear")).start();
    assertEquals(
        new RunStart("nightly", START, 1, START, new TreeMap<>(Map.of("trainer", "linear"))),
        start);
    assertEquals(start, store.find("nightly").orElseThrow().start());
    assertTrue(Files.exists(folder.resolve("runs/nightly/run.json")));
  }

  @Test
  void aReRunIsAnotherAttemptOfTheSameRun() {
    store.start("nightly", START, Map.of("trainer", "linear"));
    RunStart again =
        store.start("nightly", START.plusSeconds(60), Map.of("trainer", "xgboost")).start();
    assertEquals(2, again.attempt());
    assertEquals(START, again.startedAt());
    assertEquals(START.plusSeconds(60), again.attemptStartedAt());
    assertEquals(Map.of("trainer", "xgboost"), again.properties());
    assertEquals(List.of(again), store.runs());
  }

  @Test
  void listsRunsTheLatestLast() {
    store.start("b", START.plusSeconds(1), Map.of());
    store.start("a", START.plusSeconds(2), Map.of());
    store.start("c", START, Map.of());
    assertEquals(List.of("c", "b", "a"), store.runs().stream().map(RunStart::runId).toList());
    store.start("c", START.plusSeconds(3), Map.of());
    assertEquals(List.of("b", "a", "c"), store.runs().stream().map(RunStart::runId).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b",
        "..",
        ".",
        "nightly run 7%",
        "läuft*?[x]",
        "\uD83D\uDE00",
        "~empty",
        "a\nb"
      })
  void aRunMayHaveAnyName(String runId) {
    TrainingRun run = store.start(runId, START, Map.of());
    RunFixtures.write(run, new RunFixtures.SetClock(), trained("k", "1"));
    assertEquals(List.of(run.start()), store.runs());
    assertEquals(1, store.find(runId).orElseThrow().ledger().size());
    String longer = runId.repeat(500);
    assertEquals(longer, store.start(longer, START, Map.of()).start().runId());
    assertEquals(0, store.find(longer).orElseThrow().ledger().size());
  }

  @Test
  void aRunNeedsAName() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> store.start("", START, Map.of()));
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot use an empty text as a run's"));
    assertThrows(IllegalArgumentException.class, () -> store.find("\uD83D"));
  }

  @Test
  void oneDamagedRunDoesNotHideTheOthers() throws IOException {
    TrainingRun good = store.start("good", START, Map.of());
    store.start("bad", START, Map.of());
    Path file = folder.resolve("runs/bad/run.json");
    for (String json : List.of("", "{", "[]", "{\"format\": 2}", "{\"format\": 1, \"run\": 7}")) {
      Files.writeString(file, json, StandardCharsets.UTF_8);
      assertEquals(List.of(good.start()), store.runs());
      StoreException e = assertThrows(StoreException.class, () -> store.find("bad"));
      assertTrue(
          String.valueOf(e.getMessage()).startsWith("cannot read the start of a run from " + file),
          e.getMessage());
    }
  }

  @Test
  void anEndIsOfOneAttempt() {
    TrainingRun first = store.start("nightly", START, Map.of());
    assertEquals(Optional.empty(), first.end());
    first.finish(START.plusSeconds(9), Map.of("version", "v1"));
    RunEnd end = new RunEnd(1, START.plusSeconds(9), new TreeMap<>(Map.of("version", "v1")));
    assertEquals(Optional.of(end), first.end());
    TrainingRun second = store.start("nightly", START.plusSeconds(10), Map.of());
    assertEquals(Optional.empty(), second.end());
    second.finish(START.plusSeconds(11), Map.of());
    assertEquals(2, second.end().orElseThrow().attempt());
  }

  @Test
  void anAttemptTravels() throws Exception {
    TrainingRun run = store.start("nightly", START, Map.of("label", "SALES"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(run);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      TrainingRun arrived = (TrainingRun) in.readObject();
      assertEquals(run, arrived);
      RunFixtures.write(arrived, new RunFixtures.SetClock(), trained("k", "1"));
    }
    assertEquals(1, run.ledger().size());
  }

  @Test
  void theLedgerOfAnAttemptIsSharedInOneJvm() {
    TrainingRun first = store.start("nightly", START, Map.of());
    RunLedger shared = first.sharedLedger();
    assertSame(shared, store.find("nightly").orElseThrow().sharedLedger());
    RunFixtures.write(first, new RunFixtures.SetClock(), trained("k", "1"));
    assertEquals(0, first.sharedLedger().size());
    assertNotSame(shared, first.ledger());
    TrainingRun second = store.start("nightly", START.plusSeconds(1), Map.of());
    assertNotEquals(first, second);
    assertEquals(1, second.sharedLedger().size());
  }
}
