package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.results.ResultWriter;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** What a command works with: the session, the request, and DuckDB under both. */
final class Context {
  private final Session session;
  private final Request request;
  private final Running running;
  private final DuckDBConnection connection;

  Context(Session session, Request request, Running running) {
    this(session, request, running, session.connection());
  }

  private Context(Session session, Request request, Running running, DuckDBConnection connection) {
    this.session = session;
    this.request = request;
    this.running = running;
    this.connection = connection;
  }

  /** The same on another connection, whose failures cost the session's transaction nothing. */
  Context on(DuckDBConnection other) {
    return new Context(session, request, running, other);
  }

  DuckDBConnection connection() {
    return connection;
  }

  Session session() {
    return session;
  }

  Request request() {
    return request;
  }

  Running running() {
    return running;
  }

  Transactions transactions() {
    return session.transactions();
  }

  /** The columns that a query gives, without running it. */
  List<Column> describe(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      ResultSetMetaData data = statement.getMetaData();
      List<Column> columns = new ArrayList<>();
      for (int i = 1; i <= data.getColumnCount(); i++) {
        String type = data.getColumnTypeName(i);
        columns.add(new Column(data.getColumnName(i), SnowflakeType.ofDuck(type), true, type));
      }
      return columns;
    }
  }

  /** Runs a query whose columns are known. */
  QueryResult select(long statementTypeId, String sql, List<Column> columns) throws SQLException {
    ResultWriter writer = new ResultWriter(session.warehouse().chunks(), session.id());
    try (Statement statement = connection.createStatement()) {
      running.enter(statement);
      try (ResultSet rows = statement.executeQuery(ResultWriter.readable(sql, columns))) {
        return writer.write(statementTypeId, columns, rows);
      } catch (IOException e) {
        throw new SQLException("cannot keep the result: " + e.getMessage(), e);
      } finally {
        running.leave();
      }
    }
  }

  /** Runs a statement and gives the rows it changed, 0 where it changes none. */
  long update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running.enter(statement);
      try {
        if (!statement.execute(sql)) {
          return Math.max(statement.getUpdateCount(), 0);
        }
        try (ResultSet rows = statement.getResultSet()) {
          return rows.next() && rows.getMetaData().getColumnTypeName(1).equals("BIGINT")
              ? rows.getLong(1)
              : 0;
        }
      } finally {
        running.leave();
      }
    }
  }

  /** The rows of a small query, all as text. */
  List<List<@Nullable String>> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running.enter(statement);
      try (ResultSet rows = statement.executeQuery(sql)) {
        List<List<@Nullable String>> all = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          List<@Nullable String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            row.add(rows.getString(i));
          }
          all.add(row);
        }
        return all;
      } finally {
        running.leave();
      }
    }
  }
}
