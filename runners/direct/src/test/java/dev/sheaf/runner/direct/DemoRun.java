package dev.sheaf.runner.direct;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.pipelines.cli.Sheaf;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One run of {@code sheaf} in this JVM: its exit code and what it printed. */
record DemoRun(int exitCode, String out, String err) {

  static DemoRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Sheaf.commandLine()
            .addSubcommand("demo", new DemoCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new DemoRun(exitCode, out.toString(), err.toString());
  }

  static DemoRun demo(Path folder, String... arguments) {
    List<String> all = new ArrayList<>(List.of("demo", "--out", folder.toString()));
    all.addAll(List.of(arguments));
    return of(all.toArray(String[]::new));
  }

  /** The last line on standard error, which tells a failure. */
  String lastError() {
    List<String> lines = err.lines().toList();
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  static JsonNode summary(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve("summary.json").toFile());
  }

  /** The lines of the predictions, each cut at its commas; the first one is the header. */
  static List<List<String>> predictions(Path folder) throws IOException {
    List<List<String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("predictions.csv"))) {
      List<String> cells = new ArrayList<>();
      for (String cell : line.split(",", -1)) {
        cells.add(cell.replaceAll("^\"|\"$", ""));
      }
      lines.add(cells);
    }
    return lines;
  }
}
