package dev.sheaf.sandbox.snowflake;

import com.sun.net.httpserver.HttpServer;
import dev.sheaf.sandbox.snowflake.engine.PipeLoader;
import dev.sheaf.sandbox.snowflake.engine.PipeQueue;
import dev.sheaf.sandbox.snowflake.engine.Warehouse;
import dev.sheaf.sandbox.snowflake.protocol.Endpoints;
import dev.sheaf.sandbox.snowflake.protocol.Users;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server on 127.0.0.1 that the unmodified Snowflake JDBC driver and Beam's SnowflakeIO take for
 * Snowflake. DuckDB keeps the data, in a file or in memory.
 *
 * <p>Every session starts in the database {@code SANDBOX} and its schema {@code PUBLIC} unless its
 * login names others. Locations of COPY are directories of this machine. All threads are daemons.
 *
 * <pre>{@code
 * try (SnowflakeServer server =
 *     SnowflakeServer.at(Path.of("warehouse.duckdb")).withUser("sheaf", "secret").start()) {
 *   Connection connection = DriverManager.getConnection(server.jdbcUrl(), properties);
 * }
 * }</pre>
 *
 * <p>Limits: names that differ in case alone are one name; a TIMESTAMP_NTZ of more than 6 fraction
 * digits holds the years 1677 to 2262; a transaction writes to one database.
 */
public final class SnowflakeServer implements AutoCloseable {
  static {
    // Read once, when the HTTP server's classes load: without it a call takes 40 ms more.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final Duration TOKEN_LIFE = Duration.ofHours(4);
  private static final Duration REPORT_LIFE = Duration.ofMinutes(10);
  private static final int BACKLOG = 256;
  private static final int STOP_SECONDS = 10;

  private final HttpServer http;
  private final Warehouse warehouse;
  private final Endpoints endpoints;
  private final PipeQueue pipes;
  private final PipeLoader loader;
  private final ExecutorService requests;
  private final ExecutorService statements;
  private final ScheduledExecutorService timer;
  private final Path scratch;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SnowflakeServer(Builder builder) throws IOException, SQLException {
    this.scratch = Files.createTempDirectory("sheaf-snowflake-");
    this.requests = Executors.newCachedThreadPool(daemons("snowflake-http"));
    this.statements = Executors.newCachedThreadPool(daemons("snowflake-sql"));
    this.timer = Executors.newSingleThreadScheduledExecutor(daemons("snowflake-timer"));
    try {
      this.http =
          HttpServer.create(
              new InetSocketAddress(
                  InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), builder.port),
              BACKLOG);
    } catch (IOException e) {
      Files.delete(scratch);
      throw e;
    }
    try {
      this.warehouse =
          Warehouse.open(
              new Warehouse.Settings(
                  builder.file, builder.database, builder.memory, builder.threads, scratch));
    } catch (SQLException e) {
      http.stop(0);
      Files.delete(scratch);
      throw e;
    }
    this.pipes = new PipeQueue(warehouse, builder.clock, builder.reportLife);
    this.loader = new PipeLoader(warehouse, pipes, builder.pipeDelay);
    this.endpoints =
        new Endpoints(
            builder.users, warehouse, builder.clock, builder.tokenLife, pipes, statements, timer);
    endpoints.register(http);
    statements.execute(loader);
    http.setExecutor(requests);
    http.start();
  }

  private static ThreadFactory daemons(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** A server whose data is gone when it closes. */
  public static Builder inMemory() {
    return new Builder(null);
  }

  /**
   * A server that keeps its data in a DuckDB file, made if it is missing. Its folder must be there.
   */
  public static Builder at(Path duckdbFile) {
    return new Builder(duckdbFile);
  }

  /** The port it listens on. */
  public int port() {
    return http.getAddress().getPort();
  }

  /**
   * The URL for the Snowflake JDBC driver; user and password are not in it. It ends in what
   * SnowflakeIO wants to see at the end of a URL.
   */
  public String jdbcUrl() {
    return "jdbc:snowflake://127.0.0.1:"
        + port()
        + "/?ssl=off&account=local&x=.snowflakecomputing.com";
  }

  Warehouse warehouse() {
    return warehouse;
  }

  /**
   * Ends all sessions, rolls back what is open, writes everything to the file and lets go of it.
   * Further calls do nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    http.stop(0);
    loader.close();
    endpoints.close();
    timer.shutdownNow();
    statements.shutdown();
    requests.shutdownNow();
    try {
      if (!statements.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        statements.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pipes.close();
    warehouse.close();
  }

  /** What a server is started with. */
  public static final class Builder {
    private final @Nullable Path file;
    private final Users users = new Users();
    private int port;
    private String database = "SANDBOX";
    private String memory = "1GB";
    private int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
    private Clock clock = Clock.systemUTC();
    private Duration tokenLife = TOKEN_LIFE;
    private Duration pipeDelay = Duration.ZERO;
    private Duration reportLife = REPORT_LIFE;

    private Builder(@Nullable Path file) {
      this.file = file;
    }

    /** The port to listen on; 0, the default, takes a free one. */
    public Builder withPort(int newPort) {
      if (newPort < 0 || newPort > 65535) {
        throw new IllegalArgumentException(
            "cannot listen on port " + newPort + ": a port is 0 to 65535");
      }
      port = newPort;
      return this;
    }

    /** Lets a user in with a password. At least one user is needed. */
    public Builder withUser(String name, String password) {
      if (name.isEmpty() || password.isEmpty()) {
        throw new IllegalArgumentException(
            "cannot add user '" + name + "': the name and the password may not be empty");
      }
      users.add(name, password);
      return this;
    }

    /** Lets a user in with a key pair; the key is RSA. */
    public Builder withUser(String name, PublicKey key) {
      if (name.isEmpty() || !key.getAlgorithm().equals("RSA")) {
        throw new IllegalArgumentException(
            "cannot add user '"
                + name
                + "': the name may not be empty and the key must be RSA, found "
                + key.getAlgorithm());
      }
      users.add(name, key);
      return this;
    }

    /** The database that sessions start in, in upper case; SANDBOX by default. */
    public Builder withDatabase(String name) {
      if (!name.matches("[\\p{L}_][\\p{L}\\p{N}_$]*")) {
        throw new IllegalArgumentException(
            "cannot name the database '"
                + name
                + "': a name is a letter or '_' followed by letters, digits, '_' and '$'");
      }
      database = name.toUpperCase(Locale.ROOT);
      return this;
    }

    /** DuckDB's memory limit, such as {@code 512MB} or {@code 2GB}; 1GB by default. */
    public Builder withMemoryLimit(String limit) {
      if (!limit.matches("\\d+(\\.\\d+)?\\s*(?i)(KB|MB|GB|TB|KiB|MiB|GiB|TiB)")) {
        throw new IllegalArgumentException(
            "cannot limit the memory to '" + limit + "': a limit is like 512MB or 2GB");
      }
      memory = limit;
      return this;
    }

    /** DuckDB's threads; by default as many as processors, at most 4. */
    public Builder withThreads(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "cannot work with " + count + " threads: at least 1 is needed");
      }
      threads = count;
      return this;
    }

    /** How long a pipe lets a file wait before it loads it; no time by default. */
    public Builder withPipeDelay(Duration delay) {
      pipeDelay = notNegative("let files wait", delay);
      return this;
    }

    /** For how long a pipe's insertReport tells of a file; 10 minutes by default, as Snowflake. */
    public Builder withReportLife(Duration life) {
      reportLife = notNegative("keep reports", life);
      return this;
    }

    private static Duration notNegative(String what, Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException(
            "cannot " + what + " for " + time + ": a time of 0 or more is needed");
      }
      return time;
    }

    Builder withTokenLife(Duration life) {
      tokenLife = life;
      return this;
    }

    Builder withClock(Clock newClock) {
      clock = newClock;
      return this;
    }

    /**
     * Opens the file and listens.
     *
     * @throws IllegalStateException if no user was added, or the file cannot be opened (another
     *     process has it, or it is no DuckDB file)
     * @throws UncheckedIOException if the port is taken
     */
    public SnowflakeServer start() {
      if (users.isEmpty()) {
        throw new IllegalStateException(
            "cannot start: a server needs at least one user, see withUser");
      }
      try {
        return new SnowflakeServer(this);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot listen on port " + port + ": " + e.getMessage(), e);
      } catch (SQLException e) {
        throw new IllegalStateException(
            "cannot open the warehouse "
                + (file == null ? "in memory" : "'" + file + "'")
                + ": "
                + e.getMessage(),
            e);
      }
    }
  }
}
