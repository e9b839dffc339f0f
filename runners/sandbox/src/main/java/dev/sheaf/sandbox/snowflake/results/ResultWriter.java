package dev.sheaf.sandbox.snowflake.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes the rows of a DuckDB query: the first ones to send at once, the rest as chunks. */
public final class ResultWriter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int FIRST_BYTES = 256 << 10;
  private static final int CHUNK_BYTES = 4 << 20;

  private final ChunkStore store;
  private final String owner;

  /**
   * @param owner whose chunks these are; they go when the owner's session does
   */
  public ResultWriter(ChunkStore store, String owner) {
    this.store = store;
    this.owner = owner;
  }

  /** The query to run so that {@link #write} can read every column without loss. */
  public static String readable(String query, List<Column> columns) {
    if (columns.stream().noneMatch(column -> column.duckType().startsWith("STRUCT(utc"))) {
      return query;
    }
    StringBuilder select = new StringBuilder("SELECT ");
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      String name = "c" + i;
      select.append(i == 0 ? "" : ", ");
      names.append(i == 0 ? "" : ", ").append(name);
      String type = columns.get(i).duckType();
      if (type.equals(SnowflakeType.LTZ_STRUCT) || type.equals(SnowflakeType.TZ_STRUCT)) {
        select.append("epoch_us(").append(name).append(".utc) || ' ' || ").append(name);
        select.append(".nanos");
        if (type.equals(SnowflakeType.TZ_STRUCT)) {
          select.append(" || ' ' || ").append(name).append(".\"minutes\"");
        }
      } else {
        select.append(name);
      }
    }
    return select + " FROM (" + query + ") AS r(" + names + ")";
  }

  /** Reads all rows. */
  public QueryResult write(long statementTypeId, List<Column> columns, ResultSet rows)
      throws SQLException, IOException {
    ValueText[] readers = new ValueText[columns.size()];
    for (int i = 0; i < readers.length; i++) {
      String type = columns.get(i).duckType();
      readers[i] = type.startsWith("STRUCT(utc") ? ValueText.instant() : ValueText.of(type);
    }
    List<QueryResult.Chunk> chunks = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean[] more = {true};
    long first = fill(bytes, readers, rows, FIRST_BYTES, more);
    String rowset = "[" + bytes.toString(StandardCharsets.UTF_8) + "]";
    long total = first;
    while (more[0]) {
      bytes.reset();
      long count = fill(bytes, readers, rows, CHUNK_BYTES, more);
      if (count > 0) {
        chunks.add(store.add(owner, bytes, count));
        total += count;
      }
    }
    return new QueryResult(statementTypeId, columns, rowset, first, total, chunks, 0);
  }

  /** Writes rows up to a size; {@code more} says whether the result has not ended. */
  private static long fill(
      ByteArrayOutputStream bytes, ValueText[] readers, ResultSet rows, int limit, boolean[] more)
      throws SQLException, IOException {
    long count = 0;
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString(","));
      while (true) {
        if (count % 64 == 63) {
          json.flush();
        }
        if (bytes.size() >= limit) {
          return count;
        }
        if (!rows.next()) {
          more[0] = false;
          return count;
        }
        json.writeStartArray();
        for (int i = 0; i < readers.length; i++) {
          String value = readers[i].read(rows, i + 1);
          if (value == null) {
            json.writeNull();
          } else {
            json.writeString(value);
          }
        }
        json.writeEndArray();
        count++;
      }
    }
  }
}
