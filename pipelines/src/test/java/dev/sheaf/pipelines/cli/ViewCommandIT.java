package dev.sheaf.pipelines.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf view} against the sandbox. */
final class ViewCommandIT {
  private static final String COLUMNS =
      " (EVENT_ID varchar, PREDICTION float, MODEL_VERSION varchar, SCORED_AT timestamp_ltz)";

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private SnowflakeServer server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Connection connection;

  private record Ran(int exitCode, String out, String err) {}

  @BeforeEach
  void tables() throws Exception {
    server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();
    Properties login = new Properties();
    login.setProperty("user", "sheaf");
    login.setProperty("password", "pw");
    connection = DriverManager.getConnection(server.jdbcUrl(), login);
    Files.writeString(folder.resolve("password"), "pw");
    execute("create table PREDICTIONS" + COLUMNS);
    execute("create table PREDICTIONS_STREAM" + COLUMNS);
    execute("insert into PREDICTIONS values ('7', 0.5, 'v1', '2026-01-01 00:00:00')");
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    server.close();
  }

  private void execute(String sql) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String one(String sql) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private Ran view(String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "view",
                "--warehouseUrl=" + server.jdbcUrl(),
                "--warehouseUser=sheaf",
                "--warehousePassword=file:" + folder.resolve("password"),
                "--warehouseDatabase=SANDBOX"));
    arguments.addAll(Arrays.asList(options));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Sheaf.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments.toArray(String[]::new));
    return new Ran(exitCode, out.toString(), err.toString());
  }

  @Test
  void printsAStatementThatTheWarehouseTakes() throws Exception {
    Ran ran = view("--view=SHOWN");
    assertEquals(0, ran.exitCode(), ran.err());
    assertTrue(ran.out().startsWith("CREATE OR REPLACE VIEW SHOWN AS\nSELECT "), ran.out());
    assertTrue(ran.out().endsWith(";\n"), ran.out());
    assertEquals(
        "0", one("select count(*) from information_schema.views where table_name = 'SHOWN'"));
    execute(ran.out());
    assertEquals("0.5", one("select PREDICTION from SHOWN where EVENT_ID = '7'"));
  }

  @Test
  void createsTheViewAndReplacesIt() throws Exception {
    for (int i = 0; i < 2; i++) {
      Ran ran = view("--create");
      assertEquals(0, ran.exitCode(), ran.err());
      assertEquals(
          "Created PREDICTIONS_CURRENT over PREDICTIONS and PREDICTIONS_STREAM: 4 columns, one row"
              + " per EVENT_ID\n",
          ran.out());
    }
    assertEquals("1", one("select count(*) from PREDICTIONS_CURRENT"));
  }

  @Test
  void saysInOneLineWhatIsWrong() {
    Ran missing = view("--streamTable=NOT_THERE");
    assertEquals(1, missing.exitCode(), missing.err());
    assertEquals(1, missing.err().lines().count(), missing.err());
    assertTrue(missing.err().contains("NOT_THERE"), missing.err());
    Ran column = view("--eventId=ORDER_ID");
    assertEquals(2, column.exitCode(), column.err());
    assertEquals(
        "sheaf view: --batchTable: PREDICTIONS has no column \"ORDER_ID\", which the view needs; the"
            + " columns are EVENT_ID, PREDICTION, MODEL_VERSION, SCORED_AT\n",
        column.err());
  }
}
