package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.copy.CopyOptions;
import dev.sheaf.sandbox.snowflake.copy.CsvFormat;
import dev.sheaf.sandbox.snowflake.engine.Definitions.Head;
import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CREATE, ALTER, DROP, SHOW and DESCRIBE PIPE. A pipe is a COPY to be run for files named later.
 */
final class Pipes {
  private static final Pattern COPY =
      Pattern.compile("(?is).*?\\bAS\\s+(COPY\\s+INTO\\b.*?)[;\\s]*");

  private Pipes() {}

  static QueryResult create(Context context, Statement statement, Head head) throws SQLException {
    TableName pipe = TableName.resolve(context.session(), statement.name(head.at()));
    int end = statement.nameEnd(head.at());
    int as = statement.find(end, "AS");
    Matcher copy = COPY.matcher(context.request().sql());
    if (as < 0 || !copy.matches()) {
      throw SnowflakeException.syntax("syntax error line 1: CREATE PIPE needs AS COPY INTO.");
    }
    CopyOptions options = CopyOptions.parse(statement.part(end, as));
    if (options.isTrue("AUTO_INGEST", "FALSE")) {
      throw SnowflakeException.unsupported("AUTO_INGEST = TRUE (name the files by insertFiles)");
    }
    check(context, pipe, statement.from(as + 1));
    boolean there = exists(context, pipe);
    if (there && head.ifMissing()) {
      return Definitions.done(pipe.table() + " already exists, statement succeeded.");
    }
    if (there && !head.replace()) {
      throw SnowflakeException.exists(pipe.table());
    }
    String insert =
        "INSERT INTO "
            + PipeTables.pipes(pipe.database())
            + " VALUES ("
            + Token.string(pipe.schema())
            + ", "
            + Token.string(pipe.table())
            + ", "
            + Token.string(copy.group(1))
            + ", false, now()::TIMESTAMP)";
    context
        .transactions()
        .write(
            Definitions.CATALOG_LOCK,
            context.running(),
            () -> {
              delete(context, pipe);
              return context.update(insert);
            });
    return Definitions.done("Pipe " + pipe.table() + " successfully created.");
  }

  /** Refuses a COPY that could load nothing. */
  private static void check(Context context, TableName pipe, Statement copy) throws SQLException {
    Load.Source source = Load.source(context, copy);
    if (!source.table().database().equals(pipe.database())) {
      throw SnowflakeException.unsupported("a pipe into a table of another database");
    }
    for (String refused : List.of("FILES", "FORCE", "PURGE", "VALIDATION_MODE")) {
      if (source.options().text(refused) != null) {
        throw SnowflakeException.compilation(
            "invalid parameter '" + refused + "': the COPY of a pipe does not take it.");
      }
    }
    CsvFormat.of(source.options());
    Stages.location(context, source.from());
  }

  private static void delete(Context context, TableName pipe) throws SQLException {
    String database = pipe.database();
    context.update("DELETE FROM " + PipeTables.pipes(database) + PipeTables.is(pipe, "name"));
    context.update("DELETE FROM " + PipeTables.files(database) + PipeTables.is(pipe, "pipe"));
  }

  private static boolean exists(Context context, TableName pipe) throws SQLException {
    return context.session().exists(pipe.database(), pipe.schema())
        && !context
            .rows(
                "SELECT 1 FROM " + PipeTables.pipes(pipe.database()) + PipeTables.is(pipe, "name"))
            .isEmpty();
  }

  private static void required(Context context, TableName pipe) throws SQLException {
    if (!exists(context, pipe)) {
      throw SnowflakeException.missing("Pipe", pipe.toString());
    }
  }

  static void drop(Context context, TableName pipe, boolean ifThere) throws SQLException {
    if (!ifThere) {
      required(context, pipe);
    } else if (!exists(context, pipe)) {
      return;
    }
    context
        .transactions()
        .write(
            Definitions.CATALOG_LOCK,
            context.running(),
            () -> {
              delete(context, pipe);
              return 0L;
            });
  }

  /** Drops the pipes and stages of a schema. */
  static void dropSchema(Context context, String database, String schema) throws SQLException {
    for (String table :
        List.of(
            PipeTables.stages(database), PipeTables.pipes(database), PipeTables.files(database))) {
      Definitions.write(
          context, "DELETE FROM " + table + " WHERE schema_name = " + Token.string(schema));
    }
  }

  /** ALTER PIPE p SET PIPE_EXECUTION_PAUSED = TRUE or FALSE. */
  static QueryResult alter(Context context, Statement statement) throws SQLException {
    boolean ifThere = statement.hasWords(2, "IF", "EXISTS");
    int at = ifThere ? 4 : 2;
    TableName pipe = TableName.resolve(context.session(), statement.name(at));
    int end = statement.nameEnd(at);
    if (!statement.hasWords(end, "SET")) {
      throw SnowflakeException.unsupported("ALTER PIPE without SET PIPE_EXECUTION_PAUSED");
    }
    CopyOptions options = CopyOptions.parse(statement.from(end + 1));
    if (options.text("PIPE_EXECUTION_PAUSED") == null) {
      throw SnowflakeException.unsupported("ALTER PIPE SET anything but PIPE_EXECUTION_PAUSED");
    }
    boolean paused = options.isTrue("PIPE_EXECUTION_PAUSED", "FALSE");
    if (context.request().describeOnly()) {
      return Definitions.done("");
    }
    context.transactions().commit();
    if (!ifThere) {
      required(context, pipe);
    }
    Definitions.write(
        context,
        "UPDATE "
            + PipeTables.pipes(pipe.database())
            + " SET paused = "
            + paused
            + PipeTables.is(pipe, "name"));
    context.session().warehouse().pipeChanged();
    return Definitions.done("Statement executed successfully.");
  }

  /** The query behind SHOW PIPES. */
  static String shown(String database) {
    return "SELECT created_on AS \"created_on\", name AS \"name\", "
        + Token.string(database)
        + " AS \"database_name\", schema_name AS \"schema_name\", definition AS \"definition\","
        + " 'SYSADMIN' AS \"owner\", NULL::VARCHAR AS \"notification_channel\", '' AS \"comment\""
        + " FROM "
        + PipeTables.pipes(database);
  }

  static QueryResult describe(Context context, Statement statement) throws SQLException {
    TableName pipe = TableName.resolve(context.session(), statement.name(2));
    required(context, pipe);
    String sql = shown(pipe.database()) + PipeTables.is(pipe, "name");
    List<Column> columns = context.describe(sql);
    return context.request().describeOnly()
        ? QueryResult.of(QueryResult.DESCRIBE, columns, List.<List<@Nullable String>>of())
        : context.select(QueryResult.DESCRIBE, sql, columns);
  }
}
