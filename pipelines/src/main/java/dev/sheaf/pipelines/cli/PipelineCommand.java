package dev.sheaf.pipelines.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs a ready pipeline with Beam's own options, {@code --name=value}. */
@Command
class PipelineCommand<OptionsT extends PipelineOptions> implements Callable<Integer> {
  private final Class<OptionsT> optionsClass;
  private final Function<OptionsT, Pipeline> pipeline;

  @Spec private CommandSpec spec;
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Option(names = "--verbose", description = "Show stack traces.")
  private boolean verbose;

  PipelineCommand(Class<OptionsT> optionsClass, Function<OptionsT, Pipeline> pipeline) {
    this.optionsClass = optionsClass;
    this.pipeline = pipeline;
    this.spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (arguments.stream().anyMatch(argument -> argument.startsWith("--help"))) {
      PipelineOptionsFactory.printHelp(System.out, optionsClass);
      return 0;
    }
    Pipeline built;
    try {
      String[] args = arguments.toArray(String[]::new);
      built =
          pipeline.apply(PipelineOptionsFactory.fromArgs(args).withValidation().as(optionsClass));
    } catch (RuntimeException e) {
      return report(Failure.whileBuilding(e), e, err);
    }
    try {
      PipelineResult.State state = built.run().waitUntilFinish();
      return state == PipelineResult.State.DONE ? 0 : Failure.FAILED;
    } catch (RuntimeException e) {
      return report(Failure.whileRunning(e), e, err);
    }
  }

  private int report(Failure failure, Throwable thrown, PrintWriter err) {
    err.println("sheaf " + spec.name() + ": " + failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }

  @Override
  public String toString() {
    return spec.name() + Arrays.toString(arguments.toArray());
  }
}
