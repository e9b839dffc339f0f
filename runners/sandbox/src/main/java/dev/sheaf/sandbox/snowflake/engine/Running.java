package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A statement that runs, and the way to stop it. */
final class Running {
  private volatile @Nullable String stopped;
  private volatile @Nullable Statement statement;

  /** Stops the statement; to be called again until it has ended, as it may just be starting. */
  void stop(String why) throws SQLException {
    stopped = why;
    Statement current = statement;
    if (current != null) {
      current.cancel();
    }
  }

  boolean isStopped() {
    return stopped != null;
  }

  /** Fails where the statement was stopped. */
  void check() {
    String why = stopped;
    if (why != null) {
      throw SnowflakeException.cancelled(why);
    }
  }

  void enter(Statement current) {
    statement = current;
    check();
  }

  void leave() {
    statement = null;
  }
}
