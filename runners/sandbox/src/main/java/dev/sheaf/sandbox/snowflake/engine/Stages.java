package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.copy.CopyOptions;
import dev.sheaf.sandbox.snowflake.copy.Location;
import dev.sheaf.sandbox.snowflake.engine.Definitions.Head;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Named stages: directories of this machine with a name. */
final class Stages {
  private Stages() {}

  static QueryResult create(Context context, Statement statement, Head head) throws SQLException {
    TableName stage = TableName.resolve(context.session(), statement.name(head.at()));
    CopyOptions options = CopyOptions.parse(statement.from(statement.nameEnd(head.at())));
    String url = options.text("URL");
    if (url == null) {
      throw SnowflakeException.unsupported("a stage without URL = '<directory>/'");
    }
    if (options.list("FILE_FORMAT") != null) {
      throw SnowflakeException.unsupported("FILE_FORMAT of a stage (give it to COPY)");
    }
    String folder = url.endsWith("/") ? url : url + "/";
    Location.of(folder);
    String database = stage.database();
    boolean there = url(context, stage) != null;
    if (there && head.ifMissing()) {
      return Definitions.done(stage.table() + " already exists, statement succeeded.");
    }
    if (there && !head.replace()) {
      throw SnowflakeException.exists(stage.table());
    }
    String delete = "DELETE FROM " + PipeTables.stages(database) + PipeTables.is(stage, "name");
    String insert =
        "INSERT INTO "
            + PipeTables.stages(database)
            + " VALUES ("
            + Token.string(stage.schema())
            + ", "
            + Token.string(stage.table())
            + ", "
            + Token.string(folder)
            + ", now()::TIMESTAMP)";
    context
        .transactions()
        .write(
            Definitions.CATALOG_LOCK,
            context.running(),
            () -> {
              context.update(delete);
              return context.update(insert);
            });
    return Definitions.done("Stage area " + stage.table() + " successfully created.");
  }

  static void drop(Context context, TableName stage, boolean ifThere) throws SQLException {
    if (url(context, stage) != null) {
      Definitions.write(
          context,
          "DELETE FROM " + PipeTables.stages(stage.database()) + PipeTables.is(stage, "name"));
    } else if (!ifThere) {
      throw SnowflakeException.missing("Stage", stage.toString());
    }
  }

  private static @Nullable String url(Context context, TableName stage) throws SQLException {
    if (!context.session().exists(stage.database(), stage.schema())) {
      return null;
    }
    List<List<@Nullable String>> rows =
        context.rows(
            "SELECT url FROM "
                + PipeTables.stages(stage.database())
                + PipeTables.is(stage, "name"));
    return rows.isEmpty() ? null : rows.get(0).get(0);
  }

  /** The location that a statement names: a path, a {@code file://} URL or a stage and a path. */
  static Location location(Context context, Token token) throws SQLException {
    if (token.kind() != Token.Kind.STAGE) {
      return Location.of(token.text());
    }
    String text = token.text().substring(1);
    int slash = text.indexOf('/');
    String name = slash < 0 ? text : text.substring(0, slash);
    if (name.isEmpty() || name.startsWith("~") || name.startsWith("%")) {
      throw SnowflakeException.unsupported("the stage @" + name + " of a user or a table");
    }
    TableName stage = TableName.resolve(context.session(), Statement.of(name).name(0));
    String url = url(context, stage);
    if (url == null) {
      throw SnowflakeException.missing("Stage", stage.toString());
    }
    return Location.of(url + (slash < 0 ? "" : text.substring(slash + 1)));
  }

  /** The query behind SHOW STAGES. */
  static String shown(String database) {
    return "SELECT created_on AS \"created_on\", name AS \"name\", "
        + Token.string(database)
        + " AS \"database_name\", schema_name AS \"schema_name\", url AS \"url\", 'SYSADMIN' AS"
        + " \"owner\", '' AS \"comment\", 'EXTERNAL' AS \"type\" FROM "
        + PipeTables.stages(database);
  }
}
