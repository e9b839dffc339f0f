package dev.sheaf.pipelines;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.transforms.rows.RowColumn;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;

/** The rows to read: a table or a query, and its columns as the warehouse describes them. */
record Source(SnowflakeConnection connection, String query, Schema schema) {

  /**
   * Asks the warehouse for the columns and for a first row.
   *
   * @throws OptionException when neither or both of table and query are given
   * @throws IllegalStateException when there is no row
   */
  static Source of(SourceOptions options, SnowflakeConnection connection) {
    String table = options.getSourceTable();
    String query = options.getSourceQuery();
    if ((table == null) == (query == null)) {
      throw new OptionException("give one of --sourceTable and --sourceQuery");
    }
    String all = query != null ? withoutSemicolon(query) : "select * from " + table;
    Source source = new Source(connection, all, connection.describe(all));
    if (source.first("select 1 from " + source.nested() + " limit 1").isEmpty()) {
      throw new IllegalStateException(
          table != null ? "the table " + table + " has no rows" : "the query has no rows: " + all);
    }
    return source;
  }

  private static String withoutSemicolon(String query) {
    return query.strip().replaceAll(";+$", "");
  }

  /** The query in brackets, with line breaks so that it may end in a comment. */
  private String nested() {
    return "(\n" + query + "\n)";
  }

  /** A query for some of the columns, which need not be distinct. */
  String select(Collection<String> columns) {
    String list = columns.stream().distinct().map(Source::quoted).collect(Collectors.joining(", "));
    return "select " + list + " from " + nested();
  }

  private static String quoted(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }

  /**
   * Looks into the text columns among those given: a few values that are no numbers are bad rows, a
   * column without any number is a wrong option.
   *
   * @throws OptionException when a text column has values, and none is a number
   */
  void checkNumbers(String option, List<String> columns) {
    checkCast(option, columns, "float", "number");
  }

  /** As {@link #checkNumbers}, for dates. */
  void checkDates(String option, List<String> columns) {
    checkCast(option, columns, "date", "date");
  }

  /** As {@link #checkNumbers}, for points in time. */
  void checkTimes(String option, List<String> columns) {
    checkCast(option, columns, "timestamp_ntz", "date and time");
  }

  private void checkCast(String option, List<String> columns, String type, String name) {
    for (String each : columns) {
      RowColumn column = RowColumn.find(schema, each, option);
      if (column.kind().filter(ColumnKind.TEXT::equals).isPresent()) {
        String text = quoted(column.name());
        Optional<String> found =
            first(
                String.format(
                    "select max(%s) from %s where %s is not null having count(try_cast(%s as"
                        + " %s)) = 0 and count(*) > 0",
                    text, nested(), text, text, type));
        if (found.isPresent()) {
          throw new OptionException(
              String.format(
                  "%s: \"%s\" holds text that is no %s, such as \"%s\"",
                  option, column.name(), name, found.get()));
        }
      }
    }
  }

  /** The first value of the first row, if there is a row. */
  private Optional<String> first(String sql) {
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.of(String.valueOf(rows.getString(1))) : Optional.empty();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "the warehouse refused a query: " + e.getMessage() + "; the query: " + sql, e);
    }
  }
}
