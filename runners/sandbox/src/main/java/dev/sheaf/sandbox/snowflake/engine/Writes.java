package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Conversions;
import dev.sheaf.sandbox.snowflake.sql.Dialect;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/** INSERT, UPDATE, DELETE and MERGE. */
final class Writes {
  private static final SnowflakeType COUNT = SnowflakeType.number(19, 0);

  private Writes() {}

  /** A parsed INSERT: its target, the target's columns in order, and where the rows come from. */
  private record Insert(
      TableName table, List<StoredColumn> columns, Statement source, boolean overwrite) {
    static Insert parse(Context context, Statement statement) throws SQLException {
      boolean overwrite = statement.hasWords(1, "OVERWRITE");
      int at = overwrite ? 2 : 1;
      if (!statement.hasWords(at, "INTO")) {
        throw SnowflakeException.syntax("syntax error line 1: INSERT needs INTO.");
      }
      int end = statement.nameEnd(at + 1);
      TableName table = TableName.resolve(context.session(), statement.name(at + 1));
      List<StoredColumn> columns = StoredColumn.required(context, table);
      boolean listed =
          statement.hasSymbol(end, "(")
              && !statement.hasWords(end + 1, "SELECT")
              && !statement.hasWords(end + 1, "WITH");
      if (listed) {
        int close = statement.closing(end);
        columns = StoredColumn.named(columns, names(statement.part(end + 1, close)));
        end = close + 1;
      }
      return new Insert(table, columns, statement.from(end), overwrite);
    }

    String sql(String source, List<Column> given) {
      if (given.size() != columns.size()) {
        throw SnowflakeException.compilation(
            "Insert value list does not match column list expecting "
                + columns.size()
                + " but got "
                + given.size());
      }
      StringBuilder names = new StringBuilder();
      StringBuilder values = new StringBuilder();
      StringBuilder aliases = new StringBuilder();
      for (int i = 0; i < columns.size(); i++) {
        String comma = i == 0 ? "" : ", ";
        StoredColumn target = columns.get(i);
        names.append(comma).append(Token.identifier(target.name()));
        values.append(comma);
        values.append(Conversions.assign("c" + i, given.get(i).duckType(), target.type()));
        aliases.append(comma).append("c").append(i);
      }
      return "INSERT INTO "
          + table.sql()
          + " ("
          + names
          + ") SELECT "
          + values
          + " FROM ("
          + source
          + ") AS s("
          + aliases
          + ")";
    }
  }

  static List<String> names(Statement list) {
    List<String> names = new ArrayList<>();
    for (Statement part : list.commaParts()) {
      List<String> name = part.name(0);
      names.add(name.get(name.size() - 1));
    }
    return names;
  }

  static QueryResult insert(Context context, Statement statement) throws SQLException {
    QueryResult none = counted(QueryResult.INSERT, "inserted", 0);
    Statement resolved = SessionFunctions.resolved(context.session(), statement);
    boolean defaults =
        statement.tokens().stream().anyMatch(token -> token.isWord("DEFAULT"))
            && statement.find(0, "VALUES") >= 0;
    String source;
    Insert insert = Insert.parse(context, resolved);
    source = Dialect.sql(insert.source());
    String sql =
        defaults
            ? Dialect.sql(resolved)
            : insert.sql(source, context.transactions().read(() -> context.describe(source)));
    if (context.request().describeOnly()) {
      return none;
    }
    String lock = insert.overwrite() ? insert.table().sql() : null;
    long count =
        context
            .transactions()
            .write(
                lock,
                context.running(),
                () -> {
                  if (insert.overwrite()) {
                    context.update("DELETE FROM " + insert.table().sql());
                  }
                  return context.update(sql);
                });
    return counted(QueryResult.INSERT, "inserted", count);
  }

  /** One INSERT of all the rows of a batch: the bound values become a temporary table. */
  static QueryResult insertBatch(Context context, Statement statement) throws SQLException {
    Insert insert = Insert.parse(context, SessionFunctions.resolved(context.session(), statement));
    Statement source = insert.source();
    boolean oneRow =
        source.hasWords(0, "VALUES")
            && source.hasSymbol(1, "(")
            && source.closing(1) == source.size() - 1;
    if (!oneRow) {
      throw SnowflakeException.unsupported("a batch of another shape than INSERT ... VALUES (...)");
    }
    List<BoundValue> bindings = context.request().bindings();
    List<Token> select = new ArrayList<>();
    select.add(Token.raw("SELECT"));
    int next = 0;
    for (Token token : source.part(2, source.size() - 1).tokens()) {
      if (token.kind() == Token.Kind.BINDING) {
        BoundValue value = bindings.get(next);
        select.add(Token.raw(value.batch() ? value.readAppended("b" + next) : value.literal(0)));
        next++;
      } else {
        select.add(token);
      }
    }
    select.add(Token.raw("FROM temp.main.sf_batch"));
    String query = Dialect.sql(new Statement(select));
    long count =
        context
            .transactions()
            .write(
                null,
                context.running(),
                () -> {
                  append(context, bindings);
                  long inserted = context.update(insert.sql(query, context.describe(query)));
                  context.update("DROP TABLE temp.main.sf_batch");
                  return inserted;
                });
    return counted(QueryResult.INSERT, "inserted", count);
  }

  private static void append(Context context, List<BoundValue> bindings) throws SQLException {
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < bindings.size(); i++) {
      columns.append(i == 0 ? "" : ", ").append("b").append(i).append(" VARCHAR");
    }
    context.update("CREATE OR REPLACE TEMP TABLE sf_batch (" + columns + ")");
    int rows = context.request().rows();
    try (DuckDBAppender appender =
        context.connection().createAppender("temp", "main", "sf_batch")) {
      for (int row = 0; row < rows; row++) {
        appender.beginRow();
        for (BoundValue value : bindings) {
          String text = value.batch() ? value.appended(row) : value.appended(0);
          if (text == null) {
            appender.appendNull();
          } else {
            appender.append(text);
          }
        }
        appender.endRow();
      }
    }
  }

  static QueryResult update(Context context, Statement statement) throws SQLException {
    QueryResult none = updated(0);
    Statement resolved = SessionFunctions.resolved(context.session(), statement);
    TableName table = TableName.resolve(context.session(), resolved.name(1));
    List<StoredColumn> columns = StoredColumn.required(context, table);
    int set = resolved.find(1, "SET");
    if (set < 0) {
      throw SnowflakeException.syntax("syntax error line 1: UPDATE needs SET.");
    }
    int end = resolved.find(set, "FROM", "WHERE");
    int stop = end < 0 ? resolved.size() : end;
    List<Token> tokens = new ArrayList<>(resolved.part(0, set + 1).tokens());
    boolean first = true;
    for (Statement part : resolved.part(set + 1, stop).commaParts()) {
      if (!first) {
        tokens.add(Token.symbol(","));
      }
      first = false;
      tokens.addAll(assignment(columns, part).tokens());
    }
    tokens.addAll(resolved.from(stop).tokens());
    if (context.request().describeOnly()) {
      return none;
    }
    return updated(change(context, table, Dialect.sql(new Statement(tokens))));
  }

  /** {@code column = expression} with the conversion that the column's type needs. */
  private static Statement assignment(List<StoredColumn> columns, Statement part) {
    int value = part.nameEnd(0) + 1;
    List<String> name = part.name(0);
    String column = name.get(name.size() - 1);
    StoredColumn target = StoredColumn.named(columns, List.of(column)).get(0);
    List<Token> tokens = new ArrayList<>();
    tokens.add(Token.raw(Token.identifier(column)));
    tokens.add(Token.symbol("="));
    tokens.addAll(converted(part.from(value), target));
    return new Statement(tokens);
  }

  private static List<Token> converted(Statement value, StoredColumn target) {
    SnowflakeType type = target.type();
    List<Token> tokens = new ArrayList<>();
    boolean left =
        type.kind() == SnowflakeType.Kind.FIXED
            || type.kind() == SnowflakeType.Kind.REAL
            || (value.size() == 1 && value.at(0).isWord("DEFAULT"));
    if (left) {
      tokens.addAll(value.tokens());
      return tokens;
    }
    tokens.addAll(Conversions.assigned(value.tokens(), type));
    return tokens;
  }

  static QueryResult delete(Context context, Statement statement) throws SQLException {
    Statement resolved = SessionFunctions.resolved(context.session(), statement);
    TableName table = TableName.resolve(context.session(), resolved.name(2));
    StoredColumn.required(context, table);
    if (context.request().describeOnly()) {
      return counted(QueryResult.DELETE, "deleted", 0);
    }
    return counted(QueryResult.DELETE, "deleted", change(context, table, Dialect.sql(resolved)));
  }

  private static long change(Context context, TableName table, String sql) throws SQLException {
    return context.transactions().write(table.sql(), context.running(), () -> context.update(sql));
  }

  static QueryResult merge(Context context, Statement statement) throws SQLException {
    Statement resolved = SessionFunctions.resolved(context.session(), statement);
    TableName table = TableName.resolve(context.session(), resolved.name(2));
    StoredColumn.required(context, table);
    List<String> actions = new ArrayList<>();
    for (String action : List.of("INSERT", "UPDATE", "DELETE")) {
      if (resolved.find(0, action) >= 0) {
        actions.add(action);
      }
    }
    String sql = Dialect.sql(resolved) + " RETURNING merge_action";
    List<List<@Nullable String>> rows =
        context.request().describeOnly()
            ? List.of()
            : context.transactions().write(table.sql(), context.running(), () -> context.rows(sql));
    List<Column> columns = new ArrayList<>();
    List<@Nullable String> counts = new ArrayList<>();
    for (String action : actions) {
      columns.add(
          Column.of(
              "number of rows "
                  + (action.equals("INSERT")
                      ? "inserted"
                      : action.equals("UPDATE") ? "updated" : "deleted"),
              COUNT));
      counts.add(Long.toString(rows.stream().filter(r -> action.equals(r.get(0))).count()));
    }
    return QueryResult.of(QueryResult.MERGE, columns, List.of(counts));
  }

  private static QueryResult counted(long type, String verb, long count) {
    return QueryResult.of(
        type,
        List.of(Column.of("number of rows " + verb, COUNT)),
        List.of(Collections.singletonList(Long.toString(count))));
  }

  private static QueryResult updated(long count) {
    return QueryResult.of(
        QueryResult.UPDATE,
        List.of(
            Column.of("number of rows updated", COUNT),
            Column.of("number of multi-joined rows updated", COUNT)),
        List.of(Arrays.asList(Long.toString(count), "0")));
  }

  /** The rows that a result says were changed. */
  static long changed(QueryResult result) {
    String digits = result.rowset().replaceFirst("^\\[\\[\"(\\d+)\".*", "$1");
    return digits.matches("\\d+") ? Long.parseLong(digits) : 0;
  }

  /** The result of the same kind for a number of changed rows. */
  static QueryResult count(QueryResult last, long changed) {
    List<@Nullable String> row = new ArrayList<>();
    for (int i = 0; i < last.columns().size(); i++) {
      row.add(i == 0 ? Long.toString(changed) : "0");
    }
    return QueryResult.of(last.statementTypeId(), last.columns(), List.of(row));
  }
}
