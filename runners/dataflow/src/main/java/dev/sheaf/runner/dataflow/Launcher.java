package dev.sheaf.runner.dataflow;

import java.util.ArrayList;
import java.util.List;
import org.apache.beam.runners.dataflow.DataflowRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.Pipeline.PipelineVisitor;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.runners.TransformHierarchy;
import org.jspecify.annotations.Nullable;

/** Builds a pipeline and hands it to Dataflow, or translates it offline. */
final class Launcher {
  private static final String RUNNER_V2 = "use_runner_v2";
  private static final String NO_RUNNER_V2 = "disable_runner_v2";

  static {
    PipelineOptionsFactory.register(LaunchOptions.class);
  }

  private Launcher() {}

  /**
   * The options of a pipeline, with those of Dataflow.
   *
   * @throws IllegalArgumentException when an option is unknown, wrong or missing
   */
  static LaunchOptions options(ReadyPipeline pipeline, List<String> args) {
    List<String> complete = new ArrayList<>(args);
    if (args.stream().noneMatch(arg -> arg.startsWith("--runner="))) {
      complete.add("--runner=" + DataflowRunner.class.getSimpleName());
    }
    LaunchOptions options =
        PipelineOptionsFactory.fromArgs(complete.toArray(String[]::new))
            .withValidation()
            .as(pipeline.options())
            .as(LaunchOptions.class);
    options.setExperiments(withRunnerV2(options.getExperiments()));
    if (options.getOfflineTo() != null) {
      OfflineJob.prepare(options);
    }
    return options;
  }

  /**
   * Submits the job and, if that is asked for, waits for its end.
   *
   * @return the state in which the job was left: {@code RUNNING} unless it was waited for
   * @throws IllegalArgumentException when an option does not fit the tables or Dataflow
   */
  static PipelineResult.State launch(ReadyPipeline pipeline, LaunchOptions options) {
    Pipeline built = pipeline.build(options);
    if (!usesRunnerV2(options.getExperiments())) {
      refuseHints(built);
    }
    PipelineResult job = built.run();
    // A template has no job yet, and asking for it fails.
    boolean submitted = options.getTemplateLocation() == null;
    if (submitted && options.isWaitUntilFinish()) {
      return job.waitUntilFinish();
    }
    return PipelineResult.State.RUNNING;
  }

  /** Only Runner v2 takes images of one's own and resource hints. */
  private static List<String> withRunnerV2(@Nullable List<String> given) {
    List<String> experiments = given == null ? new ArrayList<>() : new ArrayList<>(given);
    if (usesRunnerV2(experiments) && !experiments.contains(RUNNER_V2)) {
      experiments.add(RUNNER_V2);
    }
    return experiments;
  }

  private static boolean usesRunnerV2(@Nullable List<String> experiments) {
    return experiments == null
        || experiments.stream().noneMatch(each -> each.startsWith(NO_RUNNER_V2));
  }

  private static void refuseHints(Pipeline pipeline) {
    pipeline.traverseTopologically(
        new PipelineVisitor.Defaults() {
          @Override
          public void visitPrimitiveTransform(TransformHierarchy.Node node) {
            refuseHints(node);
          }
        });
  }

  private static void refuseHints(TransformHierarchy.Node step) {
    var transform = step.getTransform();
    if (transform != null && !transform.getResourceHints().hints().isEmpty()) {
      throw new IllegalArgumentException(
          "--experiments: cannot give the step "
              + step.getFullName()
              + " the machines that it asks for: only Runner v2 can, found "
              + NO_RUNNER_V2
              + "; leave that out, or ask for no GPU and no memory");
    }
  }
}
