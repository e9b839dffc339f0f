package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.cli.Failure;
import dev.sheaf.pipelines.report.RunSummary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sheaf demo}: the whole way of the data on this machine. */
@Command(
    name = "demo",
    description = {
      "Starts a local warehouse, loads a table, trains a model per key, publishes the models,"
          + " scores the rows with them and writes the predictions back.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "CSV file to load, plain or .gz; a generated table of monthly orders unless given.")
  private @Nullable Path data;

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      defaultValue = "STORE_ID",
      description = "One model for each value of this column (${DEFAULT-VALUE}).")
  private String key = "";

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "TOTAL_ORDERS",
      description = "The column to predict (${DEFAULT-VALUE}).")
  private String label = "";

  @Option(
      names = "--features",
      paramLabel = "COLUMN",
      split = ",",
      description =
          "The columns to predict from, as COLUMN, COLUMN:category, COLUMN:number or"
              + " COLUMN:year+month+day_of_week; every number and boolean column but key and label"
              + " unless given.")
  private List<String> features = List.of();

  @Option(
      names = "--trainer",
      paramLabel = "NAME",
      defaultValue = "linear",
      description =
          "linear, xgboost, lightgbm, mlp, mean, ..., with parameters if need be:"
              + " xgboost:rounds=50,max_depth=4; of several, with | between them, each key keeps"
              + " the best (${DEFAULT-VALUE}).")
  private String trainer = "";

  @Option(
      names = "--holdout",
      paramLabel = "RULE",
      defaultValue = "fraction:0.2",
      description =
          "Rows to judge the models by: none, fraction:F, last:COLUMN:F, 'where:COLUMN OP VALUE'"
              + " (${DEFAULT-VALUE}).")
  private String holdout = "";

  @Option(
      names = "--score",
      paramLabel = "FILE",
      description = "CSV file to score; every row of the table unless given.")
  private @Nullable Path score;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "sheaf-demo",
      description = "Where models, warehouse and predictions are left (${DEFAULT-VALUE}).")
  private Path out = Path.of("");

  @Option(
      names = "--runner",
      paramLabel = "RUNNER",
      description =
          "direct: in this process, the default; flink: on a cluster that is started for it.")
  private Engine.Kind runner = Engine.Kind.DIRECT;

  @Option(names = "--json", description = "Print the summary as JSON on standard output.")
  private boolean json;

  @Option(names = "--verbose", description = "Show logs, and stack traces of failures.")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter stdout = spec.commandLine().getOut();
    Demo.Request request =
        new Demo.Request(data, key, label, features, trainer, holdout, score, out, runner);
    try {
      Demo.Outcome outcome = new Demo(request, new Progress(err)).run();
      RunSummary summary = outcome.summary();
      stdout.print(json ? summary.json() : DemoReport.of(outcome, request));
      stdout.flush();
      return 0;
    } catch (DemoException e) {
      return tell(e.failure(), e, err);
    } catch (LinkageError | OutOfMemoryError e) {
      return tell(Failure.whileRunning(e), e, err);
    }
  }

  private int tell(Failure failure, Throwable thrown, PrintWriter err) {
    err.println("sheaf demo: " + failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }
}
