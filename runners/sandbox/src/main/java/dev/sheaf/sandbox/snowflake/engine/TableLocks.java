package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One writer a table, as Snowflake has it: DuckDB would fail the second of two concurrent updates
 * where Snowflake lets it wait. A session keeps the locks of a transaction until its end.
 */
final class TableLocks {
  private static final long STEP_MILLIS = 200;

  private final Map<String, String> owners = new HashMap<>();

  /** Takes the lock, waiting at most {@code limit}. */
  synchronized void acquire(
      String table, String session, Duration limit, BooleanSupplier cancelled) {
    long end = System.nanoTime() + limit.toNanos();
    while (!session.equals(owners.getOrDefault(table, session))) {
      if (cancelled.getAsBoolean()) {
        throw SnowflakeException.cancelled("SQL execution canceled");
      }
      if (System.nanoTime() > end) {
        throw new SnowflakeException(
            625,
            "57014",
            "Statement has waited "
                + limit.toSeconds()
                + " seconds for the lock on table '"
                + table
                + "', which another transaction holds; your statement was aborted.");
      }
      try {
        wait(STEP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SnowflakeException.cancelled("SQL execution canceled");
      }
    }
    owners.put(table, session);
  }

  /** Gives back all that a session holds. */
  synchronized void release(String session) {
    owners.values().removeIf(session::equals);
    notifyAll();
  }
}
