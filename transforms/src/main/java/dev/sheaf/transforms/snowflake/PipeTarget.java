package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The pipe that files go through, its stage, and the table at its end.
 *
 * @param pipe the pipe's full name
 * @param columns the columns that the rows' fields go to, in the fields' order
 * @param limit for how long a service that does not answer, or a load, is waited for
 */
record PipeTarget(TableLoad load, TableName pipe, List<Column> columns, Duration limit)
    implements Serializable {
  private static final Pattern PART = Pattern.compile("[A-Z_][A-Z0-9_$]*");
  private static final String OBJECT_DOES_NOT_EXIST = "02000";
  private static final int OBJECT_DOES_NOT_EXIST_CODE = 2003;

  PipeTarget {
    columns = List.copyOf(columns);
  }

  /** Completes the pipe's name and checks what can be checked before anything runs. */
  static PipeTarget of(TableLoad load, TableName pipe, Duration limit) {
    SnowflakeConnection connection = load.connection();
    if (!connection.hasKeyPair()) {
      throw new IllegalArgumentException(
          "Cannot write through pipe "
              + pipe
              + ": withKeyPair is required, Snowpipe takes no password.");
    }
    PipeTarget target = new PipeTarget(load, full(connection, pipe), load.target(), limit);
    try (Connection opened = connection.open()) {
      target.check(target.existing(opened));
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot write through pipe " + pipe, e);
    }
    return target;
  }

  private static TableName full(SnowflakeConnection connection, TableName pipe) {
    List<String> parts = new ArrayList<>(pipe.parts());
    if (parts.size() < 2) {
      parts.add(0, upper(connection.schema().orElse("")));
    }
    if (parts.size() < 3) {
      parts.add(0, upper(connection.database().orElse("")));
    }
    for (String part : parts) {
      if (!PART.matcher(part).matches()) {
        throw new IllegalArgumentException(
            "Cannot write through pipe "
                + pipe
                + ": database, schema and pipe must be names that need no quotes, given here or by"
                + " withDatabase and withSchema; found "
                + String.join(".", parts));
      }
    }
    return new TableName(parts);
  }

  private static String upper(String name) {
    return name.toUpperCase(java.util.Locale.ROOT);
  }

  SnowflakeConnection connection() {
    return load.connection();
  }

  /** The folder that belongs to the pipe. */
  String folder() {
    return connection().staging() + "sheaf-pipe-" + pipe + "/";
  }

  /** Where SnowflakeIO writes files, before they are the pipe's. */
  String written() {
    return folder() + "written/";
  }

  /** The stage: what lies here is loaded, or is to be loaded. */
  String pending() {
    return folder() + "pending/";
  }

  private TableName stage() {
    return pipe.sibling(pipe.parts().get(2) + "_STAGE");
  }

  String createStage() {
    String url = pending().replaceFirst("^gs://", "gcs://");
    return "CREATE STAGE IF NOT EXISTS "
        + pipe(stage())
        + " URL='"
        + url
        + "' STORAGE_INTEGRATION="
        + connection().storageIntegration();
  }

  String createPipe() {
    return "CREATE PIPE IF NOT EXISTS " + pipe(pipe) + " AS " + definition();
  }

  /**
   * The COPY that the pipe must be: the columns by name, in the format that rows are written in.
   */
  String definition() {
    boolean json = columns.stream().anyMatch(column -> column.type().kind().json());
    return "COPY INTO "
        + load.table().sql()
        + " ("
        + TableLoad.names(columns)
        + ") FROM "
        + (json ? "(SELECT " + parsed() + " FROM @" + pipe(stage()) + ")" : "@" + pipe(stage()))
        + " FILE_FORMAT=("
        + TableLoad.fileFormat(columns)
        + " DATE_FORMAT=AUTO TIME_FORMAT=AUTO TIMESTAMP_FORMAT=AUTO) ON_ERROR=SKIP_FILE";
  }

  private String parsed() {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      String field = "$" + (i + 1);
      values.add(column.type().kind().json() ? TableLoad.parsed(column, field) : field);
    }
    return String.join(", ", values);
  }

  /** A name that needs no quotes. */
  private static String pipe(TableName name) {
    return String.join(".", name.parts());
  }

  /** The pipe as requests name it. */
  String pipeName() {
    return pipe(pipe);
  }

  /** Creates what is missing, and checks what is there. */
  void prepare() {
    try (Connection opened = connection().open();
        Statement statement = opened.createStatement()) {
      if (load.create()) {
        statement.execute(load.createTable());
        statement.execute(createStage());
        statement.execute(createPipe());
      }
      @Nullable String found = existing(opened);
      if (found == null) {
        throw new SnowflakeException(
            SnowflakeException.Kind.STATEMENT,
            "Cannot write through pipe "
                + pipe
                + ": it does not exist; create it by: "
                + creation(),
            null);
      }
      check(found);
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot write through pipe " + pipe, e);
    }
  }

  private String creation() {
    return createStage() + "; " + createPipe();
  }

  /** The definition of the pipe that is there, or null. */
  private @Nullable String existing(Connection opened) throws SQLException {
    try (Statement statement = opened.createStatement();
        ResultSet rows = statement.executeQuery("DESCRIBE PIPE " + pipe(pipe))) {
      return rows.next() ? rows.getString("definition") : null;
    } catch (SQLException e) {
      if (OBJECT_DOES_NOT_EXIST.equals(e.getSQLState())
          || e.getErrorCode() == OBJECT_DOES_NOT_EXIST_CODE) {
        return null;
      }
      throw e;
    }
  }

  private void check(@Nullable String found) {
    if (found == null && !load.create()) {
      throw new IllegalArgumentException(
          "Cannot write through pipe "
              + pipe
              + ": it does not exist, and withoutCreate was given; create it by: "
              + creation());
    }
    if (found != null && !oneLine(found).equals(oneLine(definition()))) {
      throw new IllegalArgumentException(
          "Cannot write through pipe "
              + pipe
              + ": it must be "
              + definition()
              + ", found "
              + oneLine(found)
              + "; drop it, or name another pipe.");
    }
  }

  private static String oneLine(String sql) {
    return sql.strip().replaceAll("\\s+", " ").replaceFirst("\\s*;$", "");
  }
}
