package dev.sheaf.pipelines.cli;

import dev.sheaf.pipelines.OptionException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** A command with Beam's own options, {@code --name=value}. */
@Command
abstract class OptionsCommand<OptionsT extends PipelineOptions> implements Callable<Integer> {
  private final Class<OptionsT> optionsClass;

  @Spec private CommandSpec spec;
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Option(names = "--verbose", description = "Show stack traces.")
  private boolean verbose;

  OptionsCommand(Class<OptionsT> optionsClass) {
    this.optionsClass = optionsClass;
    this.spec = CommandSpec.create();
  }

  /** What is done with the options; gives the exit code. */
  abstract int call(OptionsT options);

  @Override
  public final Integer call() {
    if (arguments.stream().anyMatch(argument -> argument.startsWith("--help"))) {
      PipelineOptionsFactory.printHelp(System.out, optionsClass);
      return 0;
    }
    OptionsT options;
    try {
      options = options(arguments.toArray(String[]::new));
    } catch (RuntimeException e) {
      return tell(Failure.whileBuilding(e), e);
    }
    return call(options);
  }

  private OptionsT options(String[] args) {
    try {
      return PipelineOptionsFactory.fromArgs(args).withValidation().as(optionsClass);
    } catch (IllegalArgumentException e) {
      String line = WrongValue.among(arguments, optionsClass).orElse(null);
      throw line == null ? e : new OptionException(line, e);
    }
  }

  /** Says on standard error what is wrong, and gives the exit code. */
  final int tell(Failure failure, Throwable thrown) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sheaf " + spec.name() + ": " + failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return failure.exitCode();
  }

  /** Says a line on standard error, and gives the exit code. */
  final int tell(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("sheaf " + spec.name() + ": " + line);
    err.flush();
    return Failure.FAILED;
  }

  /** Prints the result. */
  final void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  @Override
  public String toString() {
    return spec.name() + Arrays.toString(arguments.toArray());
  }
}
