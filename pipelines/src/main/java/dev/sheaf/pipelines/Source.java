package dev.sheaf.pipelines;

import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;

/** The rows to read: a table or a query, and its columns as the warehouse describes them. */
record Source(String query, Schema schema) {

  /**
   * Asks the warehouse for the columns.
   *
   * @throws OptionException when neither or both of table and query are given
   */
  static Source of(SourceOptions options, SnowflakeConnection connection) {
    String table = options.getSourceTable();
    String query = options.getSourceQuery();
    if ((table == null) == (query == null)) {
      throw new OptionException("give one of --sourceTable and --sourceQuery");
    }
    String all = query != null ? query : "select * from " + table;
    return new Source(all, connection.describe(all));
  }

  /** A query for some of the columns, which need not be distinct. */
  String select(Collection<String> columns) {
    String list =
        columns.stream()
            .distinct()
            .map(column -> '"' + column.replace("\"", "\"\"") + '"')
            .collect(Collectors.joining(", "));
    return "select " + list + " from (" + query + ")";
  }
}
