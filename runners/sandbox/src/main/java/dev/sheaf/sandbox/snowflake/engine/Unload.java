package dev.sheaf.sandbox.snowflake.engine;

import dev.sheaf.sandbox.snowflake.copy.CopyOptions;
import dev.sheaf.sandbox.snowflake.copy.CsvFormat;
import dev.sheaf.sandbox.snowflake.copy.Location;
import dev.sheaf.sandbox.snowflake.results.Column;
import dev.sheaf.sandbox.snowflake.results.QueryResult;
import dev.sheaf.sandbox.snowflake.sql.Statement;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * COPY INTO a location: DuckDB writes the files, several at a time, into a hidden folder beside
 * their place, from which they are moved when all are whole.
 */
final class Unload {
  /** About 12 files for a million rows of seven columns, so that readers can share the work. */
  private static final long FILE_BYTES = 1_500_000;

  /** How far beyond its limit DuckDB may fill a file. */
  private static final long OVERSHOOT = 300_000;

  private static final long DEFAULT_MAX = 16L << 20;

  private final Context context;
  private final Location location;
  private final CsvFormat format;
  private final CopyOptions options;
  private final String source;
  private final List<Column> columns;

  private Unload(
      Context context,
      Location location,
      CopyOptions options,
      String source,
      List<Column> columns) {
    this.context = context;
    this.location = location;
    this.options = options;
    this.format = CsvFormat.of(options);
    this.source = source;
    this.columns = columns;
  }

  static QueryResult run(Context context, Statement statement) throws SQLException {
    if (!statement.hasWords(3, "FROM")) {
      throw SnowflakeException.syntax("syntax error line 1: COPY INTO a location needs FROM.");
    }
    int end;
    Statement query;
    if (statement.hasSymbol(4, "(")) {
      end = statement.closing(4) + 1;
      query = statement.part(5, end - 1);
    } else {
      end = statement.nameEnd(4);
      TableName table = TableName.resolve(context.session(), statement.name(4));
      StoredColumn.required(context, table);
      boolean own = statement.name(4).size() == 1;
      query =
          Statement.of("SELECT * FROM " + (own ? Token.identifier(table.table()) : table.sql()));
    }
    CopyOptions options = CopyOptions.parse(statement.from(end));
    String sql = SessionFunctions.sql(context.session(), query);
    List<Column> columns = context.transactions().read(() -> Queries.columns(context, query, sql));
    Unload unload =
        new Unload(context, Stages.location(context, statement.at(2)), options, sql, columns);
    if (context.request().describeOnly()) {
      return result(0, 0, 0);
    }
    return context.transactions().read(unload::write);
  }

  private QueryResult write() throws SQLException {
    boolean single = options.isTrue("SINGLE", "FALSE");
    Path folder = location.folder();
    Path hidden = folder.resolve(".unload-" + UUID.randomUUID());
    try {
      Files.createDirectories(hidden);
      try {
        Path target = single ? hidden.resolve("data_0" + extension()) : hidden;
        long rows = context.update(copy(target, single));
        return rows == 0 ? result(0, 0, 0) : publish(hidden, single, rows);
      } finally {
        delete(hidden);
      }
    } catch (IOException e) {
      throw new SnowflakeException(
          100016, "22000", "Cannot write to '" + folder + "': " + e.getMessage(), e);
    }
  }

  private String copy(Path target, boolean single) {
    StringBuilder select = new StringBuilder("SELECT ");
    StringBuilder aliases = new StringBuilder();
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      String name = Token.identifier(format.header() ? column.name() : "c" + i);
      select.append(i == 0 ? "" : ", ").append(text("c" + i, column)).append(" AS ").append(name);
      aliases.append(i == 0 ? "" : ", ").append("c").append(i);
      if (isText(column.type())) {
        quoted.append(quoted.length() == 0 ? "" : ", ").append(name);
      }
    }
    long max = options.number("MAX_FILE_SIZE", DEFAULT_MAX);
    long size = Math.max(1, Math.min(FILE_BYTES, max > 2 * OVERSHOOT ? max - OVERSHOOT : max / 2));
    return "COPY ("
        + select
        + " FROM ("
        + source
        + ") AS s("
        + aliases
        + ")) TO "
        + Token.string(target.toString())
        + " ("
        + format.duckWriteOptions(quoted.toString())
        + (single
            ? ""
            : ", PER_THREAD_OUTPUT true, OVERWRITE_OR_IGNORE true, FILE_SIZE_BYTES " + size)
        + ")";
  }

  private static boolean isText(SnowflakeType type) {
    return switch (type.kind()) {
      case TEXT, BINARY, VARIANT, OBJECT, ARRAY -> true;
      default -> false;
    };
  }

  /** The column's value in the form that Snowflake writes. */
  private String text(String name, Column column) {
    String value =
        switch (column.type().kind()) {
          case FIXED, BOOLEAN, DATE -> name;
          case VARIANT, OBJECT, ARRAY -> "sf_to_json(" + name + ")";
          case TIMESTAMP_NTZ -> "strftime(" + name + ", '%Y-%m-%d %H:%M:%S.%g')";
          default -> column.duckType().equals("VARCHAR") ? name : "sf_text(" + name + ")";
        };
    boolean bare = format.enclosure().isEmpty() && isText(column.type());
    if (!bare) {
      return value;
    }
    String escaped = "replace(" + value + ", '\\', '\\\\')";
    escaped =
        "replace("
            + escaped
            + ", "
            + Token.string(format.delimiter())
            + ", "
            + Token.string("\\" + format.delimiter())
            + ")";
    return "replace(" + escaped + ", chr(10), '\\' || chr(10))";
  }

  private String extension() {
    return format.writesGzip() ? ".csv.gz" : ".csv";
  }

  private QueryResult publish(Path hidden, boolean single, long rows) throws IOException {
    boolean overwrite = options.isTrue("OVERWRITE", "FALSE");
    List<Path> files;
    try (Stream<Path> found = Files.list(hidden)) {
      files = found.sorted().toList();
    }
    String prefix = location.prefix().isEmpty() ? "data" : location.prefix();
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      Path target =
          location.folder().resolve(single ? prefix : prefix + "_0_" + i + "_0" + extension());
      if (!overwrite && Files.exists(target)) {
        throw new SnowflakeException(
            1030,
            "22000",
            "Files already existing at the unload destination: "
                + target
                + ". Use overwrite option to force unloading.");
      }
    }
    for (int i = 0; i < files.size(); i++) {
      String name = single ? prefix : prefix + "_0_" + i + "_0" + extension();
      bytes += Files.size(files.get(i));
      Files.move(
          files.get(i),
          location.folder().resolve(name),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    return result(rows, bytes, bytes);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      for (Path file : found.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static QueryResult result(long rows, long input, long output) {
    SnowflakeType number = SnowflakeType.number(38, 0);
    return QueryResult.of(
        QueryResult.UNLOAD,
        List.of(
            Column.of("rows_unloaded", number),
            Column.of("input_bytes", number),
            Column.of("output_bytes", number)),
        List.of(Arrays.asList(Long.toString(rows), Long.toString(input), Long.toString(output))));
  }
}
