package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Token;
import java.util.List;

/** Where a database keeps its stages, its pipes and what these loaded: a schema nobody sees. */
final class PipeTables {
  static final String SCHEMA = "SF$INTERNAL";

  private PipeTables() {}

  /** What makes the tables where they are missing. */
  static List<String> definitions(String database) {
    return List.of(
        "CREATE SCHEMA IF NOT EXISTS "
            + Token.identifier(database)
            + "."
            + Token.identifier(SCHEMA),
        "CREATE TABLE IF NOT EXISTS "
            + stages(database)
            + " (schema_name VARCHAR, name VARCHAR, url VARCHAR, created_on TIMESTAMP)",
        "CREATE TABLE IF NOT EXISTS "
            + pipes(database)
            + " (schema_name VARCHAR, name VARCHAR, definition VARCHAR, paused BOOLEAN,"
            + " created_on TIMESTAMP)",
        "CREATE TABLE IF NOT EXISTS "
            + files(database)
            + " (schema_name VARCHAR, pipe VARCHAR, mark BIGINT, path VARCHAR, status VARCHAR,"
            + " stage_location VARCHAR, file_size BIGINT, received TIMESTAMP, inserted TIMESTAMP,"
            + " rows_parsed BIGINT, rows_inserted BIGINT, errors_seen BIGINT, first_error VARCHAR,"
            + " first_error_line BIGINT, first_error_column VARCHAR, system_error VARCHAR)");
  }

  static String stages(String database) {
    return table(database, "STAGES");
  }

  static String pipes(String database) {
    return table(database, "PIPES");
  }

  /** The files that pipes were given; a file's mark is a number when it comes and when it ends. */
  static String files(String database) {
    return table(database, "PIPE_FILES");
  }

  private static String table(String database, String name) {
    return new TableName(database, SCHEMA, name).sql();
  }

  /** The condition for one object of a schema. */
  static String is(TableName name, String column) {
    return " WHERE schema_name = "
        + Token.string(name.schema())
        + " AND "
        + column
        + " = "
        + Token.string(name.table());
  }
}
