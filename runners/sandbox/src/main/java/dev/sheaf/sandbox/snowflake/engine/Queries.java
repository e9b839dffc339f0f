package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.SelectList;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** SELECT and what else gives rows. */
final class Queries {
  private Queries() {}

  static QueryResult select(Context context, Statement statement) throws SQLException {
    String sql = SessionFunctions.sql(context.session(), statement);
    return context
        .transactions()
        .read(
            () -> {
              List<Column> columns = columns(context, statement, sql);
              if (context.request().describeOnly()) {
                return QueryResult.of(QueryResult.SELECT, columns, List.of());
              }
              return context.select(QueryResult.SELECT, sql, columns);
            });
  }

  /** The columns of a query as Snowflake describes them. */
  static List<Column> columns(Context context, Statement statement, String sql)
      throws SQLException {
    List<Column> columns = new ArrayList<>(context.describe(sql));
    SelectList list = SelectList.of(statement);
    if (list == null) {
      return columns;
    }
    List<String> names = list.names();
    if (names.size() == columns.size()) {
      for (int i = 0; i < names.size(); i++) {
        columns.set(i, columns.get(i).named(names.get(i)));
      }
    }
    if (!list.table().isEmpty()) {
      declare(context, list, columns);
    }
    return columns;
  }

  /** Gives columns that come straight from a table the type they were declared with. */
  private static void declare(Context context, SelectList list, List<Column> columns)
      throws SQLException {
    Map<String, StoredColumn> stored = new java.util.HashMap<>();
    TableName table = TableName.resolve(context.session(), list.table());
    for (StoredColumn column : StoredColumn.of(context, table)) {
      stored.put(column.name(), column);
    }
    List<String> sources = list.sources();
    boolean all = sources.size() != columns.size();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      StoredColumn from = stored.get(all ? column.name() : sources.get(i));
      boolean plain = from != null && (list.isStar() || !all);
      if (plain && from != null && from.duckType().equals(column.duckType())) {
        columns.set(i, column.declared(from.type(), from.nullable()));
      }
    }
  }
}
