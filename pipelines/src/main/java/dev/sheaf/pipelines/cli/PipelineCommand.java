package dev.sheaf.pipelines.cli;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a ready pipeline. */
@Command
final class PipelineCommand<OptionsT extends PipelineOptions> extends OptionsCommand<OptionsT> {
  private final Function<OptionsT, Pipeline> pipeline;
  private final BiFunction<OptionsT, PipelineResult, String> report;

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
    super(optionsClass);
    this.pipeline = pipeline;
    this.report = report;
  }

  @Override
  int call(OptionsT options) {
    Pipeline built;
    try {
      built = pipeline.apply(options);
    } catch (RuntimeException e) {
      return tell(Failure.whileBuilding(e), e);
    }
    try {
      PipelineResult result = built.run();
      if (detached) {
        print("submitted\n");
        return 0;
      }
      PipelineResult.State state = result.waitUntilFinish();
      if (state != PipelineResult.State.DONE) {
        return tell("the pipeline ended as " + state);
      }
      print(report.apply(options, result));
      return 0;
    } catch (RuntimeException e) {
      return tell(Failure.whileRunning(e), e);
    }
  }
}
