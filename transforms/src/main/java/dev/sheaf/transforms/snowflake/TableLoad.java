package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads staged files into a table, in one transaction.
 *
 * <p>SnowflakeIO's own COPY INTO names no columns, so that a table must have exactly the rows'
 * columns in their order, and reads the text {@code \N} as NULL; this one does neither. JSON
 * columns are loaded as text into a table of their own and parsed from there, because a COPY that
 * transforms needs a named stage.
 */
record TableLoad(
    SnowflakeConnection connection, TableName table, Schema schema, WriteMode mode, boolean create)
    implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(TableLoad.class);

  /** The most files that one COPY INTO may name. */
  private static final int FILES_PER_COPY = 1000;

  private static final String OBJECT_DOES_NOT_EXIST = "42S02";
  private static final int OBJECT_DOES_NOT_EXIST_CODE = 2003;

  /** The columns that the rows' fields go to, in the fields' order. */
  List<Column> target() {
    try (Connection opened = connection.open()) {
      return target(opened);
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot write to table " + table, e);
    }
  }

  private List<Column> target(Connection opened) throws SQLException {
    @Nullable List<Column> existing = existing(opened);
    if (existing == null) {
      if (!create) {
        throw new SnowflakeException(
            SnowflakeException.Kind.STATEMENT,
            "Cannot write to table " + table + ": it does not exist, and withoutCreate was given.",
            null);
      }
      return created();
    }
    if (mode == WriteMode.EMPTY) {
      refuseRows(opened);
    }
    return matched(existing);
  }

  private @Nullable List<Column> existing(Connection opened) throws SQLException {
    try (PreparedStatement statement = opened.prepareStatement("SELECT * FROM " + table.sql())) {
      return Column.of(statement.getMetaData());
    } catch (SQLException e) {
      if (OBJECT_DOES_NOT_EXIST.equals(e.getSQLState())
          || e.getErrorCode() == OBJECT_DOES_NOT_EXIST_CODE) {
        return null;
      }
      throw e;
    }
  }

  /** What makes the table where it is missing. */
  String createTable() {
    return createTable("TABLE IF NOT EXISTS", table, created());
  }

  private List<Column> created() {
    List<Column> columns = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      boolean nullable = Boolean.TRUE.equals(field.getType().getNullable());
      columns.add(new Column(field.getName(), FieldFamily.columnType(field), nullable));
    }
    return columns;
  }

  private List<Column> matched(List<Column> existing) {
    List<Column> columns = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      Column column = column(field, existing);
      FieldFamily family = FieldFamily.of(field);
      if (!family.fits(column.type())) {
        throw new IllegalArgumentException(
            "Cannot write field "
                + field.getName()
                + " of type "
                + field.getType().getTypeName()
                + " to column "
                + column.name()
                + " of table "
                + table
                + ": the column is "
                + column.type()
                + ", valid are "
                + family.kinds()
                + ".");
      }
      if (columns.contains(column)) {
        throw new IllegalArgumentException(
            "Cannot write to table " + table + ": two fields go to column " + column.name() + ".");
      }
      columns.add(column);
    }
    return columns;
  }

  private Column column(Schema.Field field, List<Column> existing) {
    List<Column> alike =
        existing.stream().filter(c -> c.name().equalsIgnoreCase(field.getName())).toList();
    for (Column column : alike) {
      if (column.name().equals(field.getName())) {
        return column;
      }
    }
    if (alike.size() != 1) {
      throw new IllegalArgumentException(
          "Cannot write field "
              + field.getName()
              + ": table "
              + table
              + " has "
              + (alike.isEmpty() ? "no such column" : "several such columns")
              + ", its columns are "
              + existing.stream().map(Column::name).collect(Collectors.joining(", "))
              + ".");
    }
    return alike.get(0);
  }

  private void refuseRows(Connection opened) throws SQLException {
    try (Statement statement = opened.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table.sql())) {
      if (rows.next() && rows.getLong(1) > 0) {
        throw new SnowflakeException(
            SnowflakeException.Kind.STATEMENT,
            String.format(
                Locale.ROOT,
                "Cannot write to table %s in mode EMPTY: it has %,d rows.",
                table,
                rows.getLong(1)),
            null);
      }
    }
  }

  /**
   * Creates the table if it may, and loads the files into it, all or nothing.
   *
   * <p>A runner may repeat this after a COMMIT that it did not learn of. TRUNCATE then replaces the
   * rows by the same ones; EMPTY fails, because of the rows; APPEND leaves it to the service to
   * skip the files that it has loaded, and loads rows with JSON columns once more, because the
   * service remembers files per table and theirs went through one that is gone.
   */
  void load(String folder, List<String> files, List<Column> columns) {
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement()) {
      if (create) {
        statement.execute(createTable());
      }
      if (!target(opened).equals(columns)) {
        throw new SnowflakeException(
            SnowflakeException.Kind.STATEMENT,
            "Cannot write to table " + table + ": its columns changed while the pipeline ran.",
            null);
      }
      if (columns.stream().anyMatch(column -> column.type().kind().json())) {
        loadParsed(statement, folder, files, columns);
      } else {
        inTransaction(statement, () -> copy(statement, table, folder, files, columns));
      }
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot write to table " + table, e);
    }
  }

  private void loadParsed(
      Statement statement, String folder, List<String> files, List<Column> columns)
      throws SQLException {
    TableName texts = table.sibling("SHEAF_LOAD_" + UUID.randomUUID().toString().replace('-', '_'));
    List<Column> loaded = new ArrayList<>();
    List<String> parsed = new ArrayList<>();
    for (Column column : columns) {
      boolean json = column.type().kind().json();
      ColumnType type = json ? ColumnType.of(ColumnType.Kind.VARCHAR) : column.type();
      loaded.add(new Column(column.name(), type, column.nullable()));
      parsed.add(json ? parse(column) : column.quoted());
    }
    statement.execute(createTable("TRANSIENT TABLE", texts, loaded));
    try {
      copy(statement, texts, folder, files, loaded);
      String insert =
          "INSERT INTO "
              + table.sql()
              + " ("
              + names(columns)
              + ") SELECT "
              + String.join(", ", parsed)
              + " FROM "
              + texts.sql();
      inTransaction(statement, () -> statement.execute(insert));
    } catch (SQLException | RuntimeException e) {
      try {
        drop(statement, texts);
      } catch (SQLException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
    try {
      drop(statement, texts);
    } catch (SQLException e) {
      // The rows are committed: failing now would have the runner load them again.
      LOG.warn("Table {} is loaded, but the table {} is left behind.", table, texts, e);
    }
  }

  private static void drop(Statement statement, TableName texts) throws SQLException {
    statement.execute("DROP TABLE IF EXISTS " + texts.sql());
  }

  /** The JSON that a column's text is, as the column holds it. */
  private static String parse(Column column) {
    return parsed(column, column.quoted());
  }

  /** The JSON that a text is, as the column holds it. */
  static String parsed(Column column, String text) {
    String json = "PARSE_JSON(" + text + ")";
    return column.type().kind() == ColumnType.Kind.VARIANT
        ? json
        : json + "::" + column.type().kind();
  }

  /** Statements that take effect together. */
  private interface Statements {
    void run() throws SQLException;
  }

  private void inTransaction(Statement statement, Statements statements) throws SQLException {
    statement.execute("BEGIN");
    try {
      if (mode == WriteMode.TRUNCATE) {
        // TRUNCATE would commit at once; DELETE keeps the old rows if the load fails.
        statement.execute("DELETE FROM " + table.sql());
      }
      statements.run();
      statement.execute("COMMIT");
    } catch (SQLException | RuntimeException e) {
      try {
        statement.execute("ROLLBACK");
      } catch (SQLException rollback) {
        e.addSuppressed(rollback);
      }
      throw e;
    }
  }

  private void copy(
      Statement statement, TableName into, String folder, List<String> files, List<Column> columns)
      throws SQLException {
    for (int start = 0; start < files.size(); start += FILES_PER_COPY) {
      List<String> some = files.subList(start, Math.min(files.size(), start + FILES_PER_COPY));
      statement.execute(copyInto(into, folder, some, columns));
    }
  }

  /** A COPY that skips files which the table got before only where the rows are still there. */
  String copyInto(TableName into, String folder, List<String> files, List<Column> columns) {
    boolean skips = into.equals(table) && mode != WriteMode.TRUNCATE;
    return "COPY INTO "
        + into.sql()
        + " ("
        + names(columns)
        + ") FROM '"
        + folder.replaceFirst("^gs://", "gcs://")
        + "' FILES=("
        + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", "))
        + ") FILE_FORMAT=("
        + fileFormat(columns)
        + ") STORAGE_INTEGRATION="
        + connection.storageIntegration()
        + (skips ? "" : " FORCE=TRUE");
  }

  /** The format of the lines that {@link RowEncoder} writes. */
  static String fileFormat(List<Column> columns) {
    return "TYPE=CSV COMPRESSION=GZIP FIELD_OPTIONALLY_ENCLOSED_BY='0x27'"
        + " ESCAPE_UNENCLOSED_FIELD=NONE NULL_IF=() EMPTY_FIELD_AS_NULL=TRUE BINARY_FORMAT=HEX"
        + (columns.size() == 1 ? " ERROR_ON_COLUMN_COUNT_MISMATCH=FALSE" : "");
  }

  private static String createTable(String what, TableName table, List<Column> columns) {
    return "CREATE "
        + what
        + " "
        + table.sql()
        + " ("
        + columns.stream()
            .map(c -> c.quoted() + " " + c.type().sql() + (c.nullable() ? "" : " NOT NULL"))
            .collect(Collectors.joining(", "))
        + ")";
  }

  static String names(List<Column> columns) {
    return columns.stream().map(Column::quoted).collect(Collectors.joining(", "));
  }
}
