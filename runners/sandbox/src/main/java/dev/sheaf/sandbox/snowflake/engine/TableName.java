package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The full name of a table or view. */
record TableName(String database, String schema, String table) {
  /** Completes a dotted name with the session's current database and schema. */
  static TableName resolve(Session session, List<String> parts) {
    int size = parts.size();
    if (size > 3) {
      throw SnowflakeException.syntax(
          "the name " + String.join(".", parts) + " has too many parts.");
    }
    String table = parts.get(size - 1);
    String schema = size > 1 ? parts.get(size - 2) : orFail(session.schema(), "schema");
    String database = size > 2 ? parts.get(0) : orFail(session.database(), "database");
    return new TableName(database, schema.isEmpty() ? "PUBLIC" : schema, table);
  }

  private static String orFail(@Nullable String current, String kind) {
    if (current == null) {
      throw new SnowflakeException(
          90105,
          "22000",
          "Cannot perform operation. This session does not have a current "
              + kind
              + ". Call 'USE "
              + kind.toUpperCase(java.util.Locale.ROOT)
              + "', or use a qualified name.");
    }
    return current;
  }

  /** The name for DuckDB. */
  String sql() {
    return Token.identifier(database)
        + "."
        + Token.identifier(schema)
        + "."
        + Token.identifier(table);
  }

  @Override
  public String toString() {
    return database + "." + schema + "." + table;
  }
}
