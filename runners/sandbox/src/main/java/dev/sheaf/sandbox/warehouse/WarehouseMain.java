package dev.sheaf.sandbox.warehouse;

import dev.sheaf.sandbox.snowflake.CsvLoader;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Runs a server from what a folder says, until the process is ended. */
final class WarehouseMain {
  private WarehouseMain() {}

  /** The folder; then a table's name and a file, as often as there are tables to load. */
  public static void main(String... arguments) throws InterruptedException {
    try {
      serve(arguments);
    } catch (RuntimeException e) {
      say("ERROR " + e.getMessage());
      System.exit(1); // Threads of the server would keep the process there.
    }
    new CountDownLatch(1).await();
  }

  private static void serve(String... arguments) {
    WarehouseFolder folder = new WarehouseFolder(Path.of(arguments[0]));
    WarehouseFolder.Settings settings = folder.read();
    SnowflakeServer server =
        SnowflakeServer.at(folder.database())
            .withPort(settings.port())
            .withMemoryLimit(settings.memory() + "MB")
            .withUser(WarehouseProcess.USER, folder.password())
            .withUser(WarehouseProcess.USER, folder.publicKey())
            .withPipeDelay(Duration.ofMillis(settings.pipeDelayMillis()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
    for (int i = 1; i < arguments.length; i += 2) {
      long rows = CsvLoader.into(server).load(Path.of(arguments[i + 1]), arguments[i]);
      say("loaded " + rows + " rows into " + arguments[i]);
    }
    say(WarehouseProcess.READY + server.port());
  }

  @SuppressWarnings("SystemOut") // What the process prints is its log.
  private static void say(String line) {
    System.out.println(line);
  }
}
