package dev.sheaf.pipelines.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.models.runs.FinishedKey;
import dev.sheaf.models.runs.RunEnd;
import dev.sheaf.models.runs.RunProgress;
import dev.sheaf.models.runs.RunStart;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** How far a run is, for a person: a whole page, or one line of a watch; and a key as JSON. */
public final class RunText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_REASON = 300;

  private RunText() {}

  /**
   * The page: what the run does, how far it is, its failures.
   *
   * @param failures as many as are to be named, the latest first
   */
  public static String of(RunProgress run, List<FinishedKey> failures, Instant now) {
    RunStart start = run.start();
    StringBuilder text = new StringBuilder();
    line(text, "Run", oneLine(start.runId()) + ", attempt " + start.attempt());
    line(text, "Started", moment(start.attemptStartedAt(), now));
    if (start.attempt() > 1) {
      line(text, "First", moment(start.startedAt(), now));
    }
    line(text, "State", state(run, now));
    start.properties().forEach((name, value) -> line(text, name, oneLine(value)));
    RunEnd end = run.end();
    if (end != null) {
      end.properties().forEach((name, value) -> line(text, name, oneLine(value)));
    }
    line(text, "Keys", count(run.keys()) + statuses(run));
    if (start.attempt() > 1) {
      line(
          text,
          "This attempt",
          count(run.finished()) + " finished, " + count(run.skipped()) + " skipped");
    }
    line(text, "Rows", count(run.rows()));
    line(text, "Speed", speed(run));
    if (run.unreadable() > 0) {
      line(
          text,
          "Unreadable",
          count(run.unreadable())
              + " of "
              + count(run.parts() + run.unreadable())
              + " parts: their keys count as not finished");
    }
    failures(text, run, failures);
    return text.toString();
  }

  /** One line of a watch. */
  public static String line(RunProgress run, Instant now) {
    String skipped = run.skipped() == 0 ? "" : ", " + count(run.skipped()) + " skipped";
    String end = run.end() == null ? "" : ", ended";
    return String.format(
        Locale.ROOT,
        "%s  %s keys%s%s, %s%s%n",
        now.truncatedTo(ChronoUnit.SECONDS),
        count(run.keys()),
        statuses(run),
        skipped,
        speed(run),
        end);
  }

  /** A key's ledger row as one line of JSON, its names being those of the ledger table. */
  public static String json(FinishedKey key) {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("MODEL_KEY", key.key());
    columns.put("STATUS", key.status());
    columns.put("FINGERPRINT", key.fingerprint());
    columns.putAll(key.ledger());
    try {
      return JSON.writeValueAsString(columns) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts can always be written", e);
    }
  }

  static String time(Instant from, Instant to) {
    long seconds = Math.max(0, Duration.between(from, to).toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    return seconds < 86_400
        ? seconds / 3600 + " h " + seconds % 3600 / 60 + " min"
        : seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
  }

  static String properties(Map<String, String> properties) {
    return properties.entrySet().stream()
        .map(property -> property.getKey() + "=" + oneLine(property.getValue()))
        .collect(Collectors.joining(" "));
  }

  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }

  private static String moment(Instant time, Instant now) {
    return time.truncatedTo(ChronoUnit.SECONDS) + ", " + time(time, now) + " ago";
  }

  private static String state(RunProgress run, Instant now) {
    RunEnd end = run.end();
    if (end != null) {
      return "ended after " + time(run.start().attemptStartedAt(), end.finishedAt());
    }
    Instant last = run.lastFinished();
    return last == null
        ? "not ended, no key finished yet"
        : "not ended, last key finished " + time(last, now) + " ago";
  }

  private static String statuses(RunProgress run) {
    if (run.statuses().isEmpty()) {
      return "";
    }
    return run.statuses().entrySet().stream()
        .map(status -> count(status.getValue()) + " " + status.getKey())
        .collect(Collectors.joining(", ", ": ", ""));
  }

  private static String speed(RunProgress run) {
    OptionalDouble perSecond = run.modelsPerSecond();
    String rate = "no models yet";
    if (perSecond.isPresent()) {
      double models = perSecond.getAsDouble();
      rate = String.format(Locale.ROOT, models < 10 ? "%.2f models/s" : "%,.1f models/s", models);
    }
    return rate + String.format(Locale.ROOT, ", %,.1f s of training", run.seconds());
  }

  private static void failures(StringBuilder text, RunProgress run, List<FinishedKey> failures) {
    if (failures.isEmpty()) {
      return;
    }
    long all = run.statuses().getOrDefault(FinishedKey.FAILED, 0L);
    text.append(
        all <= failures.size()
            ? String.format(Locale.ROOT, "Failed keys, the latest first:%n")
            : String.format(
                Locale.ROOT,
                "The last %d of %s failed keys (--failed shows all):%n",
                failures.size(),
                count(all)));
    for (FinishedKey key : failures) {
      String reason = oneLine(key.reason());
      text.append("  ")
          .append(oneLine(key.key()))
          .append(": ")
          .append(
              reason.length() <= LONGEST_REASON
                  ? reason
                  : reason.substring(0, LONGEST_REASON) + "…")
          .append(System.lineSeparator());
    }
  }

  private static String count(Number number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-13s %s", name, value).stripTrailing())
        .append(System.lineSeparator());
  }
}
