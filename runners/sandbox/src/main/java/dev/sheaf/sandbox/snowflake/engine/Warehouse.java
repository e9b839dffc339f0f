package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.ChunkStore;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The DuckDB instance behind a server: one attached database for each Snowflake database, the
 * macros, the table locks and the room for big results.
 *
 * <p>The first database lives in the given file, any other in a file beside it whose name has the
 * database's added ({@code warehouse.OTHER.duckdb}); without a file all live in memory.
 */
public final class Warehouse implements AutoCloseable {
  private static final long CHUNK_BYTES = 4L << 30;
  private static final String SUFFIX = ".duckdb";

  private final Settings settings;
  private final DuckDBConnection root;
  private final TableLocks locks = new TableLocks();
  private final ChunkStore chunks;
  private final Semaphore pipeChanges = new Semaphore(0);
  private boolean closed;

  /**
   * What a warehouse is opened with.
   *
   * @param file the file of the first database; null for memory
   * @param database the name of the first database
   * @param memory DuckDB's memory limit, such as {@code 1GB}
   * @param threads DuckDB's threads
   */
  public record Settings(
      @Nullable Path file, String database, String memory, int threads, Path scratch) {}

  private Warehouse(Settings settings, DuckDBConnection root) {
    this.settings = settings;
    this.root = root;
    this.chunks = new ChunkStore(settings.scratch(), CHUNK_BYTES);
  }

  /** Opens the databases. */
  public static Warehouse open(Settings settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("memory_limit", settings.memory());
    properties.setProperty("threads", Integer.toString(settings.threads()));
    properties.setProperty("temp_directory", settings.scratch().toString());
    properties.setProperty("autoinstall_known_extensions", "false");
    properties.setProperty("preserve_insertion_order", "true");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    Warehouse warehouse = new Warehouse(settings, (DuckDBConnection) connection);
    try {
      warehouse.execute(macros());
      warehouse.attach(settings.database(), settings.file());
      for (Path beside : warehouse.besides()) {
        warehouse.attach(warehouse.databaseOf(beside), beside);
      }
      return warehouse;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static String macros() {
    try (InputStream in = Warehouse.class.getResourceAsStream("macros.sql")) {
      if (in == null) {
        throw new IllegalStateException("cannot start: macros.sql is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = root.createStatement()) {
      statement.execute(sql);
    }
  }

  private void attach(String database, @Nullable Path file) throws SQLException {
    String where = file == null ? ":memory:" : file.toAbsolutePath().toString();
    String name = Token.identifier(database);
    execute("ATTACH IF NOT EXISTS " + Token.string(where) + " AS " + name);
    execute("CREATE SCHEMA IF NOT EXISTS " + name + ".\"PUBLIC\"");
    for (String internal : PipeTables.definitions(database)) {
      execute(internal);
    }
  }

  private String stem(Path file) {
    String name = file.toAbsolutePath().getFileName().toString();
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  private java.util.List<Path> besides() throws SQLException {
    Path file = settings.file();
    if (file == null) {
      return java.util.List.of();
    }
    String stem = stem(file) + ".";
    try (Stream<Path> files = Files.list(folder(file))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(stem))
          .filter(f -> f.getFileName().toString().endsWith(SUFFIX))
          .filter(f -> f.getFileName().toString().length() > stem.length() + SUFFIX.length() - 1)
          .filter(f -> !f.toAbsolutePath().equals(file.toAbsolutePath()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SQLException("cannot look for databases beside " + file, e);
    }
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? Path.of("/") : parent;
  }

  private String databaseOf(Path beside) {
    Path file = settings.file();
    String name = beside.getFileName().toString();
    int start = file == null ? 0 : stem(file).length() + 1;
    return name.substring(start, name.length() - SUFFIX.length());
  }

  private @Nullable Path beside(String database) {
    Path file = settings.file();
    if (file == null) {
      return null;
    }
    if (!database.matches("[\\p{L}\\p{N}_$-]+")) {
      throw SnowflakeException.compilation(
          "Cannot create database '"
              + database
              + "': a database in a file needs a name of letters, digits, '_', '$' and '-'.");
    }
    return folder(file).resolve(stem(file) + "." + database + SUFFIX);
  }

  /** Adds a database. */
  synchronized void createDatabase(String name) throws SQLException {
    attach(name, beside(name));
  }

  /** Drops a database and its file. */
  synchronized void dropDatabase(String name) throws SQLException {
    if (name.equals(settings.database())) {
      throw SnowflakeException.compilation(
          "Cannot drop database '" + name + "': it is the one that the server was started with.");
    }
    execute("DETACH " + Token.identifier(name));
    Path file = beside(name);
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new SQLException("cannot delete " + file, e);
      }
    }
  }

  /** A connection of its own for one session. */
  public synchronized DuckDBConnection connect() {
    if (closed) {
      throw SnowflakeException.unsupported("a connection to a server that is closed");
    }
    try {
      return root.duplicate();
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }

  /** Says that a pipe was given files, or may load again. */
  void pipeChanged() {
    pipeChanges.release();
  }

  /** Waits for a change since the last one that was waited for. */
  void awaitPipeChange(long millis) throws InterruptedException {
    if (pipeChanges.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
      pipeChanges.drainPermits();
    }
  }

  TableLocks locks() {
    return locks;
  }

  /** Where big results wait to be fetched. */
  public ChunkStore chunks() {
    return chunks;
  }

  /** The database that sessions start in. */
  public String firstDatabase() {
    return settings.database();
  }

  /** DuckDB's threads. */
  public int threads() {
    return settings.threads();
  }

  /** Writes everything to the files and lets go of them. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    chunks.close();
    try {
      try (root) {
        if (settings.file() != null) {
          execute("CHECKPOINT " + Token.identifier(settings.database()));
          for (Path beside : besides()) {
            execute("CHECKPOINT " + Token.identifier(databaseOf(beside)));
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "cannot close the warehouse cleanly: what was committed is in the write-ahead log beside "
              + settings.file(),
          e);
    }
  }
}
