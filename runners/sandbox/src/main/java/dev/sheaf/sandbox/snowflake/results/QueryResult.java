package dev.sheaf.sandbox.snowflake.results;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a statement.
 *
 * @param statementTypeId Snowflake's number for the kind of statement
 * @param rowset the first rows as a JSON array of arrays of text
 * @param returned rows in {@code rowset}
 * @param total rows in all
 * @param chunks the other rows
 * @param bindings bound values that the statement takes
 */
public record QueryResult(
    long statementTypeId,
    List<Column> columns,
    String rowset,
    long returned,
    long total,
    List<Chunk> chunks,
    int bindings) {
  public static final long SELECT = 0x1000;
  public static final long INSERT = 0x3100;
  public static final long UPDATE = 0x3200;
  public static final long DELETE = 0x3300;
  public static final long MERGE = 0x3400;
  public static final long COPY = 0x3600;
  public static final long UNLOAD = 0x3700;
  public static final long ALTER_SESSION = 0x4100;
  public static final long USE = 0x4300;
  public static final long SHOW = 0x4400;
  public static final long DESCRIBE = 0x4500;
  public static final long LIST = 0x4701;
  public static final long TRANSACTION = 0x5000;
  public static final long DDL = 0x6000;

  public QueryResult {
    columns = List.copyOf(columns);
    chunks = List.copyOf(chunks);
  }

  /** Rows to be fetched by a request of their own. */
  public record Chunk(String path, long rows, long uncompressedSize, long compressedSize) {}

  /** A result of a few rows that the server makes up. */
  public static QueryResult of(
      long statementTypeId, List<Column> columns, List<List<@Nullable String>> rows) {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < rows.size(); i++) {
      json.append(i == 0 ? "" : ",");
      appendRow(json, rows.get(i));
    }
    json.append(']');
    return new QueryResult(
        statementTypeId, columns, json.toString(), rows.size(), rows.size(), List.of(), 0);
  }

  private static void appendRow(StringBuilder json, List<@Nullable String> row) {
    json.append('[');
    for (int i = 0; i < row.size(); i++) {
      String value = row.get(i);
      json.append(i == 0 ? "" : ",");
      if (value == null) {
        json.append("null");
      } else {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, json);
        json.append('"');
      }
    }
    json.append(']');
  }

  /** The one row {@code status} that commands answer. */
  public static QueryResult status(long statementTypeId, String message) {
    return of(
        statementTypeId,
        List.of(Column.of("status", dev.sheaf.sandbox.snowflake.types.SnowflakeType.TEXT)),
        List.of(Arrays.asList(message)));
  }

  /** The same result for a statement with that many bound values. */
  public QueryResult withBindings(int count) {
    return new QueryResult(statementTypeId, columns, rowset, returned, total, chunks, count);
  }
}
