package dev.sheaf.models.runs;

import static dev.sheaf.models.runs.RunFixtures.START;
import static dev.sheaf.models.runs.RunFixtures.trained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many writers at once, readers beside them, and any key. */
class ManyKeysTest {
  private static final Duration AT_ONCE = Duration.ZERO;

  @Test
  void writersAtOnceWithReadersBesideThem(@TempDir Path folder) throws Exception {
    RunStore store = RunStore.at(folder.toString());
    TrainingRun run = store.start("busy", START, Map.of());
    int writers = 6;
    int keys = 200;
    ExecutorService pool = Executors.newFixedThreadPool(writers + 1);
    try {
      List<Future<?>> writing = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int number = w;
        writing.add(
            pool.submit(
                () -> {
                  FlushRule often = new FlushRule(AT_ONCE, 0, Duration.ofDays(1), 7, 1 << 20);
                  try (RunWriter writer = new RunWriter(run, Clock.systemUTC(), often)) {
                    for (int i = 0; i < keys; i++) {
                      writer.add(trained("key " + number + " " + i, "model " + i));
                    }
                  }
                }));
      }
      Future<Integer> reading =
          pool.submit(
              () -> {
                RunLedger ledger = store.find("busy").orElseThrow().ledger();
                int rounds = 0;
                for (int seen = 0; seen < writers * keys; rounds++) {
                  int now = ledger.refresh().size();
                  assertTrue(now >= seen, now + " after " + seen);
                  assertEquals(0, ledger.progress().unreadable());
                  seen = now;
                }
                return rounds;
              });
      for (Future<?> each : writing) {
        each.get();
      }
      reading.get();
    } finally {
      pool.shutdownNow();
    }
    RunLedger ledger = run.ledger();
    for (int w = 0; w < writers; w++) {
      for (int i = 0; i < keys; i += 37) {
        FinishedKey key = trained("key " + w + " " + i, "model " + i);
        assertEquals(Optional.of(key), ledger.reuse(key.key(), key.fingerprint()));
      }
    }
  }

  @Test
  void oneWriterForManyThreads(@TempDir Path folder) throws Exception {
    TrainingRun run = RunStore.at(folder.toString()).start("busy", START, Map.of());
    ExecutorService pool = Executors.newFixedThreadPool(4);
    FlushRule often = new FlushRule(Duration.ofDays(1), 0, Duration.ofDays(1), 10, 1 << 20);
    try (RunWriter writer = new RunWriter(run, Clock.systemUTC(), often)) {
      List<Future<?>> writing = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int number = t;
        writing.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    writer.add(trained(number + "/" + i, "m"));
                    writer.skip("skipped " + number + "/" + i);
                  }
                }));
      }
      for (Future<?> each : writing) {
        each.get();
      }
    } finally {
      pool.shutdownNow();
    }
    RunProgress progress = run.ledger().progress();
    assertEquals(400, progress.finished());
    assertEquals(400, progress.skipped());
  }

  @Test
  void aHundredThousandKeys(@TempDir Path folder) throws IOException {
    TrainingRun run = RunStore.at(folder.toString()).start("large", START, Map.of());
    Map<String, String> columns =
        Map.of(
            FinishedKey.ROWS,
            "1000",
            FinishedKey.SECONDS,
            "0.001",
            FinishedKey.REASON,
            "",
            "RMSE",
            "12.345678901234",
            "MAE",
            "9.87654321",
            "TRAINER",
            "linear",
            "MODEL_DIGEST",
            "0".repeat(64));
    long begin = System.nanoTime();
    try (RunWriter writer = new RunWriter(run, Clock.systemUTC(), FlushRule.USUAL)) {
      for (int i = 0; i < 100_000; i++) {
        byte[] onnx = ("model " + i).getBytes(StandardCharsets.UTF_8);
        String fingerprint = String.format("%064x", i);
        writer.add(new FinishedKey("key " + i, "TRAINED", fingerprint, columns, onnx));
      }
    }
    long written = System.nanoTime();
    RunLedger ledger = run.ledger();
    long indexed = System.nanoTime();
    assertEquals(100_000, ledger.size());
    for (int i = 0; i < 100_000; i += 100) {
      assertTrue(ledger.reuse("key " + i, String.format("%064x", i)).isPresent());
    }
    long reused = System.nanoTime();
    RunProgress progress = ledger.progress();
    assertEquals(100_000_000, progress.rows());
    int[] lines = {0};
    ledger.forEach(key -> lines[0]++);
    assertEquals(100_000, lines[0]);
    System.out.printf(
        "100,000 keys in %d parts of %,d bytes: write %d ms, index %d ms, %.1f us a key used again,"
            + " all ledger lines %d ms%n",
        progress.parts(),
        RunFixtures.parts(run).stream().mapToLong(part -> part.toFile().length()).sum(),
        (written - begin) / 1_000_000,
        (indexed - written) / 1_000_000,
        (reused - indexed) / 1e6,
        (System.nanoTime() - reused) / 1_000_000);
  }

  @Property(tries = 200)
  void anyKeyComesBack(@ForAll String any, @ForAll String reason) throws IOException {
    String key = new String(any.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String said = new String(reason.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    Path folder = Files.createTempDirectory("any-key");
    TrainingRun run = RunStore.at(folder.toString()).start("any", START, Map.of());
    FinishedKey finished =
        new FinishedKey(
            key, "TRAINED", "f", Map.of("REASON", said), said.getBytes(StandardCharsets.UTF_8));
    RunFixtures.write(run, Clock.systemUTC(), finished, trained(key + "x", "1"));
    assertEquals(Optional.of(finished), run.ledger().reuse(key, "f"));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
