package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.WarehouseOptions;
import dev.sheaf.pipelines.cli.Failure;
import dev.sheaf.pipelines.report.KeySummary;
import dev.sheaf.sandbox.snowflake.CsvLoadException;
import dev.sheaf.sandbox.snowflake.CsvLoader;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sandbox's Snowflake-compatible server in this JVM, reached by the real driver. */
final class LocalWarehouse implements AutoCloseable {
  static final String PREDICTIONS = "PREDICTIONS";
  static final String LEDGER = "TRAINING_RUNS";
  static final String BAD_RECORDS = "BAD_RECORDS";

  private static final Set<String> OWN_TABLES = Set.of(PREDICTIONS, LEDGER, BAD_RECORDS);
  private static final String USER = "SHEAF";
  private static final String DATABASE = "SHEAF";
  private static final String SCHEMA = "PUBLIC";
  private static final int SAMPLE_ROWS = 5;

  private final SnowflakeServer server;
  private final String password;
  private final Path passwordFile;

  private LocalWarehouse(SnowflakeServer server, String password, Path passwordFile) {
    this.server = server;
    this.password = password;
    this.passwordFile = passwordFile;
  }

  /** Starts a server that keeps its data in {@code file}; its password lies in {@code folder}. */
  static LocalWarehouse start(Path file, Path folder) {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Path passwordFile = folder.resolve("password");
    try {
      if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
        Files.createFile(
            passwordFile,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(passwordFile, password);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + passwordFile, e);
    }
    SnowflakeServer server =
        SnowflakeServer.at(file).withDatabase(DATABASE).withUser(USER, password).start();
    return new LocalWarehouse(server, password, passwordFile);
  }

  int port() {
    return server.port();
  }

  void configure(WarehouseOptions options) {
    options.setWarehouseUrl(server.jdbcUrl());
    options.setWarehouseUser(USER);
    options.setWarehousePassword("file:" + passwordFile);
    options.setWarehouseDatabase(DATABASE);
    options.setWarehouseSchema(SCHEMA);
  }

  /**
   * A table's name for a file: its own name in upper case, with underscores, told apart from the
   * demo's own tables.
   */
  static String tableName(Path file) {
    String stem = file.getFileName().toString().replaceFirst("(?i)\\.csv(\\.gz)?$", "");
    String name = stem.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
    if (name.isEmpty() || OWN_TABLES.contains(name)) {
      return name + "_DATA";
    }
    return name;
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  void load(Path file, String table, Progress progress) throws DemoException {
    try {
      CsvLoader.into(server)
          .withProgress(
              (read, loaded) ->
                  progress.update(
                      String.format(Locale.ROOT, "%,d rows of %s", read, file.getFileName())))
          .load(file, quoted(table));
    } catch (CsvLoadException e) {
      throw new DemoException(new Failure(Failure.FAILED, String.valueOf(e.getMessage())), e);
    }
  }

  long count(String table) {
    return number("select count(*) from " + quoted(table));
  }

  long countIfPresent(String table) {
    String present =
        "select count(*) from information_schema.tables where table_name = '" + table + "'";
    return number(present) == 0 ? 0 : count(table);
  }

  /** Keys in the column, matched without regard to case; NULL is none. */
  long countKeys(String table, String key) {
    String name = columns(table).stream().filter(key::equalsIgnoreCase).findFirst().orElse(key);
    return number("select count(distinct " + quoted(name) + ") from " + quoted(table));
  }

  List<String> columns(String table) {
    return query(
        "select * from " + quoted(table) + " limit 0",
        rows -> {
          List<String> names = new ArrayList<>();
          for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
            names.add(rows.getMetaData().getColumnName(i));
          }
          return names;
        });
  }

  /** The ledger's rows of keys, in their order: as numbers where all of them are. */
  List<KeySummary> keys(String version) {
    return ledger(version, "=");
  }

  /** The ledger's rows of groups, and of all rows. */
  List<KeySummary> fallback(String version) {
    return ledger(version, "<>");
  }

  private List<KeySummary> ledger(String version, String comparison) {
    String query =
        "select SCOPE, MODEL_KEY, ROW_COUNT, TRAIN_ROWS, HOLDOUT_ROWS, LOSS_NAME, LOSS,"
            + " BASELINE_LOSS, MAE, ACCURACY, TRAINER, STATUS, REASON, SECONDS from "
            + LEDGER
            + " where SCOPE "
            + comparison
            + " '"
            + KeySummary.KEY
            + "'";
    return query(
        query,
        rows -> {
          List<KeySummary> keys = new ArrayList<>();
          while (rows.next()) {
            keys.add(summary(rows, version));
          }
          keys.sort(keyOrder(keys));
          return keys;
        });
  }

  private static KeySummary summary(ResultSet rows, String version) throws SQLException {
    String status = rows.getString("STATUS");
    return new KeySummary(
        rows.getString("SCOPE"),
        rows.getString("MODEL_KEY"),
        rows.getLong("ROW_COUNT"),
        rows.getLong("TRAIN_ROWS"),
        rows.getLong("HOLDOUT_ROWS"),
        new KeySummary.Loss(
            rows.getString("LOSS_NAME"), nullable(rows, "LOSS"), nullable(rows, "BASELINE_LOSS")),
        nullable(rows, "MAE"),
        nullable(rows, "ACCURACY"),
        rows.getString("TRAINER"),
        status,
        String.valueOf(rows.getString("REASON")),
        rows.getDouble("SECONDS"),
        status.equals("TRAINED") ? version : null);
  }

  private static Comparator<KeySummary> keyOrder(List<KeySummary> keys) {
    boolean whole = keys.stream().allMatch(key -> key.key().matches("-?\\d{1,18}"));
    return whole
        ? Comparator.comparingLong(key -> Long.parseLong(key.key()))
        : Comparator.comparing(KeySummary::key);
  }

  private static @Nullable Double nullable(ResultSet rows, String column) throws SQLException {
    double value = rows.getDouble(column);
    return rows.wasNull() ? null : value;
  }

  /** Some predictions with a header, as text. */
  List<List<String>> samplePredictions() {
    return query(
        "select * exclude (LAYER, SCORED_AT) from " + PREDICTIONS + " limit " + SAMPLE_ROWS,
        rows -> {
          int columns = rows.getMetaData().getColumnCount();
          List<List<String>> lines = new ArrayList<>();
          List<String> header = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            header.add(rows.getMetaData().getColumnName(i));
          }
          lines.add(header);
          while (rows.next()) {
            List<String> line = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
              String value = rows.getString(i);
              line.add(value == null ? "" : value);
            }
            lines.add(line);
          }
          return lines;
        });
  }

  void exportPredictions(Path file) {
    query(
        "copy into '"
            + file
            + "' from "
            + PREDICTIONS
            + " file_format = (type = csv compression = none field_optionally_enclosed_by = '\"'"
            + " null_if = ()) single = true header = true overwrite = true",
        rows -> rows.next());
  }

  private long number(String query) {
    return query(query, rows -> rows.next() ? rows.getLong(1) : 0L);
  }

  private interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> T query(String sql, Reader<T> reader) {
    Properties properties = new Properties();
    properties.put("user", USER);
    properties.put("password", password);
    properties.put("db", DATABASE);
    properties.put("schema", SCHEMA);
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), properties);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return reader.read(rows);
    } catch (SQLException e) {
      throw new IllegalStateException("the local warehouse refused a query: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
