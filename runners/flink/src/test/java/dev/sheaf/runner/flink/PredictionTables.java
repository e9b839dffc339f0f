package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sheaf.sandbox.warehouse.WarehouseProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;

/** The tables that both layers write to, and the view over them. */
final class PredictionTables {
  private static final String STREAM = "PREDICTIONS_STREAM";
  private static final String BATCH = "PREDICTIONS";
  private static final String VIEW = "PREDICTIONS_CURRENT";
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final WarehouseProcess warehouse;
  private final Path staging;

  PredictionTables(WarehouseProcess warehouse, Path staging) {
    this.warehouse = warehouse;
    this.staging = staging;
  }

  /** What a stream needs to write to its table. */
  List<String> options() {
    List<String> options = login();
    options.addAll(
        List.of(
            "--warehousePrivateKey=file:" + warehouse.privateKeyFile(),
            "--staging=" + staging + "/",
            "--targetTable=" + STREAM,
            "--flushSeconds=2"));
    return options;
  }

  private List<String> login() {
    return new ArrayList<>(
        List.of(
            "--warehouseUrl=" + warehouse.jdbcUrl(),
            "--warehouseUser=" + WarehouseProcess.USER,
            "--warehouseDatabase=" + WarehouseProcess.DATABASE));
  }

  /** Makes the view, over a batch layer that has caught up with nothing. */
  void createView(Commands commands) throws SQLException, IOException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create table %s as select * from %s where 1 = 0".formatted(BATCH, STREAM));
    }
    List<String> command = new ArrayList<>(List.of("view", "--create", "--eventId=SALE_ID"));
    command.addAll(login());
    command.add("--warehousePassword=file:" + warehouse.passwordFile());
    commands.direct(command);
  }

  /**
   * How many rows there are.
   *
   * @param events in the view
   * @param rows of the view
   * @param loaded rows of the stream layer's table
   */
  record Counts(long events, long rows, long loaded) {}

  /** Counts once the view has as many events. */
  Counts await(long events, Duration limit) throws SQLException, IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      Counts counts = count();
      if (counts.events() >= events) {
        return counts;
      }
      if (System.nanoTime() > end) {
        return fail("not all of " + events + " events are in the view in time: " + counts);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private Counts count() throws SQLException, IOException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            Objects.requireNonNull(
                statement.executeQuery(
                    "select count(distinct SALE_ID), count(*), (select count(*) from %s) from %s"
                        .formatted(STREAM, VIEW)))) {
      rows.next();
      return new Counts(rows.getLong(1), rows.getLong(2), rows.getLong(3));
    }
  }

  private Connection connect() throws SQLException, IOException {
    Properties login = new Properties();
    login.put("user", WarehouseProcess.USER);
    login.put("password", Files.readString(warehouse.passwordFile()).strip());
    login.put("db", WarehouseProcess.DATABASE);
    login.put("schema", "PUBLIC");
    return DriverManager.getConnection(warehouse.jdbcUrl(), login);
  }
}
