package dev.sheaf.runner.flink;

import dev.sheaf.pipelines.cli.Sheaf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sheaf submit}: runs a pipeline on a Flink cluster. */
@Command(
    name = "submit",
    description = {
      "Runs a pipeline on a Flink cluster and waits for its end.",
      "Example: sheaf submit --flink-master 127.0.0.1:8081 score --modelStore=… …"
    },
    mixinStandardHelpOptions = true)
public final class Submit implements Callable<Integer> {
  /** The system property that names the bundled jar. */
  static final String JAR_PROPERTY = "sheaf.flink.jar";

  private static final Pattern ADDRESS = Pattern.compile("[^:\\s]+:\\d{1,5}");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--flink-master",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where the job manager's REST service is.")
  private String flinkMaster = "";

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description =
          "The bundled jar that is sent to the cluster; the one of this build unless set.")
  private @Nullable Path jar;

  @Option(names = "--detached", description = "Return as soon as the job is submitted.")
  private boolean detached;

  @Parameters(
      arity = "1..*",
      paramLabel = "PIPELINE OPTIONS",
      description = "The pipeline and its options; Flink's too, such as --parallelism=8.")
  private List<String> pipeline = new ArrayList<>();

  /** Submits, and ends the process with the exit code: libraries leave threads behind. */
  public static void main(String... args) {
    int exitCode = commandLine().execute(args);
    System.out.flush();
    System.exit(exitCode);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Submit())
        .setStopAtPositional(true)
        .setUnmatchedOptionsArePositionalParams(true);
  }

  @Override
  public Integer call() {
    return Sheaf.commandLine()
        .setOut(spec.commandLine().getOut())
        .setErr(spec.commandLine().getErr())
        .execute(arguments().toArray(String[]::new));
  }

  /** The arguments of the {@code sheaf} command that does it. */
  List<String> arguments() {
    if (!ADDRESS.matcher(flinkMaster).matches()) {
      throw wrong("--flink-master: HOST:PORT is needed, found '" + flinkMaster + "'");
    }
    Path sent = jar != null ? jar : Path.of(System.getProperty(JAR_PROPERTY, ""));
    if (!Files.isRegularFile(sent)) {
      throw wrong("--jar: the bundled jar is needed, found no file '" + sent + "'");
    }
    List<String> arguments = new ArrayList<>(pipeline);
    arguments.add("--flinkMaster=" + flinkMaster);
    arguments.add("--filesToStage=" + sent.toAbsolutePath());
    if (detached) {
      arguments.add("--detached");
    }
    return Main.complete(arguments);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
