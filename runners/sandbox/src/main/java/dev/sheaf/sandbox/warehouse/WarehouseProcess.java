package dev.sheaf.sandbox.warehouse;

import dev.sheaf.sandbox.process.JavaCommand;
import dev.sheaf.sandbox.process.Lifetime;
import dev.sheaf.sandbox.process.Ports;
import dev.sheaf.sandbox.process.SandboxException;
import dev.sheaf.sandbox.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Snowflake-compatible server in a JVM of its own: what a test kills and starts again while a
 * job runs, and what several commands share.
 *
 * <p>Its folder holds the data ({@code warehouse.duckdb}), the password and the private key, the
 * log ({@code warehouse.log}) and the pid file. One that is killed or stopped comes back on the
 * same port with all that was committed. Sessions start in the database {@code SANDBOX}, schema
 * {@code PUBLIC}.
 *
 * <pre>{@code
 * try (WarehouseProcess warehouse =
 *     WarehouseProcess.in(folder).withTable("SALES", Path.of("sales.csv.gz")).start()) {
 *   // --warehouseUrl=<jdbcUrl()> --warehouseUser=SHEAF --warehousePassword=file:<passwordFile()>
 *   warehouse.kill();
 *   warehouse.restart();
 * }
 * }</pre>
 */
public final class WarehouseProcess implements AutoCloseable {
  /** The user that is let in. */
  public static final String USER = "SHEAF";

  /** The database that sessions start in. */
  public static final String DATABASE = "SANDBOX";

  static final String READY = "the warehouse listens on port ";

  private static final String NAME = "warehouse";
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final WarehouseFolder folder;
  private final WarehouseFolder.Settings settings;
  private final Lifetime lifetime;
  private ServerProcess process;

  private WarehouseProcess(
      WarehouseFolder folder,
      WarehouseFolder.Settings settings,
      Lifetime lifetime,
      ServerProcess process) {
    this.folder = folder;
    this.settings = settings;
    this.lifetime = lifetime;
    this.process = process;
  }

  /** A warehouse that keeps everything in a folder, made if it is missing. */
  public static Builder in(Path folder) {
    return new Builder(folder);
  }

  /** The warehouse that runs in a folder, started by whatever process; empty if none does. */
  public static Optional<WarehouseProcess> find(Path folder) {
    WarehouseFolder place = new WarehouseFolder(folder.toAbsolutePath());
    return ServerProcess.find(place.path(), NAME)
        .map(process -> new WarehouseProcess(place, place.read(), Lifetime.UNTIL_STOPPED, process));
  }

  /** The URL for the Snowflake JDBC driver; user and password are not in it. */
  public String jdbcUrl() {
    return "jdbc:snowflake://127.0.0.1:"
        + settings.port()
        + "/?ssl=off&account=local&x=.snowflakecomputing.com";
  }

  public int port() {
    return settings.port();
  }

  /** The file with the password of {@link #USER}, which its owner alone may read. */
  public Path passwordFile() {
    return folder.passwordFile();
  }

  /** The file with the private key of {@link #USER} (PEM, PKCS#8), as Snowpipe asks for. */
  public Path privateKeyFile() {
    return folder.privateKeyFile();
  }

  /** The number of the process that is, or last was, the warehouse. */
  public long pid() {
    return process.pid();
  }

  public Path log() {
    return process.log();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the warehouse at once, as {@code kill -9} does; what was committed is kept. */
  public void kill() {
    process.kill();
  }

  /** Rolls back what is open, writes everything to the file and ends. */
  public void stop() {
    process.stop(STOP_LIMIT);
  }

  /** Starts it again, on the same port with the same data; stops it first if it runs. */
  public void restart() {
    stop();
    process = run(folder, settings, lifetime, Map.of());
  }

  /** Stops the warehouse; the folder stays. */
  @Override
  public void close() {
    stop();
  }

  private static ServerProcess run(
      WarehouseFolder folder,
      WarehouseFolder.Settings settings,
      Lifetime lifetime,
      Map<String, Path> tables) {
    Ports.requireFree(settings.port());
    List<String> arguments = new ArrayList<>(List.of(folder.path().toString()));
    tables.forEach((table, file) -> arguments.addAll(List.of(table, file.toString())));
    ServerProcess process =
        ServerProcess.start(
            folder.path(),
            NAME,
            new JavaCommand(
                WarehouseMain.class.getName(),
                System.getProperty("java.class.path"),
                List.of(
                    "-Xmx" + settings.heap() + "m",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "-XX:+ExitOnOutOfMemoryError"),
                arguments),
            lifetime);
    try {
      process.await("ready", () -> process.says(READY), START_LIMIT);
    } catch (SandboxException e) {
      process.kill();
      throw e;
    }
    return process;
  }

  /** What a warehouse is started with. */
  public static final class Builder {
    private final WarehouseFolder folder;
    private int port;
    private int memory = 1_000;
    private int heap = 512;
    private Duration pipeDelay = Duration.ZERO;
    private Lifetime lifetime = Lifetime.OF_THIS_JVM;
    private final Map<String, Path> tables = new LinkedHashMap<>();

    private Builder(Path folder) {
      this.folder = new WarehouseFolder(folder.toAbsolutePath());
    }

    /** The port to listen on; unless given, the one that the folder had before, or a free one. */
    public Builder withPort(int newPort) {
      if (newPort < 1 || newPort > 65_535) {
        throw new IllegalArgumentException(
            "cannot listen on port " + newPort + ": a port is 1 to 65535");
      }
      port = newPort;
      return this;
    }

    /** DuckDB's memory limit in MB, outside the heap; 1000 by default. */
    public Builder withMemoryLimit(int megabytes) {
      memory = requireAtLeast(100, "a limit", megabytes);
      return this;
    }

    /** The JVM's heap in MiB; 512 by default. */
    public Builder withHeap(int mebibytes) {
      heap = requireAtLeast(64, "a heap", mebibytes);
      return this;
    }

    private static int requireAtLeast(int least, String what, int value) {
      if (value < least) {
        throw new IllegalArgumentException(
            "cannot run a warehouse with "
                + what
                + " of "
                + value
                + " MB: at least "
                + least
                + " are needed");
      }
      return value;
    }

    /** How long a file waits in a pipe before it is loaded; not at all by default. */
    public Builder withPipeDelay(Duration delay) {
      if (delay.isNegative()) {
        throw new IllegalArgumentException(
            "cannot let files wait for " + delay + ": a delay is not negative");
      }
      pipeDelay = delay;
      return this;
    }

    /**
     * A CSV file that is loaded before the warehouse is ready; a table of this name is replaced.
     */
    public Builder withTable(String table, Path file) {
      tables.put(table, file.toAbsolutePath());
      return this;
    }

    /** How long it lives if nobody stops it; by default it ends with this JVM. */
    public Builder withLifetime(Lifetime newLifetime) {
      lifetime = newLifetime;
      return this;
    }

    /**
     * Starts the warehouse and waits until it takes requests. Gives the one that runs in the
     * folder, with its own settings, if there is one and nothing is to be loaded.
     *
     * @throws SandboxException if the port is taken, a table cannot be loaded, or one runs and
     *     there are tables to load
     */
    public WarehouseProcess start() {
      Optional<WarehouseProcess> running = find(folder.path());
      if (running.isPresent()) {
        if (!tables.isEmpty()) {
          throw new SandboxException(
              "cannot load "
                  + tables.keySet()
                  + ": files are loaded when a warehouse starts, and"
                  + " process "
                  + running.get().pid()
                  + " is one already");
        }
        return running.get();
      }
      int chosen = port != 0 ? port : folder.port().orElseGet(Ports::free);
      WarehouseFolder.Settings settings =
          new WarehouseFolder.Settings(chosen, memory, heap, pipeDelay.toMillis());
      folder.write(settings);
      return new WarehouseProcess(
          folder, settings, lifetime, run(folder, settings, lifetime, tables));
    }
  }
}
