package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** SHOW and DESCRIBE. */
final class Listings {
  private Listings() {}

  static QueryResult show(Context context, Statement statement) throws SQLException {
    int at = statement.hasWords(1, "TERSE") ? 2 : 1;
    String kind = at < statement.size() ? statement.at(at).text() : "";
    Scope scope = Scope.parse(context.session(), statement, at + 1);
    String sql =
        switch (kind) {
          case "TABLES" -> tables(scope, "duckdb_tables()", "table_name", "TABLE");
          case "VIEWS" -> tables(scope, "duckdb_views()", "view_name", "VIEW");
          case "OBJECTS" ->
              tables(scope, "duckdb_tables()", "table_name", "TABLE")
                  + " UNION ALL "
                  + tables(scope, "duckdb_views()", "view_name", "VIEW");
          case "SCHEMAS" ->
              "SELECT "
                  + CREATED
                  + ", schema_name AS \"name\", 'N' AS \"is_default\", 'N' AS \"is_current\","
                  + " database_name AS \"database_name\", 'SYSADMIN' AS \"owner\", '' AS"
                  + " \"comment\", '' AS \"options\" FROM duckdb_schemas() WHERE schema_name NOT IN"
                  + " ('main', 'information_schema', 'pg_catalog', 'SF$INTERNAL')"
                  + scope.where("database_name", "", "schema_name");
          case "DATABASES" ->
              "SELECT "
                  + CREATED
                  + ", database_name AS \"name\", 'N' AS \"is_default\", 'N' AS \"is_current\", ''"
                  + " AS \"origin\", 'SYSADMIN' AS \"owner\", '' AS \"comment\", '' AS \"options\""
                  + " FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
                  + scope.where("", "", "database_name");
          case "COLUMNS" -> columns(scope);
          case "STAGES", "PIPES" -> objects(kind, context.session(), scope);
          default -> "";
        };
    if (kind.equals("PARAMETERS")) {
      return parameters(context.session());
    }
    if (sql.isEmpty()) {
      return QueryResult.of(
          QueryResult.SHOW, List.of(Column.of("name", SnowflakeType.TEXT)), List.of());
    }
    return context
        .transactions()
        .read(
            () -> {
              List<Column> columns = context.describe(sql);
              return context.request().describeOnly()
                  ? QueryResult.of(QueryResult.SHOW, columns, List.of())
                  : context.select(QueryResult.SHOW, sql + " ORDER BY ALL", columns);
            });
  }

  private static final String CREATED =
      "CAST('1970-01-01 00:00:00' AS TIMESTAMPTZ) AS \"created_on\"";

  /** What a SHOW is limited to. */
  private record Scope(
      @Nullable String database,
      @Nullable String schema,
      @Nullable String table,
      @Nullable String like) {
    static Scope parse(Session session, Statement statement, int from) {
      String like = null;
      String database = session.database();
      String schema = session.schema();
      String table = null;
      for (int i = from; i < statement.size(); i++) {
        if (statement.hasWords(i, "LIKE")) {
          like = statement.at(++i).text();
        } else if (statement.hasWords(i, "IN")) {
          boolean account = statement.hasWords(i + 1, "ACCOUNT");
          boolean word =
              account
                  || statement.hasWords(i + 1, "DATABASE")
                  || statement.hasWords(i + 1, "SCHEMA")
                  || statement.hasWords(i + 1, "TABLE")
                  || statement.hasWords(i + 1, "VIEW");
          int name = word ? i + 2 : i + 1;
          List<String> parts =
              account || name >= statement.size() ? List.of() : statement.name(name);
          if (account) {
            database = null;
            schema = null;
          } else if (statement.hasWords(i + 1, "DATABASE")) {
            database = parts.isEmpty() ? database : parts.get(0);
            schema = null;
          } else if (statement.hasWords(i + 1, "TABLE") || statement.hasWords(i + 1, "VIEW")) {
            TableName full = TableName.resolve(session, parts);
            database = full.database();
            schema = full.schema();
            table = full.table();
          } else if (!parts.isEmpty()) {
            database = parts.size() > 1 ? parts.get(0) : database;
            schema = parts.get(parts.size() - 1);
          }
          break;
        }
      }
      return new Scope(database, schema, table, like);
    }

    String where(String databaseColumn, String schemaColumn, String nameColumn) {
      StringBuilder where = new StringBuilder();
      if (database != null && !databaseColumn.isEmpty()) {
        where.append(" AND ").append(databaseColumn).append(" = ").append(Token.string(database));
      }
      if (schema != null && !schemaColumn.isEmpty()) {
        where.append(" AND ").append(schemaColumn).append(" = ").append(Token.string(schema));
      }
      if (like != null) {
        where.append(" AND ").append(nameColumn).append(" ILIKE ").append(Token.string(like));
        where.append(" ESCAPE '\\'");
      }
      return where.toString();
    }
  }

  private static String tables(Scope scope, String from, String name, String kind) {
    return "SELECT "
        + CREATED
        + ", "
        + name
        + " AS \"name\", database_name AS \"database_name\", schema_name AS \"schema_name\", '"
        + kind
        + "' AS \"kind\", coalesce(comment, '') AS \"comment\", '' AS \"cluster_by\", "
        + (kind.equals("TABLE") ? "CAST(estimated_size AS DECIMAL(38,0))" : "NULL::DECIMAL(38,0)")
        + " AS \"rows\", CAST(0 AS DECIMAL(38,0)) AS \"bytes\", 'SYSADMIN' AS \"owner\","
        + " '' AS \"retention_time\", "
        + (kind.equals("TABLE") ? "''" : "sql")
        + " AS \"text\" FROM "
        + from
        + " WHERE NOT internal AND database_name <> 'memory' AND schema_name <> 'SF$INTERNAL'"
        + scope.where("database_name", "schema_name", name);
  }

  private static String columns(Scope scope) {
    String table = scope.table() == null ? "" : " AND table_name = " + Token.string(scope.table());
    return "SELECT table_name AS \"table_name\", schema_name AS \"schema_name\", column_name AS"
        + " \"column_name\", data_type AS \"data_type\", CASE WHEN is_nullable THEN 'true' ELSE"
        + " 'false' END AS \"null?\", coalesce(column_default, '') AS \"default\", 'COLUMN' AS"
        + " \"kind\", '' AS \"expression\", coalesce(sf_remark(comment), '') AS \"comment\","
        + " database_name AS \"database_name\", '' AS \"autoincrement\" FROM duckdb_columns()"
        + " WHERE NOT internal AND database_name <> 'memory' AND schema_name <> 'SF$INTERNAL'"
        + table
        + scope.where("database_name", "schema_name", "column_name");
  }

  /** Stages or pipes of one database, or of all. */
  private static String objects(String kind, Session session, Scope scope) throws SQLException {
    String database = scope.database();
    List<String> databases = database == null ? session.databases() : List.of(database);
    String where = " WHERE true" + scope.where("", "schema_name", "name");
    return databases.stream()
        .map(each -> (kind.equals("PIPES") ? Pipes.shown(each) : Stages.shown(each)) + where)
        .collect(Collectors.joining(" UNION ALL "));
  }

  private static QueryResult parameters(Session session) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(session.parameters()).entrySet()) {
      rows.add(Arrays.asList(entry.getKey(), entry.getValue(), "", "SESSION", ""));
    }
    return QueryResult.of(
        QueryResult.SHOW, texts("key", "value", "default", "level", "description"), rows);
  }

  private static List<Column> texts(String... names) {
    return Arrays.stream(names).map(name -> Column.of(name, SnowflakeType.TEXT)).toList();
  }

  static QueryResult describe(Context context, Statement statement) throws SQLException {
    if (statement.hasWords(1, "PIPE")) {
      return Pipes.describe(context, statement);
    }
    int at = statement.hasWords(1, "TABLE") || statement.hasWords(1, "VIEW") ? 2 : 1;
    if (at >= statement.size()) {
      throw SnowflakeException.syntax("syntax error line 1 unexpected '<EOF>'.");
    }
    TableName table = TableName.resolve(context.session(), statement.name(at));
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (StoredColumn column : StoredColumn.required(context, table)) {
      rows.add(
          Arrays.asList(
              column.name(),
              column.type().toString(),
              "COLUMN",
              column.nullable() ? "Y" : "N",
              column.defaultSql(),
              "N",
              "N",
              null,
              null,
              column.remark(),
              null));
    }
    return QueryResult.of(
        QueryResult.DESCRIBE,
        texts(
            "name",
            "type",
            "kind",
            "null?",
            "default",
            "primary key",
            "unique key",
            "check",
            "expression",
            "comment",
            "policy name"),
        rows);
  }
}
