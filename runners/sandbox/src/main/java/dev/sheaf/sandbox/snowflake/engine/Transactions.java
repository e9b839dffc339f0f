package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.types.ErrorTranslation;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A session's transaction with Snowflake's rules on DuckDB's.
 *
 * <p>A statement that fails inside a transaction undoes itself alone. DuckDB would lose the whole
 * transaction; so the writes made so far are kept as work to repeat, and are repeated in a new
 * transaction after such a failure. Outside a transaction a write that lost against a concurrent
 * one is tried again.
 */
final class Transactions {
  private static final int ATTEMPTS = 20;
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(2);

  private final String session;
  private final DuckDBConnection connection;
  private final TableLocks locks;
  private final List<Work<?>> done = new ArrayList<>();
  private boolean open;
  private boolean autocommit = true;

  /** Something done on the connection that may be done again. */
  interface Work<T> {
    T run() throws SQLException;
  }

  Transactions(String session, DuckDBConnection connection, TableLocks locks) {
    this.session = session;
    this.connection = connection;
    this.locks = locks;
  }

  boolean isOpen() {
    return open;
  }

  /** Whether each statement outside a transaction is one of its own. */
  boolean autocommit() {
    return autocommit;
  }

  void autocommit(String value) throws SQLException {
    boolean on = Boolean.parseBoolean(value);
    if (on && open) {
      commit();
    }
    autocommit = on;
  }

  void begin() throws SQLException {
    if (!open) {
      execute("BEGIN TRANSACTION");
      open = true;
    }
  }

  void commit() throws SQLException {
    if (open) {
      try {
        execute("COMMIT");
      } finally {
        ended();
      }
    }
  }

  void rollback() throws SQLException {
    if (open) {
      try {
        execute("ROLLBACK");
      } finally {
        ended();
      }
    }
  }

  private void ended() {
    open = false;
    done.clear();
    locks.release(session);
  }

  /** Rolls back what is open, whatever its state. */
  void abandon() throws SQLException {
    if (open) {
      try {
        execute("ROLLBACK");
      } catch (SQLException e) {
        if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
          throw e;
        }
      } finally {
        ended();
      }
    }
  }

  /** A read; a failure leaves an open transaction as it was. */
  <T> T read(Work<T> work) throws SQLException {
    if (!open) {
      return work.run();
    }
    try {
      return work.run();
    } catch (SQLException | SnowflakeException e) {
      restore(e);
      throw e;
    }
  }

  /**
   * A write, whole or not at all.
   *
   * @param table the table to be the only writer of; null where writers do not disturb each other
   */
  <T> T write(@Nullable String table, Running running, Work<T> work) throws SQLException {
    if (!open && !autocommit) {
      begin();
    }
    if (table != null) {
      locks.acquire(table, session, LOCK_LIMIT, running::isStopped);
    }
    return open ? writeInside(work) : writeAlone(running, work);
  }

  private <T> T writeInside(Work<T> work) throws SQLException {
    try {
      T result = work.run();
      done.add(work);
      return result;
    } catch (SQLException | SnowflakeException e) {
      restore(e);
      throw e;
    }
  }

  private <T> T writeAlone(Running running, Work<T> work) throws SQLException {
    try {
      for (int attempt = 1; ; attempt++) {
        running.check();
        try {
          execute("BEGIN TRANSACTION");
          T result = work.run();
          execute("COMMIT");
          return result;
        } catch (SQLException e) {
          rollbackQuietly(e);
          if (attempt == ATTEMPTS || !ErrorTranslation.isConflict(e)) {
            throw e;
          }
          Thread.onSpinWait();
        } catch (SnowflakeException e) {
          rollbackQuietly(e);
          throw e;
        }
      }
    } finally {
      locks.release(session);
    }
  }

  private void rollbackQuietly(Exception cause) {
    try {
      execute("ROLLBACK");
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** Brings back the transaction that a failed statement may have cost. */
  private void restore(Exception cause) throws SQLException {
    try {
      execute("SELECT 1");
      return;
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
    try {
      rollbackQuietly(cause);
      execute("BEGIN TRANSACTION");
      for (Work<?> work : done) {
        work.run();
      }
    } catch (SQLException | SnowflakeException e) {
      rollbackQuietly(e);
      ended();
      e.addSuppressed(cause);
      throw e;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
