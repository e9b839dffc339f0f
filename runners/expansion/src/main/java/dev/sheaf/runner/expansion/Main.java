package dev.sheaf.runner.expansion;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * Starts the expansion service. The first argument may be the port alone, as Beam's clients give it
 * when they start the jar themselves.
 */
@Command(
    name = "sheaf-expansion-service",
    description = "Lets Beam YAML, SQL and Python use Sheaf's transforms; see docs/embedding.md.",
    footer = {
      "",
      "Also Beam's own options: --filesToStage=JAR,... (what workers need besides this jar),",
      "--alsoStartLoopbackWorker (runs the transforms in this process),",
      "--defaultEnvironmentType=... and --defaultEnvironmentConfig=..."
    },
    mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
  private static final String OURS = "dev.sheaf";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "PORT", description = "The same as --port.")
  private @Nullable Integer positionalPort;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port, 8097 unless given; 0 for any free one.")
  private int port = 8097;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "The address to listen on, 127.0.0.1 unless given. The service has no authentication:"
              + " open it to a trusted network alone.")
  private String host = "127.0.0.1";

  @Unmatched private List<String> beamOptions = new ArrayList<>();

  private Main() {}

  public static void main(String... args) {
    int exitCode = new CommandLine(new Main()).execute(args);
    System.out.flush();
    System.exit(exitCode);
  }

  @Override
  public Integer call() throws InterruptedException {
    try (ExpansionServer server = start()) {
      server.awaitEnd();
      return 0;
    } catch (IOException | IllegalArgumentException e) {
      spec.commandLine().getErr().println("sheaf-expansion-service: " + e.getMessage());
      return 2;
    }
  }

  private ExpansionServer start() throws IOException {
    InetAddress address = InetAddress.getByName(host);
    int asked = positionalPort == null ? port : positionalPort;
    int chosen = asked == 0 ? freePort(address) : asked;
    ExpansionServer server;
    try {
      server = ExpansionServer.start(new InetSocketAddress(address, chosen), beamOptions);
    } catch (IOException e) {
      throw new IOException("cannot listen on " + host + ":" + chosen + ": " + e.getMessage(), e);
    }
    var out = spec.commandLine().getOut();
    out.printf("Listening on %s:%d%n", address.getHostAddress(), chosen);
    ServiceLoader.load(SchemaTransformProvider.class).stream()
        .filter(provider -> provider.type().getName().startsWith(OURS))
        .forEach(provider -> out.println("  " + provider.get().identifier()));
    out.flush();
    return server;
  }

  private static int freePort(InetAddress address) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, address)) {
      return socket.getLocalPort();
    }
  }
}
