package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import java.sql.SQLException;
import java.util.List;

/** ALTER TABLE: rename, and add, drop or rename a column. */
final class AlterTable {
  private AlterTable() {}

  static void run(Context context, Statement statement) throws SQLException {
    int at = statement.hasWords(2, "IF", "EXISTS") ? 4 : 2;
    TableName table = TableName.resolve(context.session(), statement.name(at));
    StoredColumn.required(context, table);
    int i = statement.nameEnd(at);
    String alter = "ALTER TABLE " + table.sql() + " ";
    if (statement.hasWords(i, "RENAME", "TO")) {
      List<String> name = statement.name(i + 2);
      Definitions.write(
          context, alter + "RENAME TO " + Token.identifier(name.get(name.size() - 1)));
    } else if (statement.hasWords(i, "RENAME", "COLUMN")) {
      Definitions.write(
          context,
          alter
              + "RENAME COLUMN "
              + Token.identifier(statement.at(i + 2).text())
              + " TO "
              + Token.identifier(statement.at(i + 4).text()));
    } else if (statement.hasWords(i, "DROP")) {
      int name = statement.hasWords(i + 1, "COLUMN") ? i + 2 : i + 1;
      Definitions.write(
          context, alter + "DROP COLUMN " + Token.identifier(statement.at(name).text()));
    } else if (statement.hasWords(i, "ADD")) {
      add(context, table, statement.from(statement.hasWords(i + 1, "COLUMN") ? i + 2 : i + 1));
    } else {
      throw SnowflakeException.unsupported(
          "ALTER TABLE " + (i < statement.size() ? statement.at(i).text() : ""));
    }
  }

  private static void add(Context context, TableName table, Statement definitions)
      throws SQLException {
    for (ColumnDefinition column : ColumnDefinition.parse(definitions)) {
      context
          .transactions()
          .write(
              Definitions.CATALOG_LOCK,
              context.running(),
              () -> {
                context.update("ALTER TABLE " + table.sql() + " ADD COLUMN " + column.sql());
                return column.comment().isEmpty()
                    ? 0L
                    : context.update(
                        "COMMENT ON COLUMN "
                            + table.sql()
                            + "."
                            + Token.identifier(column.name())
                            + " IS "
                            + Token.string(column.comment()));
              });
    }
  }
}
