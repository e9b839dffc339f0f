package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class StatementsIT {
  private SnowflakeServer server;
  private Connection connection;

  @BeforeEach
  void start() throws SQLException {
    server = SnowflakeServer.inMemory().withUser(Client.USER, Client.PASSWORD).start();
    connection = Client.connect(server);
  }

  @AfterEach
  void stop() throws SQLException {
    connection.close();
    server.close();
  }

  private int run(String sql) throws SQLException {
    return Client.run(connection, sql);
  }

  private String value(String sql) throws SQLException {
    return String.valueOf(Client.value(connection, sql));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT * FROM NOSUCH|2003|42S02",
        "DROP TABLE NOSUCH|2003|42S02",
        "INSERT INTO NOSUCH VALUES (1)|2003|42S02",
        "USE DATABASE NOSUCH|2003|02000",
        "SELEC 1|1003|42000",
        "SELECT * FROM T WHERE|1003|42000",
        "CREATE TABLE T (A INT)|2002|42710",
        "SELECT NOCOL FROM T|904|42000",
        "SELECT NOFUNCTION(1)|2140|42601",
        "INSERT INTO T VALUES ('abc', 'x')|100038|22018",
        "INSERT INTO T VALUES (1, 'too long')|100078|22000",
        "INSERT INTO T VALUES (NULL, 'x')|100072|22000",
        "INSERT INTO T VALUES (1)|2000|42000",
        "SELECT 'x'::DATE|100040|22007",
        "SELECT 'x'::TIMESTAMP_NTZ|100035|22007",
        "SELECT 'x'::TIME|100108|22007",
        "SELECT 'x'::BOOLEAN|100037|22018",
        "SELECT 'x'::NUMBER|100038|22018",
        "SELECT 'x'::FLOAT|100038|22018",
        "SELECT 12345::NUMBER(3,0)|100039|22003",
        "CREATE TABLE U (A NOSUCHTYPE)|2040|42601",
        "SELECT 'open|1003|42000",
      })
  void errorsCarrySnowflakesCodes(String sql, int code, String state) throws SQLException {
    run("CREATE TABLE T (A NUMBER(5,0) NOT NULL, B VARCHAR(3))");
    SQLException error = assertThrows(SQLException.class, () -> run(sql));
    assertEquals(code + " " + state, error.getErrorCode() + " " + error.getSQLState(), sql);
    assertEquals("0", value("SELECT COUNT(*) FROM T"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "SELECT IFF(1 > 2, 'a', 'b')#b",
        "SELECT NVL(NULL, 'x')#x",
        "SELECT TO_VARCHAR(1.50)#1.50",
        "SELECT TO_VARCHAR(1.5::FLOAT)#1.5",
        "SELECT TO_VARCHAR(100::FLOAT)#100",
        "SELECT TO_VARCHAR('NaN'::FLOAT)#NaN",
        "SELECT TO_VARCHAR(TRUE)#true",
        "SELECT TO_CHAR('2024-02-03'::DATE, 'DD.MM.YYYY')#03.02.2024",
        "SELECT TO_VARCHAR('2024-02-03 04:05:06.000000007'::TIMESTAMP_NTZ, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF9')#2024-02-03T04:05:06.000000007",
        "SELECT TO_VARCHAR('9999-12-31 23:59:59.123456789 -0130'::TIMESTAMP_TZ, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')#9999-12-31 23:59:59.123456789 -01:30",
        "SELECT TO_TIMESTAMP_NTZ('03/02/2024 10:11', 'DD/MM/YYYY HH24:MI')::VARCHAR#2024-02-03 10:11:00.000",
        "SELECT HEX_ENCODE('AB')#4142",
        "SELECT TO_VARCHAR(HEX_DECODE_BINARY('00ff'))#00FF",
        "SELECT TO_VARCHAR(TO_BINARY('4142', 'HEX'))#4142",
        "SELECT BASE64_ENCODE('AB')#QUI=",
        "SELECT TO_JSON(PARSE_JSON('{\"a\" : 1}'))#{\"a\":1}",
        "SELECT DATE_PART(EPOCH_NANOSECOND, '1969-12-31 23:59:59.999999999'::TIMESTAMP_NTZ)#-1",
        "SELECT EXTRACT(EPOCH_SECOND FROM '2001-09-09 01:46:40'::TIMESTAMP_NTZ)#1000000000",
        "SELECT EXTRACT(YEAR FROM '2001-09-09'::DATE)#2001",
        "SELECT TO_DOUBLE('1e3')::VARCHAR#1000",
        "SELECT REPLACE('a\\\\b', '\\\\', '/')#a/b",
        "SELECT 'it''s' || CHR(10) || 'x' = 'it\\'s\\nx'#TRUE",
        "SELECT CONCAT_WS('-', 'a', 'b')#a-b",
        "SELECT $$a'b\\n$$#a'b\\n",
        "SELECT 1 // comment#1",
        "SELECT COUNT(DISTINCT X) FROM (VALUES (1), (1), (2)) AS V(X)#2",
        "SELECT TRY_CAST('x' AS NUMBER(5,2)) IS NULL#TRUE",
        "SELECT CAST('12.345' AS NUMBER(10,2))#12.35",
        "SELECT '2024-01-01 00:00:00 +0200'::TIMESTAMP_TZ::TIMESTAMP_NTZ::VARCHAR#2024-01-01 00:00:00.000",
        "SELECT '2024-01-01 00:00:00 +0200'::TIMESTAMP_TZ::TIMESTAMP_LTZ::VARCHAR#2023-12-31 22:00:00.000 +0000",
        "SELECT ('x' || 'y')::VARCHAR(1)#x",
        "SELECT CASE WHEN 1 = 1 THEN '7' END::INT + 1#8",
      })
  void functionsAndCastsGiveSnowflakesResults(String sql, String expected) throws SQLException {
    assertEquals(expected, value(sql));
  }

  @Test
  void writesCountTheirRows() throws SQLException {
    run("CREATE TABLE T (ID INT, S VARCHAR, Z TIMESTAMP_TZ)");
    assertEquals(3, run("INSERT INTO T (ID, S) VALUES (1, 'a'), (2, 'b'), (3, NULL)"));
    assertEquals(2, run("UPDATE T SET S = 'x', Z = '2024-01-01 00:00:00 +0100' WHERE ID < 3"));
    assertEquals(1, run("DELETE FROM T WHERE ID = 3"));
    run("CREATE TABLE N (ID INT, S VARCHAR)");
    run("INSERT INTO N VALUES (2, 'new'), (5, 'five')");
    assertEquals(
        2,
        run(
            "MERGE INTO T USING N ON T.ID = N.ID WHEN MATCHED THEN UPDATE SET S = N.S WHEN NOT"
                + " MATCHED THEN INSERT (ID, S) VALUES (N.ID, N.S)"));
    assertEquals(
        List.of(List.of("1", "x"), List.of("2", "new"), List.of("5", "five")),
        Client.rows(connection, "SELECT ID, S FROM T ORDER BY ID"));
    run("CREATE TABLE C AS SELECT ID, COUNT(*) AS N, MAX(Z) AS Z FROM T GROUP BY ID");
    assertEquals("TIMESTAMP_TZ(9)", Client.rows(connection, "DESC TABLE C").get(2).get(1));
    run("CREATE OR REPLACE VIEW V AS SELECT ID, UPPER(S) AS U FROM T WHERE ID > 1");
    assertEquals("FIVE", value("SELECT U FROM V WHERE ID = 5"));
    run("TRUNCATE TABLE T");
    assertEquals("0", value("SELECT COUNT(*) FROM V"));
  }

  @Test
  void batchesOfUpdatesRunRowByRow() throws SQLException {
    run("CREATE TABLE T (ID INT, S VARCHAR)");
    run("INSERT INTO T VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE T SET S = ? WHERE ID = ?")) {
      for (int i = 1; i <= 2; i++) {
        update.setString(1, "new" + i);
        update.setInt(2, i);
        update.addBatch();
      }
      update.executeBatch();
    }
    assertEquals(
        List.of(List.of("new1"), List.of("new2"), List.of("c")),
        Client.rows(connection, "SELECT S FROM T ORDER BY ID"));
  }

  @Test
  void sessionsHaveTheirOwnSchemaAndTransaction() throws SQLException {
    run("CREATE SCHEMA OTHER");
    run("CREATE TABLE OTHER.T (A INT)");
    run("USE SCHEMA PUBLIC");
    try (Connection second = Client.connect(server)) {
      Client.run(second, "USE SCHEMA OTHER");
      assertEquals("0", Client.value(second, "SELECT COUNT(*) FROM T"));
      assertThrows(SQLException.class, () -> run("SELECT COUNT(*) FROM T"));
      second.setAutoCommit(false);
      Client.run(second, "INSERT INTO T VALUES (1)");
      assertEquals("0", value("SELECT COUNT(*) FROM OTHER.T"));
      assertEquals("1", Client.value(second, "SELECT COUNT(*) FROM T"));
      second.commit();
      assertEquals("1", value("SELECT COUNT(*) FROM SANDBOX.OTHER.T"));
      Client.run(second, "INSERT INTO T VALUES (2)");
      second.rollback();
      assertEquals("1", value("SELECT COUNT(*) FROM OTHER.T"));
    }
  }

  @Test
  void aFailedStatementLeavesItsTransactionWhole() throws SQLException {
    run("CREATE TABLE T (A INT NOT NULL)");
    run("BEGIN");
    run("INSERT INTO T VALUES (1)");
    assertThrows(SQLException.class, () -> run("INSERT INTO T VALUES ('x')"));
    assertThrows(SQLException.class, () -> run("INSERT INTO T VALUES (NULL)"));
    assertEquals("1", value("SELECT COUNT(*) FROM T"));
    run("INSERT INTO T VALUES (2)");
    run("COMMIT");
    assertEquals("2", value("SELECT COUNT(*) FROM T"));
  }

  @Test
  void concurrentWritersOfOneTableWaitForEachOther() throws Exception {
    run("CREATE TABLE T (ID INT, N INT)");
    run("INSERT INTO T VALUES (1, 0)");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            threads.submit(
                () -> {
                  try (Connection own = Client.connect(server)) {
                    for (int k = 0; k < 10; k++) {
                      Client.run(own, "UPDATE T SET N = N + 1 WHERE ID = 1");
                      Client.run(own, "INSERT INTO T VALUES (2, 0)");
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(100, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals("40", value("SELECT N FROM T WHERE ID = 1"));
    assertEquals("41", value("SELECT COUNT(*) FROM T"));
  }

  @Test
  void boundTextsThatLookLikeTimesStayTexts() throws SQLException {
    List<String> texts = List.of("abcd-efghijk", "2024-99-99 x", "[\"\t-'\u0008\\n", "2024-01-01");
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE OR REPLACE TABLE LOOKALIKES (S VARCHAR)");
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO LOOKALIKES VALUES (?)")) {
      for (String text : texts) {
        insert.setString(1, text);
        insert.addBatch();
      }
      insert.executeBatch();
    }
    for (String text : texts) {
      try (PreparedStatement count =
          connection.prepareStatement("SELECT COUNT(*) FROM LOOKALIKES WHERE S = ?")) {
        count.setString(1, text);
        try (ResultSet rows = count.executeQuery()) {
          assertTrue(rows.next());
          assertEquals(1, rows.getInt(1), text);
        }
      }
    }
  }

  private static final String ENDLESS =
      "SELECT COUNT(*) FROM range(10000000000) A(X), range(1000000) B(Y) WHERE A.X + B.Y = 5";

  /** What the driver says itself when it is told to cancel before it has sent the statement. */
  private static final int NOT_SENT_YET = 200005;

  @Test
  void aStatementIsCancelled() throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    int code = NOT_SENT_YET;
    while (code == NOT_SENT_YET && System.nanoTime() < end) {
      code = codeOfCancelled(end);
    }
    assertEquals(604, code);
    assertEquals("1", value("SELECT 1"));
  }

  private int codeOfCancelled(long end) throws Exception {
    try (Statement statement = connection.createStatement()) {
      CompletableFuture<SQLException> failure =
          CompletableFuture.supplyAsync(
              () -> assertThrows(SQLException.class, () -> statement.executeQuery(ENDLESS)));
      while (!failure.isDone() && System.nanoTime() < end) {
        statement.cancel();
        Thread.onSpinWait();
      }
      return failure.get(60, TimeUnit.SECONDS).getErrorCode();
    }
  }

  @Test
  void aQueryTimeoutEndsTheStatement() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      SQLException error = assertThrows(SQLException.class, () -> statement.executeQuery(ENDLESS));
      assertTrue(error.getMessage() != null);
    }
    assertEquals("1", value("SELECT 1"));
    run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
    SQLException error = assertThrows(SQLException.class, () -> value(ENDLESS));
    assertTrue(String.valueOf(error.getMessage()).contains("timeout of 1 second"));
  }

  @Test
  void aBigResultComesInChunks() throws SQLException {
    String sql =
        "SELECT I AS ID, 'text ' || I || repeat('\u00e9', 20) AS S FROM range(200000) R(I)";
    long sum = 0;
    int count = 0;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        sum += rows.getLong(1);
        assertEquals("text " + rows.getLong(1) + "\u00e9".repeat(20), rows.getString(2));
        count++;
      }
    }
    assertEquals(200_000, count);
    assertEquals(199_999L * 100_000, sum);
  }

  @Test
  void theCatalogueAnswersAsSnowflakeIoAsks() throws SQLException {
    run("CREATE TABLE T (A INT NOT NULL COMMENT 'the key', B VARCHAR(7) DEFAULT 'x')");
    assertEquals(
        "TRUE",
        value("SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_name = 'T');"));
    assertEquals("0", value("SELECT count(*) FROM T LIMIT 1;"));
    assertEquals(
        List.of(List.of("A", "NUMBER", "NO"), List.of("B", "TEXT", "YES")),
        Client.rows(
            connection,
            "SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM SANDBOX.INFORMATION_SCHEMA.COLUMNS"
                + " WHERE TABLE_NAME = 'T' ORDER BY ORDINAL_POSITION"));
    assertEquals("T", Client.rows(connection, "SHOW TABLES LIKE 't%'").get(0).get(1));
    try (ResultSet tables = connection.getMetaData().getTables("SANDBOX", "PUBLIC", "%", null)) {
      assertTrue(tables.next());
      assertEquals("T", tables.getString("TABLE_NAME"));
    }
    run("INSERT INTO T (A) VALUES (1)");
    assertEquals("x", value("SELECT B FROM T"));
    run("ALTER TABLE T ADD COLUMN C TIMESTAMP_LTZ");
    run("ALTER TABLE T RENAME COLUMN B TO BB");
    assertEquals("BB", Client.rows(connection, "DESCRIBE TABLE T").get(1).get(0));
    run("DROP TABLE IF EXISTS T");
    run("DROP TABLE IF EXISTS T");
  }

  @Test
  void aFileKeepsItsDatabases(@TempDir Path folder) throws SQLException {
    Path file = folder.resolve("warehouse.duckdb");
    for (int round = 0; round < 2; round++) {
      try (SnowflakeServer own =
              SnowflakeServer.at(file).withUser(Client.USER, Client.PASSWORD).start();
          Connection c = Client.connect(own)) {
        if (round == 0) {
          Client.run(c, "CREATE TABLE T (A VARCHAR(3), Z TIMESTAMP_TZ)");
          Client.run(c, "INSERT INTO T VALUES ('x', '2024-01-01 00:00:00 +0100')");
          Client.run(c, "CREATE VIEW V AS SELECT Z::VARCHAR AS S FROM T");
          Client.run(c, "CREATE DATABASE SECOND");
          Client.run(c, "CREATE TABLE SECOND.PUBLIC.U AS SELECT 7 AS N");
        }
        Client.run(c, "USE DATABASE SANDBOX");
        assertEquals("2024-01-01 00:00:00.000 +0100", Client.value(c, "SELECT S FROM V"));
        assertEquals("VARCHAR(3)", Client.rows(c, "DESC TABLE T").get(0).get(1));
        assertEquals("7", Client.value(c, "SELECT N FROM SECOND.PUBLIC.U"));
      }
    }
    assertTrue(Files.exists(folder.resolve("warehouse.SECOND.duckdb")));
  }
}
