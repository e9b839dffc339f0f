package dev.sheaf.runner.direct.sandbox;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One run of {@code sheaf sandbox} in this JVM: its exit code and what it printed. */
record SandboxRun(int exitCode, String out, String err) {
  static SandboxRun of(Path folder, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", folder.toString()));
    int exitCode =
        SandboxCommand.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return new SandboxRun(exitCode, out.toString(), err.toString());
  }
}
