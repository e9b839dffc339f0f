package dev.sheaf.runner.flink;

import dev.sheaf.pipelines.cli.Sheaf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The program that a Flink cluster is given: the {@code sheaf} command with Flink's runner.
 *
 * <pre>
 * flink run -m HOST:PORT -c dev.sheaf.runner.flink.Main sheaf.jar train --modelStore=… …
 * flink run -d -m HOST:PORT … sheaf.jar train --detached …
 * </pre>
 *
 * <p>Flink runs it in a process of its own or, when it came over REST, inside the job manager: so
 * it never ends the process, and tells a failure by an exception. Over REST and with {@code -d} a
 * job must be submitted with {@code --detached}: nobody may wait for its end there.
 */
public final class Main {
  private static final String RUNNER = "--runner";
  private static final String ATTACHED = "--attachedMode";
  private static final String DETACHED = "--detached";
  private static final String ENDED_BEFORE = "--finishBundleBeforeCheckpointing";

  private Main() {}

  public static void main(String... args) {
    int exitCode =
        Sheaf.commandLine().execute(complete(Arrays.asList(args)).toArray(String[]::new));
    if (exitCode != 0) {
      throw new IllegalStateException(
          "sheaf "
              + (args.length == 0 ? "" : args[0])
              + " failed with "
              + exitCode
              + "; see above");
    }
  }

  /**
   * The arguments with what Flink needs, unless they say otherwise.
   *
   * <p>Bundles end before a checkpoint. By Beam's default the checkpoint ends them: what they put
   * out then waits for the next element, for ever if none comes, and neither does the watermark
   * move, so that no window ends where checkpoints are as frequent as bundles.
   */
  static List<String> complete(List<String> args) {
    List<String> complete = new ArrayList<>(args);
    if (args.size() > 1) {
      add(RUNNER, "FlinkRunner", complete);
      add(ENDED_BEFORE, "true", complete);
    }
    if (args.contains(DETACHED)) {
      add(ATTACHED, "false", complete);
    }
    return complete;
  }

  private static void add(String option, String value, List<String> args) {
    if (args.stream().noneMatch(arg -> arg.equals(option) || arg.startsWith(option + "="))) {
      args.add(option + "=" + value);
    }
  }
}
