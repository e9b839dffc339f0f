package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvLoaderIT {
  private final Path folder;
  private SnowflakeServer server;
  private Connection connection;

  CsvLoaderIT(@TempDir Path folder) {
    this.folder = folder;
  }

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

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("in.csv"), text);
  }

  private List<String> types() throws SQLException {
    List<String> types = new ArrayList<>();
    for (var row : Client.rows(connection, "DESC TABLE T")) {
      types.add(row.get(0) + " " + row.get(1));
    }
    return types;
  }

  @Test
  void typesFitAllValuesOfAColumn() throws Exception {
    Path file =
        write(
            "\ufeffid,Amount,day,at,flag,code,none,\"a,b\",q,big\r\n"
                + "1,1.5,2024-02-29,2024-01-01 10:11:12,true,007,,\"x\ny\",\"\",1\r\n"
                + "\r\n"
                + "-2,1e-3,,2024-01-01T10:11,FALSE,8,,\"say \"\"hi\"\"\",5,12345678901234567890\r\n"
                + "3,,0001-01-01,2024-01-01,,9,,,6,3");
    assertEquals(3, CsvLoader.into(server).load(file, "t"));
    assertEquals(
        List.of(
            "ID NUMBER(38,0)",
            "AMOUNT FLOAT",
            "DAY DATE",
            "AT TIMESTAMP_NTZ(9)",
            "FLAG BOOLEAN",
            "CODE VARCHAR(16777216)",
            "NONE VARCHAR(16777216)",
            "A,B VARCHAR(16777216)",
            "Q NUMBER(38,0)",
            "BIG NUMBER(38,0)"),
        types());
    assertEquals(
        Arrays.asList(
            "-2",
            "0.001",
            null,
            "2024-01-01 10:11:00.000",
            "FALSE",
            "8",
            null,
            "say \"hi\"",
            "5",
            "12345678901234567890"),
        Client.rows(connection, "SELECT * FROM T WHERE ID = -2").get(0));
    assertEquals(
        Arrays.asList("x\ny", null),
        Client.rows(connection, "SELECT \"A,B\", Q FROM T WHERE ID = 1").get(0));
  }

  @Test
  void aTableIsReplacedWholeOrNotAtAll() throws Exception {
    List<Long> heard = new ArrayList<>();
    CsvLoader loader =
        CsvLoader.into(server).withProgress((read, loaded) -> heard.add(read * 10 + loaded));
    loader.load(write("a,b\n1,x\n2,y\n"), "SANDBOX.PUBLIC.T");
    assertEquals(List.of(0L, 20L, 22L), heard);
    loader.load(write("c\n5\n"), "T");
    assertThrows(CsvLoadException.class, () -> loader.load(write("c\n5\n6,7\n"), "T"));
    assertEquals(List.of(List.of("5")), Client.rows(connection, "SELECT C FROM T"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|EMPTY|no header",
        "a,b|NO_ROWS|no rows",
        "a,A~1,2|HEADER|column 2",
        "a,~1,2|HEADER|no name",
        "a,b~1,2~3|BROKEN_LINE|line 3: it has 1 fields, the header 2",
        "a,b~1,2~3,4,5|BROKEN_LINE|line 3: it has 3 fields, the header 2",
        "a,b~\"x~y\",2~3,\"open|BROKEN_LINE|line 4: a quote is not closed",
        "a,b~1,\"x\"y|BROKEN_LINE|line 2: a quote is not closed",
      })
  void aBrokenFileFailsWithOneClearLine(String text, CsvLoadException.Kind kind, String part)
      throws IOException {
    Path file = write(text.replace('~', '\n'));
    CsvLoadException error =
        assertThrows(CsvLoadException.class, () -> CsvLoader.into(server).load(file, "T"));
    String message = String.valueOf(error.getMessage());
    assertEquals(kind, error.kind(), message);
    assertTrue(message.contains(part) && message.contains(file.toString()), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void aMissingFileAndABadTextAreTold() throws IOException {
    CsvLoader loader = CsvLoader.into(server);
    CsvLoadException error =
        assertThrows(CsvLoadException.class, () -> loader.load(folder.resolve("none.csv"), "T"));
    assertEquals(CsvLoadException.Kind.UNREADABLE, error.kind());
    Path file = folder.resolve("latin.csv");
    Files.write(file, new byte[] {'a', '\n', 'x', '\n', (byte) 0xe9, '\n'});
    error = assertThrows(CsvLoadException.class, () -> loader.load(file, "T"));
    assertEquals(CsvLoadException.Kind.BROKEN_LINE, error.kind());
    error =
        assertThrows(CsvLoadException.class, () -> loader.load(write("a\n1\n"), "NOSUCH.PUBLIC.T"));
    assertEquals(CsvLoadException.Kind.TABLE, error.kind());
  }

  @Test
  @Tag("real-data")
  @EnabledIfEnvironmentVariable(
      named = "SHEAF_DATA",
      matches = ".+",
      disabledReason = "set SHEAF_DATA to the folder with the real data")
  void realSalesLoadWhole() throws Exception {
    Path sales = Path.of(System.getenv("SHEAF_DATA"), "sales");
    Map<String, Long> rows =
        Map.of(
            "monthly_orders_10_stores.csv.gz", 30_000L,
            "store_item_daily.csv.gz", 913_000L,
            "rossmann_open_days.csv.gz", 844_338L,
            "rossmann_to_score.csv.gz", 41_088L,
            "rossmann_store.csv", 1_115L,
            "m5_last28days.csv.gz", 853_720L,
            "online_retail.csv.gz", 541_909L);
    for (Map.Entry<String, Long> entry : rows.entrySet()) {
      long count = CsvLoader.into(server).load(sales.resolve(entry.getKey()), "T");
      assertEquals(entry.getValue(), count, entry.getKey());
      assertEquals(
          Long.toString(count), Client.value(connection, "SELECT COUNT(*) FROM T"), entry.getKey());
    }
    CsvLoader.into(server).load(sales.resolve("rossmann_open_days.csv.gz"), "T");
    assertEquals(
        List.of("1115", "2186", "268600", "423292"),
        Client.rows(
                connection,
                "SELECT COUNT(DISTINCT STORE), COUNT_IF(COMPETITIONDISTANCE IS NULL),"
                    + " COUNT_IF(COMPETITIONOPENSINCEYEAR IS NULL), COUNT_IF(PROMOINTERVAL IS NULL)"
                    + " FROM T")
            .get(0));
  }
}
