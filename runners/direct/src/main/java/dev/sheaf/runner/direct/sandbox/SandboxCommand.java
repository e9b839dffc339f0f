package dev.sheaf.runner.direct.sandbox;

import dev.sheaf.pipelines.cli.Failure;
import dev.sheaf.sandbox.process.SandboxException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sheaf sandbox}: servers of this machine that jobs need, each in a process of its own. */
@Command(
    name = "sandbox",
    description = {
      "Starts, stops and shows a Snowflake-compatible warehouse, a Kafka broker and a Flink cluster"
          + " on this machine.",
      ""
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class SandboxCommand {
  private SandboxCommand() {}

  /** The command with {@code up}, {@code down} and {@code status}. */
  public static CommandLine commandLine() {
    return new CommandLine(new SandboxCommand())
        .addSubcommand(new Up())
        .addSubcommand(new Down())
        .addSubcommand(new Status());
  }

  /** Which servers, and where what they keep lies. */
  static final class Place {
    @Parameters(
        paramLabel = "SERVER",
        arity = "0..*",
        description = "snowflake, kafka, flink; all three unless given.")
    private List<String> servers = List.of();

    @Option(
        names = "--dir",
        paramLabel = "DIR",
        defaultValue = "${sys:user.home}/.sheaf/sandbox",
        description = "Where data, logs and pid files are (${DEFAULT-VALUE}).")
    private Path folder = Path.of("");

    @Option(names = "--verbose", description = "Show stack traces of failures.")
    private boolean verbose;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    SandboxFolder folder() {
      return new SandboxFolder(folder.toAbsolutePath().normalize());
    }

    Set<Server> servers() {
      return servers.isEmpty()
          ? EnumSet.allOf(Server.class)
          : servers.stream()
              .map(Server::of)
              .collect(Collectors.toCollection(() -> EnumSet.noneOf(Server.class)));
    }

    boolean named() {
      return !servers.isEmpty();
    }

    /** Says something on standard error. */
    void tell(String text) {
      spec.commandLine().getErr().println("sheaf sandbox: " + text);
      spec.commandLine().getErr().flush();
    }

    /** Runs a command that changes nothing. */
    int looking(Work work) {
      try {
        return work.run(spec.commandLine().getOut());
      } catch (SandboxException | IllegalArgumentException e) {
        return fail(e);
      }
    }

    /** Runs a command while no other one changes the folder. */
    int alone(Work work) {
      return looking(out -> locked(work, out));
    }

    private int locked(Work work, PrintWriter out) {
      Path path = folder().path();
      try {
        Files.createDirectories(path);
        try (FileChannel channel =
                FileChannel.open(
                    path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock()) {
          if (lock == null) {
            throw taken(path);
          }
          return work.run(out);
        }
      } catch (OverlappingFileLockException e) {
        throw taken(path); // Held by this JVM.
      } catch (IOException e) {
        throw new SandboxException("cannot write to " + path + ": " + e, e);
      }
    }

    private static SandboxException taken(Path path) {
      return new SandboxException("cannot change " + path + ": another sheaf sandbox is at it");
    }

    private int fail(RuntimeException thrown) {
      PrintWriter err = spec.commandLine().getErr();
      // Whole, not one line: it may end in the errors of a server's log.
      tell(String.valueOf(thrown.getMessage()));
      if (verbose) {
        thrown.printStackTrace(err);
      }
      err.flush();
      return thrown instanceof IllegalArgumentException ? Failure.WRONG_OPTION : Failure.FAILED;
    }
  }

  /** What a command does. */
  @FunctionalInterface
  interface Work {
    int run(PrintWriter out);
  }
}
