package dev.sheaf.pipelines.cli;

import dev.sheaf.pipelines.OptionException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
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
  private final BiFunction<OptionsT, PipelineResult, String> report;

  @Spec private CommandSpec spec;
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Option(names = "--verbose", description = "Show stack traces.")
  private boolean verbose;

  @Option(
      names = "--detached",
      description = "Return when the job is submitted, on runners of clusters.")
  private boolean detached;

  /**
   * A command.
   *
   * @param report what is printed on standard output when the pipeline has ended well
   */
  PipelineCommand(
      Class<OptionsT> optionsClass,
      Function<OptionsT, Pipeline> pipeline,
      BiFunction<OptionsT, PipelineResult, String> report) {
    this.optionsClass = optionsClass;
    this.pipeline = pipeline;
    this.report = report;
    this.spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (arguments.stream().anyMatch(argument -> argument.startsWith("--help"))) {
      PipelineOptionsFactory.printHelp(System.out, optionsClass);
      return 0;
    }
    OptionsT options;
    Pipeline built;
    try {
      String[] args = arguments.toArray(String[]::new);
      options = options(args);
      built = pipeline.apply(options);
    } catch (RuntimeException e) {
      return tell(Failure.whileBuilding(e), e, err);
    }
    try {
      PipelineResult result = built.run();
      if (detached) {
        spec.commandLine().getErr().println("sheaf " + spec.name() + ": submitted");
        return 0;
      }
      PipelineResult.State state = result.waitUntilFinish();
      if (state != PipelineResult.State.DONE) {
        err.println("sheaf " + spec.name() + ": the pipeline ended as " + state);
        err.flush();
        return Failure.FAILED;
      }
      PrintWriter out = spec.commandLine().getOut();
      out.print(report.apply(options, result));
      out.flush();
      return 0;
    } catch (RuntimeException e) {
      return tell(Failure.whileRunning(e), e, err);
    }
  }

  private OptionsT options(String[] args) {
    try {
      return PipelineOptionsFactory.fromArgs(args).withValidation().as(optionsClass);
    } catch (IllegalArgumentException e) {
      String line = WrongValue.among(arguments, optionsClass).orElse(null);
      throw line == null ? e : new OptionException(line, e);
    }
  }

  private int tell(Failure failure, Throwable thrown, PrintWriter err) {
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
