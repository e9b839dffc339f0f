package dev.sheaf.pipelines.report;

import dev.sheaf.models.runs.RunEnd;
import dev.sheaf.models.runs.RunStart;
import dev.sheaf.models.runs.RunStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table of runs that a person reads: one line per run, the latest last. */
public final class RunTable {
  private RunTable() {}

  /**
   * Lays out the runs of a store.
   *
   * @throws dev.sheaf.models.store.StoreException if they cannot be read
   */
  public static String of(RunStore store, Instant now) {
    List<RunStart> runs = store.runs();
    if (runs.isEmpty()) {
      return String.format(Locale.ROOT, "%s has no runs%n", store);
    }
    int width =
        runs.stream().mapToInt(run -> RunText.oneLine(run.runId()).length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    line(text, width, "run", "attempt", "started", "age", "state", "");
    for (RunStart run : runs) {
      Optional<RunEnd> end = store.find(run.runId()).flatMap(found -> found.end());
      String state =
          end.map(
                  ended ->
                      "ended after " + RunText.time(run.attemptStartedAt(), ended.finishedAt()))
              .orElse("not ended");
      line(
          text,
          width,
          RunText.oneLine(run.runId()),
          Integer.toString(run.attempt()),
          run.attemptStartedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
          RunText.time(run.attemptStartedAt(), now),
          state,
          RunText.properties(run.properties()));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, int width, String run, String... cells) {
    String line =
        String.format(Locale.ROOT, "%-" + Math.max(width, 3) + "s", run)
            + String.format(Locale.ROOT, "  %7s  %-20s  %10s  %-22s  %s", (Object[]) cells);
    text.append(line.stripTrailing()).append(System.lineSeparator());
  }
}
