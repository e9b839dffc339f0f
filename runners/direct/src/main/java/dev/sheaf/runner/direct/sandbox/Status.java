package dev.sheaf.runner.direct.sandbox;

import dev.sheaf.pipelines.cli.Failure;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf sandbox status}. */
@Command(
    name = "status",
    description = {
      "Tells which servers run and where they listen. The exit code is 0 if those that were named,"
          + " or any if none was named, run; else 1.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {
  @Mixin private SandboxCommand.Place place = new SandboxCommand.Place();

  @Override
  public Integer call() {
    return place.looking(this::status);
  }

  private int status(PrintWriter out) {
    SandboxFolder folder = place.folder();
    Set<Server> servers = place.servers();
    int running = 0;
    for (Server server : servers) {
      String line = folder.line(server).orElse("does not run");
      out.printf(Locale.ROOT, "%-10s %s%n", server.label(), line);
      running += folder.runs(server) ? 1 : 0;
    }
    out.println();
    out.println("Data, logs and pid files lie in " + folder.path() + ".");
    out.flush();
    boolean well = place.named() ? running == servers.size() : running > 0;
    return well ? 0 : Failure.FAILED;
  }
}
