package dev.sheaf.sandbox.snowflake;

import dev.sheaf.sandbox.snowflake.CsvLoadException.Kind;
import dev.sheaf.sandbox.snowflake.copy.ColumnGuess;
import dev.sheaf.sandbox.snowflake.copy.CsvScanner;
import dev.sheaf.sandbox.snowflake.sql.Token;
import dev.sheaf.sandbox.snowflake.types.SnowflakeException;
import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads CSV files into tables of a running server, past the protocol.
 *
 * <p>A file is UTF-8, plain or gzipped (told by its content), with a header, commas, and double
 * quotes doubled inside quotes; line breaks and commas may stand in quotes. Column names become
 * upper case. Each column gets the narrowest of NUMBER(38,0), FLOAT, DATE, TIMESTAMP_NTZ and
 * BOOLEAN that fits <em>all</em> its values, else VARCHAR; numbers such as {@code 007} stay text.
 * An empty field is NULL, but an empty text in quotes in a VARCHAR column is an empty text. Empty
 * lines are passed over.
 *
 * <p>The table is made, or replaced, in one transaction; a file that cannot be loaded leaves it as
 * it was.
 *
 * <pre>{@code
 * long rows = CsvLoader.into(server).load(Path.of("sales.csv.gz"), "SALES");
 * }</pre>
 */
public final class CsvLoader {
  private static final Logger LOG = LoggerFactory.getLogger(CsvLoader.class);
  private static final int REPORT_ROWS = 50_000;

  private final SnowflakeServer server;
  private final Progress progress;

  /** Hears how far a load has come. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called on the loading thread: as the file is read, and at the end.
     *
     * @param read rows read and checked so far
     * @param loaded rows in the table so far: 0 until it is made, then all
     */
    void rows(long read, long loaded);
  }

  private CsvLoader(SnowflakeServer server, Progress progress) {
    this.server = server;
    this.progress = progress;
  }

  /** A loader into a server of this process. */
  public static CsvLoader into(SnowflakeServer server) {
    return new CsvLoader(server, (read, loaded) -> {});
  }

  /** The same loader with a listener. */
  public CsvLoader withProgress(Progress listener) {
    return new CsvLoader(server, listener);
  }

  /** What a first reading of a file has found. */
  private record Shape(
      Path file, boolean gzip, List<String> names, List<ColumnGuess> guesses, long rows) {}

  /**
   * Loads a file.
   *
   * @param table the table's name as SQL writes it, with or without database and schema
   * @return the rows of the table
   * @throws CsvLoadException where the file or the table is at fault
   */
  public long load(Path file, String table) {
    progress.rows(0, 0);
    Shape shape = read(file);
    String target = target(table);
    try (DuckDBConnection connection = server.warehouse().connect()) {
      execute(connection, "BEGIN TRANSACTION");
      long rows = fill(connection, shape, target);
      execute(connection, "COMMIT");
      progress.rows(rows, rows);
      return rows;
    } catch (SQLException e) {
      throw new CsvLoadException(
          Kind.TABLE, "cannot load " + file + " into " + table + ": " + oneLine(e), e);
    }
  }

  private static String oneLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private String target(String table) {
    List<String> name;
    try {
      name = dev.sheaf.sandbox.snowflake.sql.Statement.of(table).name(0);
    } catch (SnowflakeException e) {
      throw new CsvLoadException(
          Kind.TABLE,
          "cannot load into '" + table + "': a table's name is T, SCHEMA.T or DATABASE.SCHEMA.T",
          e);
    }
    int size = name.size();
    String database = size > 2 ? name.get(0) : server.warehouse().firstDatabase();
    String schema = size > 1 ? name.get(size - 2) : "PUBLIC";
    return Token.identifier(database)
        + "."
        + Token.identifier(schema)
        + "."
        + Token.identifier(name.get(size - 1));
  }

  private Shape read(Path file) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new CsvLoadException(
          Kind.UNREADABLE, "cannot load " + file + ": there is no such readable file", null);
    }
    long[] line = {1};
    try {
      boolean gzip = isGzip(file);
      try (CsvScanner scanner = open(file, gzip)) {
        return read(file, gzip, scanner, line);
      }
    } catch (CharacterCodingException e) {
      throw broken(file, line[0], "the text at or after it is not UTF-8", e);
    } catch (IOException e) {
      throw new CsvLoadException(Kind.UNREADABLE, "cannot load " + file + ": " + e.getMessage(), e);
    }
  }

  private static CsvScanner open(Path file, boolean gzip) throws IOException {
    return CsvScanner.open(file, gzip, StandardCharsets.UTF_8, ',', "\"", "");
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  private Shape read(Path file, boolean gzip, CsvScanner scanner, long[] line) throws IOException {
    List<String> names = header(file, scanner);
    List<ColumnGuess> guesses = new ArrayList<>();
    names.forEach(name -> guesses.add(new ColumnGuess()));
    long rows = 0;
    while (scanner.next()) {
      line[0] = scanner.line();
      if (scanner.isFaulty()) {
        throw broken(
            file, scanner.line(), "a quote is not closed, or text follows a closing quote", null);
      }
      if (scanner.isBlank()) {
        continue;
      }
      if (scanner.fields() != names.size()) {
        throw broken(
            file,
            scanner.line(),
            "it has " + scanner.fields() + " fields, the header " + names.size(),
            null);
      }
      for (int i = 0; i < guesses.size(); i++) {
        guesses.get(i).add(scanner.buffer(), scanner.start(i), scanner.end(i), scanner.isQuoted(i));
      }
      if (++rows % REPORT_ROWS == 0) {
        progress.rows(rows, 0);
      }
    }
    if (rows == 0) {
      throw new CsvLoadException(
          Kind.NO_ROWS, "cannot load " + file + ": it has a header and no rows", null);
    }
    progress.rows(rows, 0);
    return new Shape(file, gzip, names, guesses, rows);
  }

  private static CsvLoadException broken(
      Path file, long line, String what, @org.jspecify.annotations.Nullable Throwable cause) {
    return new CsvLoadException(
        Kind.BROKEN_LINE, "cannot load " + file + ", line " + line + ": " + what, cause);
  }

  private static List<String> header(Path file, CsvScanner scanner) throws IOException {
    if (!scanner.next() || (scanner.isBlank() && scanner.fields() == 1)) {
      throw new CsvLoadException(
          Kind.EMPTY, "cannot load " + file + ": it has no header line", null);
    }
    if (scanner.isFaulty()) {
      throw broken(file, 1, "a quote is not closed, or text follows a closing quote", null);
    }
    List<String> names = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < scanner.fields(); i++) {
      String name = scanner.text(i).replace("\ufeff", "").strip().toUpperCase(Locale.ROOT);
      if (name.isEmpty() || !taken.add(name)) {
        throw new CsvLoadException(
            Kind.HEADER,
            "cannot load "
                + file
                + ": column "
                + (i + 1)
                + " of the header "
                + (name.isEmpty() ? "has no name" : "is a second " + name + " in upper case"),
            null);
      }
      names.add(name);
    }
    return names;
  }

  private static void execute(DuckDBConnection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(DuckDBConnection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** By DuckDB's reader, and by the one of this class where the two do not agree. */
  private static long fill(DuckDBConnection connection, Shape shape, String target)
      throws SQLException {
    String create = "CREATE OR REPLACE TABLE " + target + " AS " + select(shape) + " FROM ";
    try {
      execute(connection, create + reader(shape));
      if (count(connection, target) == shape.rows()) {
        return shape.rows();
      }
      LOG.info("loading {} record by record: DuckDB's reader counts other rows", shape.file());
    } catch (SQLException e) {
      LOG.info("loading {} record by record: DuckDB's reader failed", shape.file(), e);
    }
    execute(connection, "ROLLBACK");
    execute(connection, "BEGIN TRANSACTION");
    stage(connection, shape);
    execute(connection, create + "temp.main.csv_stage");
    execute(connection, "DROP TABLE temp.main.csv_stage");
    return count(connection, target);
  }

  private static String reader(Shape shape) {
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < shape.names().size(); i++) {
      columns.append(i == 0 ? "" : ", ").append("'c").append(i).append("': 'VARCHAR'");
    }
    return "read_csv("
        + Token.string(shape.file().toString())
        + ", auto_detect=false, header=true, delim=',', quote='\"', escape='\"', nullstr='',"
        + " allow_quoted_nulls=false, strict_mode=true, max_line_size=4194304,"
        + " buffer_size=16777216, columns={"
        + columns
        + "}, compression="
        + (shape.gzip() ? "'gzip'" : "'none'")
        + ")";
  }

  private static String select(Shape shape) {
    StringBuilder select = new StringBuilder("SELECT ");
    for (int i = 0; i < shape.names().size(); i++) {
      ColumnGuess guess = shape.guesses().get(i);
      SnowflakeType type = guess.type();
      boolean text = type.kind() == SnowflakeType.Kind.TEXT;
      String value = guess.hasQuotedEmpty() && !text ? "NULLIF(c" + i + ", '')" : "c" + i;
      String cast =
          type.kind() == SnowflakeType.Kind.FIXED
              ? "COALESCE(CAST(TRY_CAST("
                  + value
                  + " AS BIGINT) AS DECIMAL(38,0)), CAST("
                  + value
                  + " AS DECIMAL(38,0)))"
              : "CAST(" + value + " AS " + type.duckType() + ")";
      select.append(i == 0 ? "" : ", ").append(cast).append(" AS ");
      select.append(Token.identifier(shape.names().get(i)));
    }
    return select.toString();
  }

  private static void stage(DuckDBConnection connection, Shape shape) throws SQLException {
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < shape.names().size(); i++) {
      columns.append(i == 0 ? "" : ", ").append("c").append(i).append(" VARCHAR");
    }
    execute(connection, "CREATE OR REPLACE TEMP TABLE csv_stage (" + columns + ")");
    try (CsvScanner scanner = open(shape.file(), shape.gzip());
        DuckDBAppender appender = connection.createAppender("temp", "main", "csv_stage")) {
      scanner.next();
      while (scanner.next()) {
        if (scanner.isBlank()) {
          continue;
        }
        appender.beginRow();
        for (int i = 0; i < shape.names().size(); i++) {
          boolean none = scanner.start(i) == scanner.end(i) && !scanner.isQuoted(i);
          if (none) {
            appender.appendNull();
          } else {
            appender.append(scanner.text(i));
          }
        }
        appender.endRow();
      }
    } catch (IOException e) {
      throw new SQLException("the file has changed while it was loaded: " + e.getMessage(), e);
    }
  }
}
