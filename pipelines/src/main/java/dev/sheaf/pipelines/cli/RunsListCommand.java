package dev.sheaf.pipelines.cli;

import dev.sheaf.models.runs.RunStore;
import dev.sheaf.pipelines.report.RunTable;
import java.io.PrintWriter;
import java.time.Clock;
import picocli.CommandLine.Command;

/** {@code sheaf runs list}: the runs of a model store, the latest last. */
@Command(
    name = "list",
    description = "Lists the training runs of a model store, the latest last.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class RunsListCommand extends StoreCommand {
  private final Clock clock;

  RunsListCommand(Clock clock) {
    this.clock = clock;
  }

  @Override
  int run(String modelStore, PrintWriter out) {
    RunStore store = RunStore.at(modelStore);
    out.print(RunTable.of(store, clock.instant()));
    return 0;
  }
}
