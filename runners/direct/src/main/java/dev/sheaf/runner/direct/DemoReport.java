package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.report.KeyTable;
import dev.sheaf.pipelines.report.RunSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the demo prints at its end. */
final class DemoReport {
  private static final int KEYS_SHOWN = 20;

  private DemoReport() {}

  static String of(Demo.Outcome outcome, Demo.Request request) {
    RunSummary run = outcome.summary();
    StringBuilder text = new StringBuilder();
    line(text, "");
    line(
        text,
        "%,d rows of %s, %,d keys: %,d trained, %,d not; %,d rows scored; %,d bad records; %.1f s",
        run.rows(),
        outcome.table(),
        run.keys(),
        run.trained(),
        run.failed(),
        run.scored(),
        run.badRecords(),
        run.seconds().getOrDefault("total", 0.0));
    line(text, "");
    text.append(KeyTable.of(run, request.key().toUpperCase(Locale.ROOT), KEYS_SHOWN));
    line(text, "");
    text.append(outcome.scoring());
    line(text, "");
    line(text, "Some predictions:");
    predictions(text, outcome.predictions());
    line(text, "");
    places(text, outcome, request.out());
    return text.toString();
  }

  private static void predictions(StringBuilder text, List<List<String>> lines) {
    for (List<String> cells : lines) {
      StringBuilder row = new StringBuilder(" ");
      for (int i = 0; i < cells.size(); i++) {
        int width = width(lines, i);
        row.append(String.format(Locale.ROOT, " %" + width + "s", cells.get(i)));
      }
      line(text, "%s", row);
    }
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream()
        .mapToInt(cells -> Math.max(1, cells.get(column).length()))
        .max()
        .orElse(1);
  }

  private static void places(StringBuilder text, Demo.Outcome outcome, Path out) {
    line(text, "Where everything lies:");
    line(
        text, "  %-34s the model store; version %s", out.resolve("models"), outcome.modelVersion());
    line(
        text,
        "  %-34s tables %s, %s, %s",
        out.resolve("warehouse.duckdb"),
        outcome.table(),
        LocalWarehouse.PREDICTIONS,
        LocalWarehouse.LEDGER);
    line(text, "  %-34s every scored row", out.resolve("predictions.csv"));
    line(text, "  %-34s this table as JSON", out.resolve("summary.json"));
    line(text, "");
    line(text, "Try next:");
    line(text, "  bin/sheaf demo --trainer 'linear|lightgbm'");
    line(
        text, "  bin/sheaf demo --data your.csv --key STORE --label SALES --holdout last:DATE:0.2");
    line(
        text,
        "  unzip -l %s/versions/%s/models-*.zip",
        out.resolve("models"),
        outcome.modelVersion());
    line(text, "  bin/sheaf train --help    # the same pipelines on your own warehouse");
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
  }
}
