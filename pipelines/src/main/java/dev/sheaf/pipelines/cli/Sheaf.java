package dev.sheaf.pipelines.cli;

import dev.sheaf.models.runs.RunLedger;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.pipelines.Score;
import dev.sheaf.pipelines.ScoreOptions;
import dev.sheaf.pipelines.ScoreStream;
import dev.sheaf.pipelines.ScoreStreamOptions;
import dev.sheaf.pipelines.Train;
import dev.sheaf.pipelines.TrainOptions;
import dev.sheaf.pipelines.TrainStream;
import dev.sheaf.pipelines.TrainStreamOptions;
import dev.sheaf.pipelines.report.RunText;
import dev.sheaf.pipelines.report.ScoreText;
import java.time.Clock;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The {@code sheaf} command; a runner's artefact adds the commands that only it can offer. */
@Command(
    name = "sheaf",
    description = "Trains, publishes and runs one model per key.",
    mixinStandardHelpOptions = true,
    version = "sheaf 0.1.0",
    synopsisSubcommandLabel = "COMMAND")
public final class Sheaf {
  private Sheaf() {}

  /**
   * The commands that every runner has: {@code train}, {@code score}, {@code view}, {@code
   * score-stream}, {@code train-stream}, {@code runs}, {@code models}.
   */
  public static CommandLine commandLine() {
    return commandLine(Clock.systemUTC(), time -> Thread.sleep(time.toMillis()));
  }

  static CommandLine commandLine(Clock clock, Pause pause) {
    return new CommandLine(new Sheaf())
        .addSubcommand(
            "train",
            new PipelineCommand<>(
                TrainOptions.class, Train::pipeline, (options, result) -> trained(options, clock)))
        .addSubcommand(
            "score",
            new PipelineCommand<>(
                ScoreOptions.class,
                Score::pipeline,
                (options, result) -> ScoreText.of(result.metrics())))
        .addSubcommand("view", new ViewCommand())
        .addSubcommand(
            "score-stream",
            new PipelineCommand<>(
                ScoreStreamOptions.class,
                ScoreStream::pipeline,
                (options, result) -> ScoreText.of(result.metrics())))
        .addSubcommand(
            "train-stream",
            new PipelineCommand<>(
                TrainStreamOptions.class, TrainStream::pipeline, (options, result) -> ""))
        .addSubcommand("runs", RunsCommand.commandLine(clock, pause))
        .addSubcommand("models", new ModelsCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Sheaf::onWrongArguments)
        .setExecutionExceptionHandler(Sheaf::onFailure);
  }

  /** What the run has come to, as {@code sheaf runs show} tells it. */
  private static String trained(TrainOptions options, Clock clock) {
    RunLedger ledger =
        RunStore.at(options.getModelStore())
            .find(Objects.requireNonNull(options.getRunId()))
            .orElseThrow()
            .ledger();
    return RunText.of(
        ledger.progress(), ledger.failures(RunsShowCommand.LAST_FAILURES), clock.instant());
  }

  private static int onFailure(Exception thrown, CommandLine command, ParseResult parsed) {
    command.getErr().println("sheaf: " + Failure.whileRunning(thrown).line());
    if (parsed.originalArgs().contains("--verbose")) {
      thrown.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return Failure.FAILED;
  }

  private static int onWrongArguments(CommandLine.ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName(" ");
    command.getErr().println(name + ": " + wrong.getMessage() + " (see " + name + " --help)");
    command.getErr().flush();
    return Failure.WRONG_OPTION;
  }
}
