package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** CREATE, DROP, ALTER, TRUNCATE and COMMENT. A definition commits an open transaction first. */
final class Definitions {
  static final String CATALOG_LOCK = "catalog";
  private static final Set<String> TEMPORARY = Set.of("TEMP", "TEMPORARY", "VOLATILE");
  private static final Set<String> QUALIFIERS =
      Set.of(
          "TEMP", "TEMPORARY", "VOLATILE", "TRANSIENT", "LOCAL", "GLOBAL", "SECURE", "RECURSIVE");

  private Definitions() {}

  /**
   * The front of a CREATE.
   *
   * @param at the index after the kind of object and IF NOT EXISTS
   */
  record Head(String kind, int at, boolean replace, boolean temporary, boolean ifMissing) {
    static Head parse(Statement statement) {
      int i = 1;
      boolean replace = statement.hasWords(i, "OR", "REPLACE");
      i += replace ? 2 : 0;
      boolean temporary = false;
      while (i < statement.size() && QUALIFIERS.contains(statement.at(i).text())) {
        temporary |= TEMPORARY.contains(statement.at(i).text());
        i++;
      }
      if (i >= statement.size()) {
        throw SnowflakeException.syntax("syntax error line 1 unexpected '<EOF>'.");
      }
      String kind = statement.at(i++).text();
      boolean ifMissing = statement.hasWords(i, "IF", "NOT", "EXISTS");
      i += ifMissing ? 3 : 0;
      if (replace && ifMissing) {
        throw SnowflakeException.compilation("OR REPLACE and IF NOT EXISTS exclude each other.");
      }
      return new Head(kind, i, replace, temporary, ifMissing);
    }
  }

  static QueryResult create(Context context, Statement statement) throws SQLException {
    Head head = Head.parse(statement);
    if (context.request().describeOnly()) {
      return done("");
    }
    context.transactions().commit();
    return switch (head.kind()) {
      case "TABLE" -> CreateTable.run(context, statement, head);
      case "VIEW" -> CreateTable.view(context, statement, head);
      case "DATABASE" -> database(context, statement, head);
      case "SCHEMA" -> schema(context, statement, head);
      case "STAGE" -> Stages.create(context, statement, head);
      case "PIPE" -> Pipes.create(context, statement, head);
      case "WAREHOUSE", "ROLE", "USER" -> done(head.kind() + " accepted without effect.");
      default -> throw SnowflakeException.unsupported("CREATE " + head.kind());
    };
  }

  static QueryResult done(String message) {
    return QueryResult.status(QueryResult.DDL, message);
  }

  private static QueryResult database(Context context, Statement statement, Head head)
      throws SQLException {
    String name = statement.name(head.at()).get(0);
    Session session = context.session();
    if (session.exists(name, null)) {
      if (head.ifMissing()) {
        return done(name + " already exists, statement succeeded.");
      }
      if (!head.replace()) {
        throw SnowflakeException.exists(name);
      }
      session.warehouse().dropDatabase(name);
    }
    session.warehouse().createDatabase(name);
    session.use(name, "PUBLIC");
    return done("Database " + name + " successfully created.");
  }

  private static QueryResult schema(Context context, Statement statement, Head head)
      throws SQLException {
    Session session = context.session();
    List<String> name = statement.name(head.at());
    String schema = name.get(name.size() - 1);
    String database = name.size() > 1 ? name.get(0) : session.database();
    if (database == null || !session.exists(database, null)) {
      throw SnowflakeException.missing("Database", String.valueOf(database));
    }
    String full = Token.identifier(database) + "." + Token.identifier(schema);
    boolean there = session.exists(database, schema);
    if (there && head.ifMissing()) {
      return done(schema + " already exists, statement succeeded.");
    }
    if (there && !head.replace()) {
      throw SnowflakeException.exists(schema);
    }
    context
        .transactions()
        .write(
            CATALOG_LOCK,
            context.running(),
            () -> {
              if (there) {
                context.update("DROP SCHEMA " + full + " CASCADE");
              }
              return context.update("CREATE SCHEMA " + full);
            });
    session.use(database, schema);
    return done("Schema " + schema + " successfully created.");
  }

  static QueryResult drop(Context context, Statement statement) throws SQLException {
    String kind = statement.at(Math.min(1, statement.size() - 1)).text();
    boolean ifThere = statement.hasWords(2, "IF", "EXISTS");
    List<String> name = statement.name(ifThere ? 4 : 2);
    if (context.request().describeOnly()) {
      return done("");
    }
    context.transactions().commit();
    Session session = context.session();
    String last = name.get(name.size() - 1);
    switch (kind) {
      case "TABLE", "VIEW" -> {
        TableName table = TableName.resolve(session, name);
        if (StoredColumn.of(context, table).isEmpty()) {
          if (ifThere) {
            return done("Drop statement executed successfully (" + last + " already dropped).");
          }
          throw new SnowflakeException(
              2003,
              "42S02",
              "SQL compilation error:\n"
                  + (kind.equals("TABLE") ? "Table" : "View")
                  + " '"
                  + table
                  + "' does not exist or not authorized.");
        }
        boolean own = name.size() == 1;
        String target = own ? Token.identifier(last) : table.sql();
        write(context, "DROP " + kind + " " + target);
      }
      case "SCHEMA" -> dropSchema(context, name, ifThere);
      case "STAGE" -> Stages.drop(context, TableName.resolve(session, name), ifThere);
      case "PIPE" -> Pipes.drop(context, TableName.resolve(session, name), ifThere);
      case "DATABASE" -> {
        if (session.exists(last, null)) {
          if (last.equals(session.database())) {
            session.start("", null);
          }
          session.warehouse().dropDatabase(last);
        } else if (!ifThere) {
          throw SnowflakeException.missing("Database", last);
        }
      }
      case "WAREHOUSE", "ROLE", "USER" -> {}
      default -> throw SnowflakeException.unsupported("DROP " + kind);
    }
    return done(last + " successfully dropped.");
  }

  private static void dropSchema(Context context, List<String> name, boolean ifThere)
      throws SQLException {
    Session session = context.session();
    String schema = name.get(name.size() - 1);
    String database = name.size() > 1 ? name.get(0) : String.valueOf(session.database());
    if (session.exists(database, schema)) {
      write(
          context,
          "DROP SCHEMA "
              + Token.identifier(database)
              + "."
              + Token.identifier(schema)
              + " CASCADE");
      Pipes.dropSchema(context, database, schema);
      if (schema.equals(session.schema()) && database.equals(session.database())) {
        session.use(database, null);
      }
    } else if (!ifThere) {
      throw SnowflakeException.missing("Schema", database + "." + schema);
    }
  }

  static void write(Context context, String sql) throws SQLException {
    context.transactions().write(CATALOG_LOCK, context.running(), () -> context.update(sql));
  }

  static QueryResult truncate(Context context, Statement statement) throws SQLException {
    int at = statement.hasWords(1, "TABLE") ? 2 : 1;
    boolean ifThere = statement.hasWords(at, "IF", "EXISTS");
    TableName table = TableName.resolve(context.session(), statement.name(ifThere ? at + 2 : at));
    boolean there = !StoredColumn.of(context, table).isEmpty();
    if (!there && !ifThere) {
      StoredColumn.required(context, table);
    }
    if (there && !context.request().describeOnly()) {
      context
          .transactions()
          .write(
              table.sql(), context.running(), () -> context.update("DELETE FROM " + table.sql()));
    }
    return done("Statement executed successfully.");
  }

  static QueryResult alter(Context context, Statement statement) throws SQLException {
    if (statement.hasWords(1, "SESSION")) {
      return SessionCommands.alterSession(context, statement);
    }
    if (statement.hasWords(1, "WAREHOUSE") || statement.hasWords(1, "USER")) {
      return done("Statement executed successfully.");
    }
    if (statement.hasWords(1, "PIPE")) {
      return Pipes.alter(context, statement);
    }
    if (!statement.hasWords(1, "TABLE")) {
      throw SnowflakeException.unsupported("ALTER " + statement.at(1).text());
    }
    if (!context.request().describeOnly()) {
      context.transactions().commit();
      AlterTable.run(context, statement);
    }
    return done("Statement executed successfully.");
  }

  /** COMMENT ON TABLE t IS 'text'. */
  static QueryResult comment(Context context, Statement statement) throws SQLException {
    if (!statement.hasWords(1, "ON", "TABLE")) {
      throw SnowflakeException.unsupported("COMMENT ON anything but a table");
    }
    TableName table = TableName.resolve(context.session(), statement.name(3));
    StoredColumn.required(context, table);
    if (!context.request().describeOnly()) {
      write(
          context,
          "COMMENT ON TABLE "
              + table.sql()
              + " IS "
              + Token.string(statement.at(statement.size() - 1).text()));
    }
    return done("Statement executed successfully.");
  }
}
