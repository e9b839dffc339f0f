package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.failed;
import static dev.sheaf.models.runs.RunFixtures.parts;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.RunFixtures.SetClock;
import dev.sheaf.models.runs.RunFixtures.WatchedFiles;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunWriterTest {
  private final Path folder;
  private final SetClock clock = new SetClock();
  private final TrainingRun run;

  RunWriterTest(@TempDir Path folder) {
    this.folder = folder;
    this.run = RunStore.at(folder.toString()).start("nightly", START, Map.of());
  }

  @ParameterizedTest
  @CsvSource({
    // held s, worked s, keys, bytes, due
    "1, 1, 1, 1, false",
    "2, 2, 1, 1, true",
    "4, 100, 1, 1, false",
    "5, 100, 1, 1, true",
    "59, 9999, 1, 1, false",
    "60, 9999, 1, 1, true",
    "0, 0, 19999, 1, false",
    "0, 0, 20000, 1, true",
    "0, 0, 1, 33554431, false",
    "0, 0, 1, 33554432, true",
  })
  void aPartIsDueByAgeKeysOrBytes(long held, long worked, int keys, long bytes, boolean due) {
    assertEquals(
        due,
        FlushRule.USUAL.isDue(Duration.ofSeconds(held), Duration.ofSeconds(worked), keys, bytes));
  }

  @Test
  void holdsKeysUntilTheyAreDue() throws IOException {
    RunWriter writer = new RunWriter(run, clock, FlushRule.USUAL);
    writer.add(trained("a", "1"));
    clock.advance(Duration.ofMillis(1999));
    writer.add(trained("b", "1"));
    assertEquals(0, parts(run).size());
    clock.advance(Duration.ofMillis(1));
    writer.skip("c");
    assertEquals(1, parts(run).size());
    assertEquals(2, run.ledger().size());
    assertEquals(1, run.ledger().progress().skipped());
  }

  @Test
  void largeModelsAreNotHeld() throws IOException {
    RunWriter writer = new RunWriter(run, clock, FlushRule.USUAL);
    for (String key : List.of("a", "b", "c")) {
      writer.add(new FinishedKey(key, "TRAINED", "f", Map.of(), new byte[17 << 20]));
    }
    assertEquals(1, parts(run).size());
    writer.close();
    assertEquals(2, parts(run).size());
    assertEquals(3, run.ledger().progress().models());
  }

  @Test
  void closingWritesWhatIsHeldAndEndsTheWriter() {
    RunWriter writer = run.writer(clock);
    writer.add(trained("a", "1"));
    writer.close();
    assertEquals(trained("a", "1"), run.ledger().find("a").orElseThrow());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> writer.add(trained("b", "1")));
    assertEquals(
        "cannot add to run nightly (attempt 1) in " + folder + ": its writer is closed",
        e.getMessage());
    writer.close();
  }

  @Test
  void nothingHeldIsNoPart() throws IOException {
    RunWriter writer = run.writer(clock);
    writer.flush();
    writer.flushIfDue();
    writer.close();
    assertEquals(0, parts(run).size());
  }

  @Test
  void aKeyAddedAgainReplacesTheFirst() {
    RunFixtures.write(run, clock, trained("a", "1"), failed("b", "1", "x"), trained("a", "2"));
    assertEquals(trained("a", "2"), run.ledger().find("a").orElseThrow());
    assertEquals(2, run.ledger().progress().finished());
  }

  @Test
  void aPartIsAnOrdinaryZip() throws IOException {
    RunFixtures.write(run, clock, trained("a/b", "one"), failed("c", "1", "why"));
    Path part = parts(run).get(0);
    assertTrue(
        part.getFileName()
            .toString()
            .matches("000001-20261121T030405.006Z-[0-9a-f]{12}-000001.zip"),
        part.toString());
    try (ZipFile zip = new ZipFile(part.toFile())) {
      assertEquals(
          List.of("ledger.jsonl", "a%2Fb.onnx"), zip.stream().map(ZipEntry::getName).toList());
      try (InputStream model = zip.getInputStream(zip.getEntry("a%2Fb.onnx"))) {
        assertArrayEquals("one".getBytes(StandardCharsets.UTF_8), model.readAllBytes());
      }
      try (InputStream ledger = zip.getInputStream(zip.getEntry("ledger.jsonl"))) {
        List<String> lines =
            new String(ledger.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(3, lines.size());
        assertEquals(
            "{\"format\":1,\"run\":\"nightly\",\"attempt\":1,\"lines\":2,\"modelBytes\":43}",
            lines.get(0));
        assertTrue(
            lines.get(1).startsWith("{\"key\":\"a/b\",\"at\":\"2026-11-21T03:04:05.006Z\""),
            lines.get(1));
      }
    }
  }

  @Test
  void whatCouldNotBeWrittenStaysHeld() {
    boolean[] broken = {true};
    RunStore store =
        RunStore.over(
            folder.toString(),
            new WatchedFiles() {
              @Override
              void writing(String file) throws IOException {
                if (broken[0] && file.endsWith(".zip")) {
                  throw new IOException("no space");
                }
              }
            });
    RunWriter writer = RunFixtures.manual(store.find("nightly").orElseThrow(), clock);
    writer.add(trained("a", "1"));
    writer.add(trained("b", "1"));
    StoreException e = assertThrows(StoreException.class, writer::flush);
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("cannot write what was finished to " + folder),
        e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).endsWith(": no space"), e.getMessage());
    writer.add(trained("a", "2"));
    writer.skip("c");
    assertEquals(0, run.ledger().size());
    broken[0] = false;
    writer.close();
    assertEquals(trained("a", "2"), run.ledger().find("a").orElseThrow());
    assertEquals(trained("b", "1"), run.ledger().find("b").orElseThrow());
    assertEquals(1, run.ledger().progress().skipped());
  }

  @Test
  void aCancelledThreadWritesAllTheSame() {
    RunWriter writer = RunFixtures.manual(run, clock);
    writer.add(trained("a", "1"));
    Thread.currentThread().interrupt();
    try {
      writer.close();
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(1, run.ledger().size());
  }

  @Test
  void aThreadInterruptedWhileItWritesWritesAgain() {
    boolean[] first = {true};
    RunStore store =
        RunStore.over(
            folder.toString(),
            new WatchedFiles() {
              @Override
              void writing(String file) {
                if (first[0]) {
                  first[0] = false;
                  Thread.currentThread().interrupt();
                }
              }
            });
    RunWriter writer = RunFixtures.manual(store.find("nightly").orElseThrow(), clock);
    writer.add(trained("a", "1"));
    try {
      writer.flush();
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(1, run.ledger().size());
  }

  @Test
  void writesByItselfWhenNothingIsAdded() throws InterruptedException {
    CountDownLatch written = new CountDownLatch(1);
    RunStore store =
        RunStore.over(
            folder.toString(),
            new WatchedFiles() {
              @Override
              void written(String file) {
                written.countDown();
              }
            });
    TrainingRun watched = store.find("nightly").orElseThrow();
    RunWriter writer = new RunWriter(watched, clock, FlushRule.USUAL);
    writer.startTicking(Duration.ofMillis(5));
    writer.add(trained("a", "1"));
    clock.advance(Duration.ofSeconds(2));
    assertTrue(written.await(30, TimeUnit.SECONDS));
    assertEquals(1, run.ledger().size());
    writer.close();
  }
}
