package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: a DuckDB connection with its own current database and schema, parameters
 * and transaction. Statements of a session run one after the other.
 */
public final class Session implements AutoCloseable {
  private static final long WAIT_STEP_MILLIS = 200;
  private static final Duration LONGEST_STATEMENT = Duration.ofHours(2);

  private final String id;
  private final String user;
  private final Warehouse warehouse;
  private final DuckDBConnection connection;
  private final Transactions transactions;
  private final Semaphore turn = new Semaphore(1);
  private final Map<String, Running> running = new ConcurrentHashMap<>();
  private final Map<String, String> parameters = new ConcurrentHashMap<>();
  private @Nullable String database;
  private @Nullable String schema;
  private String role = "SYSADMIN";
  private String virtualWarehouse = "LOCAL";
  private volatile boolean closed;

  /** A session of {@code user} in the warehouse's first database. */
  public Session(String id, String user, Warehouse warehouse) {
    this.id = id;
    this.user = user;
    this.warehouse = warehouse;
    this.connection = warehouse.connect();
    this.transactions = new Transactions(id, connection, warehouse.locks());
    parameters.put("TIMEZONE", "UTC");
    parameters.put("AUTOCOMMIT", "true");
    try {
      execute("SET TimeZone='UTC'");
      use(warehouse.firstDatabase(), "PUBLIC");
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }

  /** Runs a statement, waiting for those before it. */
  public QueryResult run(Request request) {
    Running own = new Running();
    if (running.putIfAbsent(request.id(), own) != null) {
      throw new SnowflakeException(
          612, "02000", "Request " + request.id() + " is running already.");
    }
    try {
      takeTurn(own);
      try {
        if (closed) {
          throw new SnowflakeException(390111, "08003", "Session no longer exists.");
        }
        return new StatementRunner(this, request, own).run();
      } catch (SQLException e) {
        own.check();
        throw ErrorTranslation.of(e);
      } catch (SnowflakeException e) {
        if (e.code() == 604) {
          own.check();
        }
        throw e;
      } finally {
        turn.release();
      }
    } finally {
      running.remove(request.id());
    }
  }

  private void takeTurn(Running own) {
    long end = System.nanoTime() + LONGEST_STATEMENT.toNanos();
    try {
      while (!turn.tryAcquire(WAIT_STEP_MILLIS, TimeUnit.MILLISECONDS)) {
        own.check();
        if (System.nanoTime() > end) {
          throw SnowflakeException.cancelled("Waited too long for the session's other statements.");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SnowflakeException.cancelled("SQL execution canceled");
    }
  }

  /** Stops a statement; to be called again until it has ended. False where it does not run. */
  public boolean cancel(String requestId, String why) {
    Running found = running.get(requestId);
    if (found == null) {
      return false;
    }
    try {
      found.stop(why);
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
    return true;
  }

  /** Sets the current database and schema; a null schema means none. */
  void use(String newDatabase, @Nullable String newSchema) throws SQLException {
    execute("SET search_path=" + Token.string(searchPath(newDatabase, newSchema)));
    database = newDatabase;
    schema = newSchema;
  }

  /** Starts in a named database and schema, as a login asks; unknown names leave none current. */
  public void start(@Nullable String newDatabase, @Nullable String newSchema) {
    try {
      if (newDatabase != null && !newDatabase.isEmpty()) {
        String name = newDatabase.toUpperCase(Locale.ROOT);
        if (!exists(name, null)) {
          execute("SET search_path='memory.main'");
          database = null;
          schema = null;
          return;
        }
        use(name, exists(name, "PUBLIC") ? "PUBLIC" : null);
      }
      String current = database;
      if (current != null && newSchema != null && !newSchema.isEmpty()) {
        String name = newSchema.toUpperCase(Locale.ROOT);
        use(current, exists(current, name) ? name : null);
      }
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }

  /** Whether there is that database, or that schema in it. */
  boolean exists(String databaseName, @Nullable String schemaName) throws SQLException {
    String sql =
        schemaName == null
            ? "SELECT 1 FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
                + " AND database_name = "
                + Token.string(databaseName)
            : "SELECT 1 FROM duckdb_schemas() WHERE database_name = "
                + Token.string(databaseName)
                + " AND schema_name = "
                + Token.string(schemaName);
    try (Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next();
    }
  }

  /** All databases. */
  List<String> databases() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name"
                    + " <> 'memory' ORDER BY 1")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A second connection with the same current schema and time zone. */
  DuckDBConnection probe() throws SQLException {
    DuckDBConnection probe = warehouse.connect();
    String zone = parameters.getOrDefault("TIMEZONE", "UTC");
    String current = database == null ? "memory.main" : searchPath(database, schema);
    try (Statement statement = probe.createStatement()) {
      statement.execute("SET TimeZone=" + Token.string(zone));
      statement.execute("SET search_path=" + Token.string(current));
    }
    return probe;
  }

  private static String searchPath(String database, @Nullable String schema) {
    String inner = schema == null ? "main" : schema;
    return Token.identifier(database) + "." + Token.identifier(inner) + ",memory.main";
  }

  /** Ends the session: what is open is rolled back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Running statement : running.values()) {
      try {
        statement.stop("Session closed");
      } catch (SQLException e) {
        throw ErrorTranslation.of(e);
      }
    }
    try {
      if (turn.tryAcquire(5, TimeUnit.SECONDS)) {
        transactions.abandon();
        connection.close();
        turn.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    } finally {
      warehouse.locks().release(id);
      warehouse.chunks().forget(id);
    }
  }

  public String id() {
    return id;
  }

  public String user() {
    return user;
  }

  /** The current database, or null. */
  public @Nullable String database() {
    return database;
  }

  /** The current schema, or null. */
  public @Nullable String schema() {
    return schema;
  }

  public String role() {
    return role;
  }

  void role(String newRole) {
    role = newRole;
  }

  /** The virtual warehouse; a name without effect. */
  public String virtualWarehouse() {
    return virtualWarehouse;
  }

  void virtualWarehouse(String name) {
    virtualWarehouse = name;
  }

  /** The session's parameters. */
  public Map<String, String> parameters() {
    return parameters;
  }

  DuckDBConnection connection() {
    return connection;
  }

  Transactions transactions() {
    return transactions;
  }

  Warehouse warehouse() {
    return warehouse;
  }
}
