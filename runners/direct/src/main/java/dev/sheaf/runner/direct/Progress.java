package dev.sheaf.runner.direct;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Tells a person on standard error how far the work is, and keeps the seconds of each stage. */
final class Progress {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);

  private final PrintWriter err;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final long started = System.nanoTime();
  private String stage = "";
  private long stageStarted = started;
  private long lastLine;
  private String lastText = "";

  Progress(PrintWriter err) {
    this.err = err;
  }

  void begin(String name, String text) {
    stage = name;
    stageStarted = System.nanoTime();
    line(text);
  }

  /** Shows {@code text} unless a line was shown a moment ago or it says the same. */
  void update(String text) {
    boolean soon = System.nanoTime() - lastLine < BETWEEN_LINES.toNanos();
    if (!soon && !text.equals(lastText)) {
      line(text);
    }
  }

  void end(String text) {
    double took = since(stageStarted);
    seconds.merge(stage, took, Double::sum);
    line(String.format(Locale.ROOT, "%s in %.1f s", text, took));
  }

  /** Seconds by stage, and the total since the start. */
  Map<String, Double> seconds() {
    Map<String, Double> all = new LinkedHashMap<>();
    seconds.forEach((name, took) -> all.put(name, Math.round(took * 1000) / 1000.0));
    all.put("total", Math.round(since(started) * 1000) / 1000.0);
    return all;
  }

  /** Shows {@code text}. */
  void line(String text) {
    lastLine = System.nanoTime();
    lastText = text;
    err.printf(Locale.ROOT, "%6.1f s  %-6s %s%n", since(started), stage, text);
    err.flush();
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
