package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** USE, ALTER SESSION, transactions, and statements that are accepted without effect. */
final class SessionCommands {
  private static final String DONE = "Statement executed successfully.";

  private SessionCommands() {}

  static QueryResult accepted(Context context, Statement statement) {
    return QueryResult.status(QueryResult.DDL, DONE);
  }

  static QueryResult use(Context context, Statement statement) throws SQLException {
    QueryResult done = QueryResult.status(QueryResult.USE, DONE);
    if (context.request().describeOnly()) {
      return done;
    }
    Session session = context.session();
    Token second = statement.at(Math.min(1, statement.size() - 1));
    if (second.isWord("ROLE") || second.isWord("SECONDARY")) {
      session.role(statement.at(statement.size() - 1).text());
    } else if (second.isWord("WAREHOUSE")) {
      session.virtualWarehouse(statement.name(2).get(0));
    } else {
      boolean schema = second.isWord("SCHEMA") && statement.size() > 2;
      boolean database = second.isWord("DATABASE") && statement.size() > 2;
      List<String> name = statement.name(schema || database ? 2 : 1);
      if (schema || name.size() == 2) {
        useSchema(session, name);
      } else {
        useDatabase(session, name.get(0));
      }
    }
    return done;
  }

  private static void useDatabase(Session session, String name) throws SQLException {
    if (!session.exists(name, null)) {
      throw SnowflakeException.missing("Database", name);
    }
    session.use(name, session.exists(name, "PUBLIC") ? "PUBLIC" : null);
  }

  private static void useSchema(Session session, List<String> name) throws SQLException {
    String schema = name.get(name.size() - 1);
    String database = name.size() > 1 ? name.get(0) : session.database();
    if (database == null) {
      throw new SnowflakeException(
          90105,
          "22000",
          "Cannot perform USE SCHEMA. This session does not have a current database.");
    }
    if (!session.exists(database, schema)) {
      throw SnowflakeException.missing("Schema", database + "." + schema);
    }
    session.use(database, schema);
  }

  /** ALTER SESSION SET name = value ... and UNSET name, .... */
  static QueryResult alterSession(Context context, Statement statement) throws SQLException {
    QueryResult done = QueryResult.status(QueryResult.ALTER_SESSION, DONE);
    if (context.request().describeOnly()) {
      return done;
    }
    int i = 3;
    if (statement.hasWords(2, "UNSET")) {
      for (; i < statement.size(); i++) {
        if (statement.at(i).isName()) {
          reset(context, statement.at(i).text());
        }
      }
      return done;
    }
    while (i + 2 < statement.size()) {
      if (!statement.hasSymbol(i + 1, "=")) {
        throw SnowflakeException.syntax(
            "syntax error line 1 unexpected '" + statement.at(i + 1).text() + "'.");
      }
      set(context, statement.at(i).text(), statement.at(i + 2).text());
      i += statement.hasSymbol(i + 3, ",") ? 4 : 3;
    }
    return done;
  }

  private static void reset(Context context, String name) throws SQLException {
    switch (name) {
      case "TIMEZONE" -> set(context, name, "UTC");
      case "AUTOCOMMIT" -> set(context, name, "true");
      default -> context.session().parameters().remove(name);
    }
  }

  private static void set(Context context, String name, String value) throws SQLException {
    Session session = context.session();
    switch (name) {
      case "TIMEZONE" -> session.execute("SET TimeZone=" + Token.string(value));
      case "AUTOCOMMIT" -> session.transactions().autocommit(value.toLowerCase(Locale.ROOT));
      default -> {}
    }
    session.parameters().put(name, value);
  }

  static QueryResult begin(Context context, Statement statement) throws SQLException {
    if (!context.request().describeOnly()) {
      context.transactions().begin();
    }
    return QueryResult.status(QueryResult.TRANSACTION, DONE);
  }

  static QueryResult commit(Context context, Statement statement) throws SQLException {
    if (!context.request().describeOnly()) {
      context.transactions().commit();
    }
    return QueryResult.status(QueryResult.TRANSACTION, DONE);
  }

  static QueryResult rollback(Context context, Statement statement) throws SQLException {
    if (!context.request().describeOnly()) {
      context.transactions().rollback();
    }
    return QueryResult.status(QueryResult.TRANSACTION, DONE);
  }
}
