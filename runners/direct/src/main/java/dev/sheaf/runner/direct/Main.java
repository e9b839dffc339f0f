package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.cli.Sheaf;
import dev.sheaf.runner.direct.sandbox.SandboxCommand;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Runs the {@code sheaf} command with the direct runner the demo and the sandbox on the class path.
 */
public final class Main {
  private Main() {}

  public static void main(String... args) {
    quietLogs(Arrays.asList(args).contains("--verbose"));
    int exitCode =
        Sheaf.commandLine()
            .addSubcommand("demo", new DemoCommand())
            .addSubcommand("sandbox", SandboxCommand.commandLine())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args);
    System.out.flush();
    // The runner and the driver leave threads behind that would keep the JVM alive.
    System.exit(exitCode);
  }

  /** A person at the terminal sees errors alone; with --verbose what the libraries have to say. */
  private static void quietLogs(boolean verbose) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", verbose ? "info" : "off");
    System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
    if (!verbose) {
      LogManager.getLogManager().reset();
      Logger.getLogger("").setLevel(Level.OFF);
    }
  }
}
