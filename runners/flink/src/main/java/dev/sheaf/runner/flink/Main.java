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
  private static final String RUNNER = "--runner=";
  private static final String ATTACHED = "--attachedMode=";
  private static final String DETACHED = "--detached";

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

  /** The arguments with what Flink needs, unless they say otherwise. */
  static List<String> complete(List<String> args) {
    List<String> complete = new ArrayList<>(args);
    if (args.size() > 1 && args.stream().noneMatch(arg -> arg.startsWith(RUNNER))) {
      complete.add(RUNNER + "FlinkRunner");
    }
    if (args.contains(DETACHED) && args.stream().noneMatch(arg -> arg.startsWith(ATTACHED))) {
      complete.add(ATTACHED + "false");
    }
    return complete;
  }
}
