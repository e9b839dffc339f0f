package dev.sheaf.pipelines.cli;

import dev.sheaf.transforms.files.BeamStoreFilesProvider;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * What the commands on a model store share: the store, which may lie on any Beam file system,
 * Beam's own options for that file system, and what a failure looks like.
 */
abstract class StoreCommand implements Callable<Integer> {
  @Option(
      names = {"--model-store", "--modelStore"},
      paramLabel = "LOCATION",
      required = true,
      description = "Folder of the model store, on any Beam file system.")
  private String modelStore = "";

  @Option(names = "--verbose", description = "Show logs, and stack traces of failures.")
  private boolean verbose;

  @Unmatched private List<String> beamOptions = new ArrayList<>();
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Does and prints what is asked for and returns the exit code. */
  abstract int run(String modelStore, PrintWriter out) throws InterruptedException;

  @Override
  public final Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      BeamStoreFilesProvider.useOptions(
          PipelineOptionsFactory.fromArgs(beamOptions.toArray(String[]::new)).create());
      return run(modelStore, out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return tell(Failure.whileRunning(e), e, err);
    } catch (RuntimeException e) {
      return tell(Failure.whileBuilding(e), e, err);
    } finally {
      out.flush();
    }
  }

  private int tell(Failure failure, Throwable thrown, PrintWriter err) {
    err.println(spec.qualifiedName(" ") + ": " + failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }
}
