package dev.sheaf.runner.flink;

import dev.sheaf.pipelines.cli.Sheaf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

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
  private static final String CHECKPOINTS = "--checkpointingInterval=";
  private static final String BUNDLES = "--maxBundleTimeMills=";
  private static final String ENDED_BEFORE = "--finishBundleBeforeCheckpointing=true";

  /** How long a bundle may take in Beam's runner for Flink, unless it is told. */
  private static final long USUAL_BUNDLE_MILLIS = 1000;

  /** Bundles between two checkpoints. */
  private static final long BUNDLES_BETWEEN = 4;

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
    bundleMillis(args).ifPresent(millis -> complete.add(BUNDLES + millis));
    return complete;
  }

  /**
   * How long bundles must be to end between checkpoints: a checkpoint ends a bundle without moving
   * the watermark and begins its time anew, so that with checkpoints as frequent as bundles no
   * window would ever end. Empty if they do as they are.
   */
  private static OptionalLong bundleMillis(List<String> args) {
    OptionalLong checkpoints = number(args, CHECKPOINTS);
    if (checkpoints.isEmpty() || checkpoints.getAsLong() < 1 || args.contains(ENDED_BEFORE)) {
      return OptionalLong.empty();
    }
    long most = Math.max(1, checkpoints.getAsLong() / 2);
    OptionalLong asked = number(args, BUNDLES);
    if (asked.isPresent() && asked.getAsLong() > most) {
      throw new IllegalArgumentException(
          BUNDLES
              + asked.getAsLong()
              + " with "
              + CHECKPOINTS
              + checkpoints.getAsLong()
              + ": bundles that end with checkpoints alone keep watermarks back; valid are 1 to "
              + most);
    }
    return asked.isPresent() || USUAL_BUNDLE_MILLIS <= most
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(1, checkpoints.getAsLong() / BUNDLES_BETWEEN));
  }

  /** The whole number that an option is; empty if it is none, which Beam complains of. */
  private static OptionalLong number(List<String> args, String option) {
    return args.stream()
        .filter(arg -> arg.startsWith(option))
        .map(arg -> arg.substring(option.length()))
        .filter(value -> value.matches("\\d{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }
}
