package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.engine.Definitions.Head;
import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Conversions;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** CREATE TABLE in its forms, and CREATE VIEW. */
final class CreateTable {
  private CreateTable() {}

  static QueryResult run(Context context, Statement statement, Head head) throws SQLException {
    List<String> name = statement.name(head.at());
    int at = statement.nameEnd(head.at());
    TableName table = TableName.resolve(context.session(), name);
    String shown = table.table();
    boolean there = !StoredColumn.of(context, table).isEmpty();
    if (there && head.ifMissing()) {
      return Definitions.done(shown + " already exists, statement succeeded.");
    }
    if (there && !head.replace()) {
      throw SnowflakeException.exists(shown);
    }
    String target = head.temporary() ? Token.identifier(shown) : table.sql();
    String create =
        "CREATE "
            + (head.replace() ? "OR REPLACE " : "")
            + (head.temporary() ? "TEMP " : "")
            + "TABLE "
            + target;
    List<ColumnDefinition> columns = new ArrayList<>();
    String body;
    if (statement.hasWords(at, "LIKE") || statement.hasWords(at, "CLONE")) {
      TableName model = TableName.resolve(context.session(), statement.name(at + 1));
      for (StoredColumn column : StoredColumn.required(context, model)) {
        columns.add(ColumnDefinition.of(column));
      }
      body = " (" + ColumnDefinition.sql(columns) + ")";
      boolean clone = statement.hasWords(at, "CLONE");
      write(context, create + body, clone ? model.sql() : "", target, columns);
      return Definitions.done("Table " + shown + " successfully created.");
    }
    if (statement.hasSymbol(at, "(")) {
      int close = statement.closing(at);
      columns.addAll(ColumnDefinition.parse(statement.part(at + 1, close)));
      at = close + 1;
    }
    int as = statement.find(at, "AS");
    if (as >= 0) {
      body = fromQuery(context, statement.from(as + 1), columns);
    } else if (columns.isEmpty()) {
      throw SnowflakeException.syntax("syntax error line 1: CREATE TABLE needs columns.");
    } else {
      body = " (" + ColumnDefinition.sql(columns) + ")";
    }
    write(context, create + body, "", target, columns);
    return Definitions.done("Table " + shown + " successfully created.");
  }

  /** Fills {@code columns} from the query where none are declared. */
  private static String fromQuery(Context context, Statement query, List<ColumnDefinition> columns)
      throws SQLException {
    String sql = SessionFunctions.sql(context.session(), query);
    List<Column> given = Queries.columns(context, query, sql);
    if (columns.isEmpty()) {
      given.forEach(column -> columns.add(ColumnDefinition.of(column)));
    } else if (columns.size() != given.size()) {
      throw SnowflakeException.compilation(
          "Invalid column definition list: "
              + columns.size()
              + " columns for "
              + given.size()
              + " values");
    }
    StringBuilder select = new StringBuilder(" AS SELECT ");
    StringBuilder aliases = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      ColumnDefinition column = columns.get(i);
      SnowflakeType type = column.type() == null ? given.get(i).type() : column.type();
      if (column.type() == null) {
        columns.set(i, column.typed(type));
      }
      String value = Conversions.assign("c" + i, given.get(i).duckType(), type);
      select.append(i == 0 ? "" : ", ");
      select.append("CAST(").append(value).append(" AS ").append(type.duckType()).append(") AS ");
      select.append(Token.identifier(column.name()));
      aliases.append(i == 0 ? "" : ", ").append("c").append(i);
    }
    return select + " FROM (" + sql + ") AS s(" + aliases + ")";
  }

  private static void write(
      Context context, String create, String copyOf, String target, List<ColumnDefinition> columns)
      throws SQLException {
    context
        .transactions()
        .write(
            Definitions.CATALOG_LOCK,
            context.running(),
            () -> {
              context.update(create);
              for (ColumnDefinition column : columns) {
                String comment = column.comment();
                if (!comment.isEmpty()) {
                  context.update(
                      "COMMENT ON COLUMN "
                          + target
                          + "."
                          + Token.identifier(column.name())
                          + " IS "
                          + Token.string(comment));
                }
              }
              return copyOf.isEmpty()
                  ? 0L
                  : context.update("INSERT INTO " + target + " SELECT * FROM " + copyOf);
            });
  }

  static QueryResult view(Context context, Statement statement, Head head) throws SQLException {
    List<String> name = statement.name(head.at());
    int at = statement.nameEnd(head.at());
    TableName table = TableName.resolve(context.session(), name);
    boolean there = !StoredColumn.of(context, table).isEmpty();
    if (there && head.ifMissing()) {
      return Definitions.done(table.table() + " already exists, statement succeeded.");
    }
    if (there && !head.replace()) {
      throw SnowflakeException.exists(table.table());
    }
    List<String> names = new ArrayList<>();
    if (statement.hasSymbol(at, "(")) {
      int close = statement.closing(at);
      names.addAll(Writes.names(statement.part(at + 1, close)));
      at = close + 1;
    }
    int as = statement.find(at, "AS");
    if (as < 0) {
      throw SnowflakeException.syntax("syntax error line 1: CREATE VIEW needs AS.");
    }
    Statement query = statement.from(as + 1);
    String sql = SessionFunctions.sql(context.session(), query);
    if (names.isEmpty()) {
      Queries.columns(context, query, sql).forEach(column -> names.add(column.name()));
    }
    StringBuilder list = new StringBuilder();
    for (String column : names) {
      list.append(list.length() == 0 ? "" : ", ").append(Token.identifier(column));
    }
    Definitions.write(
        context,
        "CREATE "
            + (head.replace() ? "OR REPLACE " : "")
            + "VIEW "
            + table.sql()
            + " ("
            + list
            + ") AS "
            + sql);
    return Definitions.done("View " + table.table() + " successfully created.");
  }
}
