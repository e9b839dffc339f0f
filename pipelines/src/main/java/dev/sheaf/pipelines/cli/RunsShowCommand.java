package dev.sheaf.pipelines.cli;

import dev.sheaf.models.runs.FinishedKey;
import dev.sheaf.models.runs.RunLedger;
import dev.sheaf.models.runs.RunProgress;
import dev.sheaf.models.runs.RunStart;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.pipelines.OptionException;
import dev.sheaf.pipelines.report.RunText;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf runs show}: how far a run is, or what it has of each key. */
@Command(
    name = "show",
    description = "Shows how far a training run is, while it works or after it.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class RunsShowCommand extends StoreCommand {
  static final int LAST_FAILURES = 5;
  private static final int RUNS_NAMED = 10;

  private final Clock clock;
  private final Pause pause;

  @Parameters(paramLabel = "RUN_ID", description = "The run's name; sheaf runs list has them all.")
  private String runId = "";

  @Option(names = "--failed", description = "Show every failed key, not the last five alone.")
  private boolean failed;

  @Option(
      names = "--keys",
      description =
          "Print one JSON line per key, with its ledger's columns, and nothing else; with --failed,"
              + " of the failed keys alone.")
  private boolean keys;

  @Option(
      names = "--watch",
      description = "Print a line whenever there is something new, until the run has ended.")
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "How often --watch looks (${DEFAULT-VALUE}).")
  private int everySeconds;

  @Option(
      names = "--patience",
      paramLabel = "MINUTES",
      defaultValue = "60",
      description =
          "After how long without anything new --watch gives up, with exit code 1"
              + " (${DEFAULT-VALUE}).")
  private int patienceMinutes;

  RunsShowCommand(Clock clock, Pause pause) {
    this.clock = clock;
    this.pause = pause;
  }

  @Override
  int run(String modelStore, PrintWriter out) throws InterruptedException {
    RunStore store = RunStore.at(modelStore);
    atLeastOne("--every", everySeconds);
    atLeastOne("--patience", patienceMinutes);
    RunLedger ledger = store.find(runId).orElseThrow(() -> unknown(store)).ledger();
    int exitCode = watch ? watch(ledger, out) : 0;
    if (keys) {
      printKeys(ledger, out);
    } else {
      List<FinishedKey> failures = ledger.failures(failed ? Integer.MAX_VALUE : LAST_FAILURES);
      out.print(RunText.of(ledger.progress(), failures, clock.instant()));
    }
    return exitCode;
  }

  private int watch(RunLedger ledger, PrintWriter out) throws InterruptedException {
    Instant newsAt = clock.instant();
    RunProgress shown = ledger.progress();
    out.print(RunText.line(shown, newsAt));
    out.flush();
    while (shown.end() == null) {
      pause.pause(Duration.ofSeconds(everySeconds));
      RunProgress now = ledger.refresh().progress();
      if (!now.equals(shown)) {
        newsAt = clock.instant();
        out.print(RunText.line(now, newsAt));
        out.flush();
      } else if (newsAt.plus(Duration.ofMinutes(patienceMinutes)).isBefore(clock.instant())) {
        out.println("nothing new for " + patienceMinutes + " min: no longer watching");
        return Failure.FAILED;
      }
      shown = now;
    }
    return 0;
  }

  private void printKeys(RunLedger ledger, PrintWriter out) {
    if (failed) {
      List<FinishedKey> oldestFirst = new ArrayList<>(ledger.failures(Integer.MAX_VALUE));
      Collections.reverse(oldestFirst);
      oldestFirst.forEach(key -> out.print(RunText.json(key)));
    } else {
      ledger.forEach(key -> out.print(RunText.json(key)));
    }
  }

  private OptionException unknown(RunStore store) {
    List<RunStart> runs = new ArrayList<>(store.runs());
    Collections.reverse(runs);
    String named =
        runs.stream().limit(RUNS_NAMED).map(RunStart::runId).collect(Collectors.joining(", "));
    int left = runs.size() - RUNS_NAMED;
    return new OptionException(
        "there is no run \""
            + runId
            + "\" in "
            + store
            + "; "
            + (runs.isEmpty() ? "it has no runs" : "the runs are, the latest first: " + named)
            + (left > 0 ? " and " + left + " more" : ""));
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new OptionException(option + ": must be 1 or more, not " + value);
    }
  }
}
