package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import java.sql.SQLException;

/** One kind of statement. */
@FunctionalInterface
interface Command {
  /** Runs it, or describes its result where the request asks for no more. */
  QueryResult run(Context context, Statement statement) throws SQLException;
}
