package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;

/** COPY INTO a location or a table. */
final class Copies {
  private Copies() {}

  static QueryResult copy(Context context, Statement statement) throws SQLException {
    if (!statement.hasWords(1, "INTO") || statement.size() < 5) {
      throw SnowflakeException.syntax("syntax error line 1: COPY needs INTO and FROM.");
    }
    Token target = statement.at(2);
    boolean unload = target.kind() == Token.Kind.STRING || target.kind() == Token.Kind.STAGE;
    return unload ? Unload.run(context, statement) : Load.run(context, statement);
  }
}
