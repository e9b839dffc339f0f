package dev.sheaf.runner.dataflow;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;

/**
 * Launches the ready pipelines on Dataflow.
 *
 * <pre>
 * java -jar sheaf-dataflow.jar score --project=… --region=… --tempLocation=gs://… --warehouseUrl=… …
 * java -jar sheaf-dataflow.jar score --offlineTo=/tmp/graph …   # translates, and submits nothing
 * java -jar sheaf-dataflow.jar metadata score                   # the parameters of a Flex Template
 * java -jar sheaf-dataflow.jar score --help
 * </pre>
 *
 * <p>In the launcher of a Flex Template, which gives options alone, the variable {@code
 * SHEAF_PIPELINE} names the pipeline. The exit code is 0 when the job was submitted (or, with
 * {@code --waitUntilFinish}, ended well), 1 when it failed, 2 when an option is wrong.
 */
public final class Main {
  static final String PIPELINE_VARIABLE = "SHEAF_PIPELINE";

  private static final String METADATA = "metadata";
  private static final int FAILED = 1;
  private static final int WRONG_OPTION = 2;

  private Main() {}

  public static void main(String... args) {
    int exitCode = run(Arrays.asList(args), System.getenv(), System.out, System.err);
    System.out.flush();
    // The driver leaves threads behind that would keep the JVM alive.
    System.exit(exitCode);
  }

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    try {
      boolean named = !args.isEmpty() && !args.get(0).startsWith("-");
      String name = named ? args.get(0) : environment.get(PIPELINE_VARIABLE);
      List<String> rest = named ? args.subList(1, args.size()) : args;
      if (METADATA.equals(name)) {
        out.print(TemplateMetadata.json(pipeline(rest.isEmpty() ? null : rest.get(0))));
        return 0;
      }
      return launch(pipeline(name), rest, out, err);
    } catch (IllegalArgumentException e) {
      err.println("sheaf-dataflow: " + e.getMessage());
      return WRONG_OPTION;
    }
  }

  private static int launch(
      ReadyPipeline pipeline, List<String> args, PrintStream out, PrintStream err) {
    if (args.stream().anyMatch(arg -> arg.startsWith("--help"))) {
      PipelineOptionsFactory.printHelp(out, pipeline.options());
      PipelineOptionsFactory.printHelp(out, LaunchOptions.class);
      return 0;
    }
    PipelineResult.State state = Launcher.launch(pipeline, Launcher.options(pipeline, args));
    if (state == PipelineResult.State.RUNNING || state == PipelineResult.State.DONE) {
      return 0;
    }
    err.println("sheaf-dataflow: the job ended as " + state);
    return FAILED;
  }

  private static ReadyPipeline pipeline(@Nullable String name) {
    return (name == null ? Optional.<ReadyPipeline>empty() : ReadyPipeline.named(name))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "cannot tell the pipeline: it is the first argument (after "
                        + METADATA
                        + ") or in the variable "
                        + PIPELINE_VARIABLE
                        + ", found "
                        + name
                        + "; valid are "
                        + ReadyPipeline.names()));
  }
}
