package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.FinishedKey;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.runs.RunWriter;
import dev.sheaf.models.runs.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RunsCommandTest {
  private static final Instant START = Instant.parse("2026-11-21T03:04:05.006Z");

  private final String location;
  private final RunStore store;
  private final SetClock clock = new SetClock();
  private final List<Runnable> whileWaiting = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  RunsCommandTest(@TempDir Path folder) {
    this.location = folder.toString();
    this.store = RunStore.at(location);
  }

  @Test
  void listsRuns() {
    store.start("nightly", START, Map.of("trainer", "linear", "label", "SALES"));
    TrainingRun short_ = store.start("a", START.plusSeconds(100), Map.of());
    short_.finish(START.plusSeconds(175), Map.of());
    clock.advance(Duration.ofHours(2));
    assertEquals(0, runs("list"));
    assertEquals(
        """
        run      attempt  started                      age  state
        nightly        1  2026-11-21T03:04:05Z   2 h 0 min  not ended               label=SALES trainer=linear
        a              1  2026-11-21T03:05:45Z  1 h 58 min  ended after 1 min 15 s
        """,
        text(out));
  }

  @Test
  void aStoreMayHaveNoRuns() {
    assertEquals(0, runs("list"));
    assertEquals(location + " has no runs\n", text(out));
  }

  @Test
  void showsARunThatHasJustStarted() {
    store.start("nightly", START, Map.of());
    clock.advance(Duration.ofSeconds(3));
    assertEquals(0, runs("show", "nightly"));
    assertEquals(
        """
        Run           nightly, attempt 1
        Started       2026-11-21T03:04:05Z, 3 s ago
        State         not ended, no key finished yet
        Keys          0
        Rows          0
        Speed         no models yet, 0.0 s of training
        """,
        text(out));
  }

  @Test
  void showsARunWhileItWorks() {
    TrainingRun run = store.start("nightly", START, Map.of("trainer", "linear"));
    clock.advance(Duration.ofSeconds(10));
    write(run, trained("a", 1234, 4), failed("b", "no memory"), few("c"));
    clock.advance(Duration.ofSeconds(4));
    write(run, trained("d", 1000, 2));
    clock.advance(Duration.ofMinutes(3));
    assertEquals(0, runs("show", "nightly"));
    assertEquals(
        """
        Run           nightly, attempt 1
        Started       2026-11-21T03:04:05Z, 3 min 14 s ago
        State         not ended, last key finished 3 min 0 s ago
        trainer       linear
        Keys          4: 1 FAILED, 1 TOO_FEW_ROWS, 2 TRAINED
        Rows          2,244
        Speed         0.25 models/s, 6.5 s of training
        Failed keys, the latest first:
          b: no memory
        """,
        text(out));
  }

  @Test
  void showsAReRunThatEnded() {
    TrainingRun first = store.start("nightly", START, Map.of());
    write(first, trained("a", 10, 1), failed("b", "no memory"));
    clock.advance(Duration.ofHours(26));
    TrainingRun again = store.start("nightly", clock.instant(), Map.of());
    try (RunWriter writer = again.writer(clock)) {
      writer.skip("a");
      clock.advance(Duration.ofSeconds(5));
      writer.add(trained("b", 20, 4));
    }
    again.finish(clock.instant(), Map.of("version", "20261122T050405.006Z"));
    assertEquals(0, runs("show", "nightly"));
    assertEquals(
        """
        Run           nightly, attempt 2
        Started       2026-11-22T05:04:05Z, 5 s ago
        First         2026-11-21T03:04:05Z, 1 d 2 h ago
        State         ended after 5 s
        version       20261122T050405.006Z
        Keys          2: 2 TRAINED
        This attempt  1 finished, 1 skipped
        Rows          30
        Speed         0.25 models/s, 5.0 s of training
        """,
        text(out));
  }

  @Test
  void showsTheLastFailuresOrAll() {
    TrainingRun run = store.start("nightly", START, Map.of());
    for (int i = 0; i < 7; i++) {
      clock.advance(Duration.ofSeconds(1));
      write(run, failed("k\n" + i, "first line\nof " + i));
    }
    assertEquals(0, runs("show", "nightly"));
    assertTrue(
        text(out)
            .contains(
                """
                The last 5 of 7 failed keys (--failed shows all):
                  k 6: first line of 6
                  k 5: first line of 5
                """),
        text(out));
    out.getBuffer().setLength(0);
    assertEquals(0, runs("show", "nightly", "--failed"));
    assertTrue(text(out).contains("Failed keys, the latest first:\n  k 6: "), text(out));
    assertTrue(text(out).endsWith("  k 0: first line of 0\n"), text(out));
  }

  @Test
  void printsLedgerLines() {
    TrainingRun run = store.start("nightly", START, Map.of());
    write(run, trained("a\n\"", 10, 1), failed("b", "no memory"));
    assertEquals(0, runs("show", "nightly", "--keys"));
    String b =
        "{\"MODEL_KEY\":\"b\",\"STATUS\":\"FAILED\",\"FINGERPRINT\":\"f\","
            + "\"REASON\":\"no memory\",\"SECONDS\":\"0.5\"}\n";
    assertEquals(
        "{\"MODEL_KEY\":\"a\\n\\\"\",\"STATUS\":\"TRAINED\",\"FINGERPRINT\":\"f\","
            + "\"ROW_COUNT\":\"10\",\"SECONDS\":\"1\"}\n"
            + b,
        text(out));
    out.getBuffer().setLength(0);
    assertEquals(0, runs("show", "nightly", "--keys", "--failed"));
    assertEquals(b, text(out));
  }

  @Test
  void watchesUntilTheEnd() {
    TrainingRun run = store.start("nightly", START, Map.of());
    whileWaiting.add(() -> write(run, trained("a", 10, 2)));
    whileWaiting.add(() -> {});
    whileWaiting.add(() -> write(run, failed("b", "no memory")));
    whileWaiting.add(() -> run.finish(clock.instant(), Map.of()));
    assertEquals(0, runs("show", "nightly", "--watch", "--every=7"));
    assertTrue(
        text(out)
            .startsWith(
                """
                2026-11-21T03:04:05Z  0 keys, no models yet, 0.0 s of training
                2026-11-21T03:04:12Z  1 keys: 1 TRAINED, 0.50 models/s, 2.0 s of training
                2026-11-21T03:04:26Z  2 keys: 1 FAILED, 1 TRAINED, 0.06 models/s, 2.5 s of training
                2026-11-21T03:04:33Z  2 keys: 1 FAILED, 1 TRAINED, 0.06 models/s, 2.5 s of training, ended
                Run           nightly, attempt 1
                """),
        text(out));
  }

  @Test
  void watchingHasALimit() {
    store.start("nightly", START, Map.of());
    assertEquals(1, runs("show", "nightly", "--watch", "--patience=1"));
    assertTrue(text(out).contains("\nnothing new for 1 min: no longer watching\n"), text(out));
  }

  @Test
  void saysWhichPartsCannotBeRead() throws IOException {
    TrainingRun run = store.start("nightly", START, Map.of());
    write(run, trained("a", 10, 1));
    clock.advance(Duration.ofSeconds(1));
    write(run, trained("b", 10, 1));
    try (Stream<Path> parts = Files.list(Path.of(location, "runs", "nightly", "parts"))) {
      Files.write(parts.sorted().findFirst().orElseThrow(), new byte[10]);
    }
    assertEquals(0, runs("show", "nightly"));
    assertTrue(text(out).contains("Keys          1: 1 TRAINED\n"), text(out));
    assertTrue(
        text(out).contains("Unreadable    1 of 2 parts: their keys count as not finished\n"),
        text(out));
  }

  @Test
  void anUnknownRunIsAWrongOptionThatNamesTheRuns() {
    assertEquals(2, runs("show", "x"));
    assertEquals(
        "sheaf runs show: there is no run \"x\" in " + location + "; it has no runs\n", text(err));
    err.getBuffer().setLength(0);
    for (int i = 0; i < 12; i++) {
      store.start("r" + i, START.plusSeconds(i), Map.of());
    }
    assertEquals(2, runs("show", "x"));
    assertEquals(
        "sheaf runs show: there is no run \"x\" in "
            + location
            + "; the runs are, the latest first: r11, r10, r9, r8, r7, r6, r5, r4, r3, r2 and 2"
            + " more\n",
        text(err));
    assertEquals("", text(out));
  }

  @Test
  void wrongArgumentsAreTwo() {
    store.start("nightly", START, Map.of());
    for (String[] wrong :
        new String[][] {
          {"show", "--model-store", location},
          {"show", "nightly"},
          {"show", "nightly", "--model-store", location, "--nothing=1"},
          {"show", "nightly", "other", "--model-store", location},
          {"show", "nightly", "--model-store", location, "--watch", "--every=0"},
          {"show", "nightly", "--model-store", ""},
          {"list"},
          {},
        }) {
      err.getBuffer().setLength(0);
      assertEquals(2, execute(wrong), String.join(" ", wrong));
      assertTrue(text(err).matches("sheaf runs[^\n]*\n"), text(err));
    }
  }

  @Test
  void aStoreThatCannotBeReadIsOne() throws IOException {
    Files.writeString(Path.of(location, "runs"), "no folder", StandardCharsets.UTF_8);
    assertEquals(1, runs("list"));
    assertEquals(
        "sheaf runs list: cannot list the runs in "
            + location
            + "/runs: "
            + location
            + "/runs is not a folder\n",
        text(err));
  }

  private int runs(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--model-store", location));
    return execute(all.toArray(String[]::new));
  }

  private int execute(String... args) {
    CommandLine sheaf = Sheaf.commandLine(clock, this::wait);
    sheaf.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of("runs"));
    all.addAll(List.of(args));
    return sheaf.execute(all.toArray(String[]::new));
  }

  private void wait(Duration time) {
    clock.advance(time);
    if (!whileWaiting.isEmpty()) {
      whileWaiting.remove(0).run();
    }
  }

  private static String text(StringWriter writer) {
    return writer.toString().replace("\r\n", "\n");
  }

  private void write(TrainingRun run, FinishedKey... keys) {
    try (RunWriter writer = run.writer(clock)) {
      for (FinishedKey key : keys) {
        writer.add(key);
      }
    }
  }

  private static FinishedKey trained(String key, long rows, int seconds) {
    Map<String, String> ledger = new LinkedHashMap<>();
    ledger.put("ROW_COUNT", Long.toString(rows));
    ledger.put("SECONDS", Integer.toString(seconds));
    return new FinishedKey(key, "TRAINED", "f", ledger, new byte[] {1, 2, 3});
  }

  private static FinishedKey failed(String key, String reason) {
    Map<String, String> ledger = new LinkedHashMap<>();
    ledger.put("REASON", reason);
    ledger.put("SECONDS", "0.5");
    return new FinishedKey(key, "FAILED", "f", ledger, null);
  }

  private static FinishedKey few(String key) {
    return new FinishedKey(key, "TOO_FEW_ROWS", "f", Map.of("ROW_COUNT", "10"), null);
  }

  /** Shows the time it was set to. */
  private static final class SetClock extends Clock {
    private Instant now = START;

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
