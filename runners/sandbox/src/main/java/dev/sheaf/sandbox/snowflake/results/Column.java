package dev.sheaf.sandbox.snowflake.results;

import dev.sheaf.sandbox.snowflake.types.SnowflakeType;

/**
 * A column of a result set.
 *
 * @param duckType DuckDB's name of the type that the values come in; empty for results that the
 *     server makes up
 */
public record Column(String name, SnowflakeType type, boolean nullable, String duckType) {
  /** A column of a result that the server makes up. */
  public static Column of(String name, SnowflakeType type) {
    return new Column(name, type, true, "");
  }

  /** The same column under another name. */
  public Column named(String newName) {
    return new Column(newName, type, nullable, duckType);
  }

  /** The same column with a declared type and whether it takes NULL. */
  public Column declared(SnowflakeType newType, boolean takesNull) {
    return new Column(name, newType, takesNull, duckType);
  }
}
