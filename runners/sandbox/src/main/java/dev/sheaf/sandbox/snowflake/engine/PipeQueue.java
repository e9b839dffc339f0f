package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The files that pipes were given, and what became of them: kept in the database, so that they
 * outlive the server.
 *
 * <p>A name that a pipe was given once is never loaded by it again, whether it was loaded or failed
 * and whatever the file holds by now; a pipe that is created again has forgotten all.
 */
public final class PipeQueue implements AutoCloseable {
  private static final int LONGEST_REPORT = 10_000;

  private final Warehouse warehouse;
  private final DuckDBConnection connection;
  private final Clock clock;
  private final Duration reportLife;
  private long lastMark;

  /** A file that waits. */
  record Waiting(TableName pipe, String definition, String path, long mark, Instant received) {}

  /**
   * Opens the queue.
   *
   * @param reportLife for how long reports tell of a file
   */
  public PipeQueue(Warehouse warehouse, Clock clock, Duration reportLife) {
    this.warehouse = warehouse;
    this.connection = warehouse.connect();
    this.clock = clock;
    this.reportLife = reportLife;
  }

  /** The full name of a pipe, as a request spells it. */
  public static String fullName(String text) {
    return name(text).toString();
  }

  private static TableName name(String text) {
    List<String> parts = Statement.of(text).name(0);
    if (parts.size() != 3) {
      throw SnowflakeException.missing("Pipe", text);
    }
    return new TableName(parts.get(0), parts.get(1), parts.get(2));
  }

  /** Takes the files that the pipe has not been given before. */
  public synchronized void insert(String pipeName, List<String> paths) {
    TableName pipe = required(pipeName);
    try {
      for (String path : paths) {
        update(
            "INSERT INTO "
                + PipeTables.files(pipe.database())
                + " (schema_name, pipe, mark, path, status, received) SELECT "
                + Token.string(pipe.schema())
                + ", "
                + Token.string(pipe.table())
                + ", "
                + nextMark()
                + ", "
                + Token.string(path)
                + ", 'WAITING', "
                + time(clock.instant())
                + " WHERE NOT EXISTS (SELECT 1 FROM "
                + PipeTables.files(pipe.database())
                + PipeTables.is(pipe, "pipe")
                + " AND path = "
                + Token.string(path)
                + ")");
      }
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
    warehouse.pipeChanged();
  }

  /** The files that ended after a mark, for as long as reports tell of them. */
  public synchronized List<PipeFile> report(String pipeName, long after) {
    return ended(
        pipeName,
        " AND mark > " + after + " AND inserted > " + time(clock.instant().minus(reportLife)));
  }

  /** The files that ended in a time. */
  public synchronized List<PipeFile> history(String pipeName, Instant from, Instant to) {
    return ended(pipeName, " AND inserted >= " + time(from) + " AND inserted < " + time(to));
  }

  private List<PipeFile> ended(String pipeName, String condition) {
    TableName pipe = required(pipeName);
    String sql =
        "SELECT * FROM (SELECT mark, path, status, coalesce(stage_location, ''),"
            + " coalesce(file_size, 0), received, inserted, rows_parsed, rows_inserted,"
            + " errors_seen, first_error, first_error_line, first_error_column, system_error FROM "
            + PipeTables.files(pipe.database())
            + PipeTables.is(pipe, "pipe")
            + " AND status <> 'WAITING'"
            + condition
            + " ORDER BY mark DESC LIMIT "
            + LONGEST_REPORT
            + ") ORDER BY mark";
    try (java.sql.Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<PipeFile> files = new ArrayList<>();
      while (rows.next()) {
        files.add(file(rows));
      }
      return files;
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }

  private static PipeFile file(ResultSet row) throws SQLException {
    Object line = row.getObject(12);
    return new PipeFile(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        instant(row, 6),
        instant(row, 7),
        row.getLong(8),
        row.getLong(9),
        row.getLong(10),
        row.getString(11),
        line == null ? null : ((Number) line).longValue(),
        row.getString(13),
        row.getString(14));
  }

  /** The files that wait, those that came first in front. */
  synchronized List<Waiting> waiting(Session session) throws SQLException {
    List<Waiting> all = new ArrayList<>();
    for (String database : session.databases()) {
      String sql =
          "SELECT f.schema_name, f.pipe, p.definition, f.path, f.mark, f.received FROM "
              + PipeTables.files(database)
              + " f JOIN "
              + PipeTables.pipes(database)
              + " p ON p.schema_name = f.schema_name AND p.name = f.pipe"
              + " WHERE f.status = 'WAITING' AND NOT p.paused ORDER BY f.mark";
      try (java.sql.Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          all.add(
              new Waiting(
                  new TableName(database, rows.getString(1), rows.getString(2)),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getLong(5),
                  instant(rows, 6)));
        }
      }
    }
    return all;
  }

  /** Sets down what became of a file: in the transaction of the load, on its connection. */
  void ended(Context context, Waiting file, PipeFile outcome) throws SQLException {
    context.update(
        "UPDATE "
            + PipeTables.files(file.pipe().database())
            + " SET status = "
            + Token.string(outcome.status())
            + ", mark = "
            + outcome.mark()
            + ", stage_location = "
            + Token.string(outcome.stageLocation())
            + ", file_size = "
            + outcome.fileSize()
            + ", inserted = "
            + time(outcome.inserted())
            + ", rows_parsed = "
            + outcome.rowsParsed()
            + ", rows_inserted = "
            + outcome.rowsInserted()
            + ", errors_seen = "
            + outcome.errorsSeen()
            + ", first_error = "
            + text(outcome.firstError())
            + ", first_error_line = "
            + outcome.firstErrorLine()
            + ", first_error_column = "
            + text(outcome.firstErrorColumn())
            + ", system_error = "
            + text(outcome.systemError())
            + PipeTables.is(file.pipe(), "pipe")
            + " AND path = "
            + Token.string(file.path()));
  }

  private static String text(@Nullable String value) {
    return value == null ? "NULL" : Token.string(value);
  }

  /** A number greater than all that were given, also by a server before this one. */
  synchronized long nextMark() throws SQLException {
    if (lastMark == 0) {
      try (java.sql.Statement statement = connection.createStatement()) {
        for (String database : databases(statement)) {
          try (ResultSet rows =
              statement.executeQuery(
                  "SELECT coalesce(max(mark), 0) FROM " + PipeTables.files(database))) {
            rows.next();
            lastMark = Math.max(lastMark, rows.getLong(1));
          }
        }
      }
    }
    return ++lastMark;
  }

  private static List<String> databases(java.sql.Statement statement) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT database_name FROM duckdb_tables() WHERE schema_name = "
                + Token.string(PipeTables.SCHEMA)
                + " AND table_name = 'PIPE_FILES'")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private TableName required(String pipeName) {
    TableName pipe = name(pipeName);
    try (java.sql.Statement statement = connection.createStatement();
        ResultSet rows =
            databases(statement).contains(pipe.database())
                ? statement.executeQuery(
                    "SELECT 1 FROM "
                        + PipeTables.pipes(pipe.database())
                        + PipeTables.is(pipe, "name"))
                : null) {
      if (rows == null || !rows.next()) {
        throw SnowflakeException.missing("Pipe", pipe.toString());
      }
      return pipe;
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }

  Instant now() {
    return clock.instant();
  }

  private void update(String sql) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String time(Instant instant) {
    return "TIMESTAMP '"
        + LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString().replace('T', ' ')
        + "'";
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    LocalDateTime time = row.getObject(column, LocalDateTime.class);
    return time == null ? Instant.EPOCH : time.toInstant(ZoneOffset.UTC);
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw ErrorTranslation.of(e);
    }
  }
}
