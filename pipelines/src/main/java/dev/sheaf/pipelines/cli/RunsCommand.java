package dev.sheaf.pipelines.cli;

import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code sheaf runs}: the training runs of a model store. */
@Command(
    name = "runs",
    description = "Shows training runs and how far they are, also while they work.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class RunsCommand {
  private RunsCommand() {}

  static CommandLine commandLine(Clock clock, Pause pause) {
    return new CommandLine(new RunsCommand())
        .addSubcommand("list", new RunsListCommand(clock))
        .addSubcommand("show", new RunsShowCommand(clock, pause));
  }
}
