package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A column of a table: the type it was declared with and how DuckDB keeps it. */
record StoredColumn(
    String name,
    SnowflakeType type,
    boolean nullable,
    @Nullable String defaultSql,
    String duckType,
    @Nullable String remark) {

  /** The columns of a table or view in order, none where it is missing; temporary ones first. */
  static List<StoredColumn> of(Context context, TableName table) throws SQLException {
    String where =
        " WHERE table_name = "
            + Token.string(table.table())
            + " AND (database_name = "
            + Token.string(table.database())
            + " AND schema_name = "
            + Token.string(table.schema())
            + " OR database_name = 'temp')";
    List<List<@Nullable String>> rows =
        context.rows(
            "SELECT column_name, data_type, CAST(is_nullable AS VARCHAR), column_default,"
                + " sf_declared(comment), sf_remark(comment), database_name FROM duckdb_columns()"
                + where
                + " ORDER BY database_name = 'temp' DESC, column_index");
    List<StoredColumn> columns = new ArrayList<>();
    String source = null;
    for (List<@Nullable String> row : rows) {
      if (source != null && !source.equals(row.get(6))) {
        break;
      }
      source = row.get(6);
      columns.add(column(row));
    }
    return columns;
  }

  private static StoredColumn column(List<@Nullable String> row) {
    String duckType = String.valueOf(row.get(1));
    String declared = row.get(4);
    SnowflakeType type =
        declared == null || declared.isEmpty()
            ? SnowflakeType.ofDuck(duckType)
            : SnowflakeType.declared(declared);
    return new StoredColumn(
        String.valueOf(row.get(0)),
        type,
        "true".equals(row.get(2)),
        row.get(3),
        duckType,
        row.get(5));
  }

  /** The columns of a table that must be there. */
  static List<StoredColumn> required(Context context, TableName table) throws SQLException {
    List<StoredColumn> columns = of(context, table);
    if (columns.isEmpty()) {
      throw new SnowflakeException(
          2003,
          "42S02",
          "SQL compilation error:\nObject '" + table + "' does not exist or not authorized.");
    }
    return columns;
  }

  /** The columns of the given names, in their order. */
  static List<StoredColumn> named(List<StoredColumn> columns, List<String> names) {
    List<StoredColumn> found = new ArrayList<>();
    for (String name : names) {
      found.add(
          columns.stream()
              .filter(c -> c.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new SnowflakeException(
                          904,
                          "42000",
                          "SQL compilation error: error line 1\ninvalid identifier '"
                              + name
                              + "'")));
    }
    return found;
  }
}
