package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds the command that a statement's first word names, and runs it. */
final class StatementRunner {
  private static final Map<String, Command> COMMANDS =
      Map.ofEntries(
          Map.entry("SELECT", Queries::select),
          Map.entry("WITH", Queries::select),
          Map.entry("VALUES", Queries::select),
          Map.entry("INSERT", Writes::insert),
          Map.entry("UPDATE", Writes::update),
          Map.entry("DELETE", Writes::delete),
          Map.entry("MERGE", Writes::merge),
          Map.entry("TRUNCATE", Definitions::truncate),
          Map.entry("CREATE", Definitions::create),
          Map.entry("DROP", Definitions::drop),
          Map.entry("ALTER", Definitions::alter),
          Map.entry("COMMENT", Definitions::comment),
          Map.entry("USE", SessionCommands::use),
          Map.entry("BEGIN", SessionCommands::begin),
          Map.entry("START", SessionCommands::begin),
          Map.entry("COMMIT", SessionCommands::commit),
          Map.entry("ROLLBACK", SessionCommands::rollback),
          Map.entry("SHOW", Listings::show),
          Map.entry("DESC", Listings::describe),
          Map.entry("DESCRIBE", Listings::describe),
          Map.entry("COPY", Copies::copy),
          Map.entry("GRANT", SessionCommands::accepted),
          Map.entry("REVOKE", SessionCommands::accepted));

  private final Context context;
  private final Request request;

  StatementRunner(Session session, Request request, Running running) {
    this.request = request;
    this.context = new Context(session, request, running);
  }

  QueryResult run() throws SQLException {
    Statement statement = Statement.of(request.sql());
    if (statement.size() == 0) {
      throw new SnowflakeException(900, "42601", "SQL compilation error: Empty SQL statement.");
    }
    Token first = statement.at(0);
    Command command =
        first.isSymbol("(")
            ? Queries::select
            : COMMANDS.get(first.kind() == Token.Kind.WORD ? first.text() : "");
    if (command == null) {
      throw SnowflakeException.syntax(
          "syntax error line "
              + first.line()
              + " at position 0 unexpected '"
              + first.text()
              + "'.");
    }
    int bindings = (int) statement.tokens().stream().filter(StatementRunner::isBinding).count();
    boolean rowByRow = request.batch() && !first.isWord("INSERT");
    if (!request.describeOnly() && request.bindings().size() < bindings) {
      throw new SnowflakeException(
          2049,
          "42601",
          "SQL compilation error:\nBind variable "
              + (request.bindings().size() + 1)
              + " not set: the statement takes "
              + bindings
              + ".");
    }
    if (rowByRow) {
      return eachRow(command, statement);
    }
    if (request.batch()) {
      return Writes.insertBatch(context, statement);
    }
    return command.run(context, bound(statement, 0)).withBindings(bindings);
  }

  private QueryResult eachRow(Command command, Statement statement) throws SQLException {
    QueryResult last = command.run(context, bound(statement, 0));
    long changed = Writes.changed(last);
    for (int row = 1; row < request.rows(); row++) {
      last = command.run(context, bound(statement, row));
      changed += Writes.changed(last);
    }
    return Writes.count(last, changed);
  }

  /** The statement with the literals of one row in place of its question marks. */
  private Statement bound(Statement statement, int row) {
    if (statement.tokens().stream().noneMatch(StatementRunner::isBinding)) {
      return statement;
    }
    List<Token> tokens = new ArrayList<>(statement.size());
    int next = 0;
    for (Token token : statement.tokens()) {
      if (!isBinding(token)) {
        tokens.add(token);
        continue;
      }
      if (next >= request.bindings().size()) {
        tokens.add(Token.raw("NULL"));
      } else {
        BoundValue value = request.bindings().get(next);
        tokens.add(Token.raw(value.literal(value.batch() ? row : 0)));
      }
      next++;
    }
    return new Statement(tokens);
  }

  private static boolean isBinding(Token token) {
    return token.kind() == Token.Kind.BINDING;
  }
}
