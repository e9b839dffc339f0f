package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyIT {
  private static final String SNOWFLAKE_IO =
      " STORAGE_INTEGRATION=si FILE_FORMAT=(TYPE=CSV COMPRESSION=GZIP"
          + " FIELD_OPTIONALLY_ENCLOSED_BY='0x27');";

  private final Path folder;
  private SnowflakeServer server;
  private Connection connection;

  CopyIT(@TempDir Path folder) {
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

  private List<List<@Nullable String>> rows(String sql) throws SQLException {
    return Client.rows(connection, sql);
  }

  private void run(String sql) throws SQLException {
    Client.run(connection, sql);
  }

  private static String read(Path file) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private List<Path> files(Path dir) throws IOException {
    try (Stream<Path> found = Files.list(dir)) {
      return found.sorted().toList();
    }
  }

  @Test
  void anUnloadWritesSnowflakesText() throws Exception {
    run(
        "CREATE TABLE T (N NUMBER(10,2), F FLOAT, S VARCHAR, B BOOLEAN, D DATE, T TIME, TS"
            + " TIMESTAMP_NTZ, Z TIMESTAMP_TZ, X BINARY, V VARIANT)");
    run(
        "INSERT INTO T SELECT 1.5, 2, 'it''s, \"q\" \\\\ x', TRUE, '2024-02-03', '04:05:06.7',"
            + " '2024-02-03 04:05:06.123456789', '2024-02-03 04:05:06 +0100', 'AB01',"
            + " PARSE_JSON('{\"a\":1}')");
    run("INSERT INTO T (S) VALUES ('')");
    run("COPY INTO '" + folder + "/run/' FROM SANDBOX.PUBLIC.T" + SNOWFLAKE_IO);
    assertEquals(
        List.of("data_0_0_0.csv.gz"),
        files(folder.resolve("run")).stream().map(f -> f.getFileName().toString()).toList());
    assertEquals(
        "1.50,2,'it''s, \"q\" \\ x',true,2024-02-03,04:05:06,2024-02-03 04:05:06.123,2024-02-03"
            + " 04:05:06.000 +0100,'AB01','{\"a\":1}'\n"
            + "\\N,\\N,'',\\N,\\N,\\N,\\N,\\N,\\N,\\N\n",
        read(folder.resolve("run/data_0_0_0.csv.gz")));
  }

  @Test
  void textSurvivesTheWayOutAndIn() throws Exception {
    List<@Nullable String> texts =
        Arrays.asList(
            null,
            "",
            "'",
            "''",
            "\\N",
            "\\",
            "a\\",
            ",",
            "a,'b'",
            "line\nbreak",
            "cr\r\nlf",
            "\"",
            " spaced ",
            "\ud83d\ude00 \u00e9",
            "NULL",
            "null",
            "\t",
            "a\u0000b");
    run("CREATE TABLE T (ID INT, S VARCHAR)");
    try (var insert = connection.prepareStatement("INSERT INTO T VALUES (?, ?)")) {
      for (int i = 0; i < texts.size(); i++) {
        insert.setInt(1, i);
        insert.setString(2, texts.get(i));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    run("COPY INTO '" + folder + "/run/' FROM (SELECT ID, S FROM T)" + SNOWFLAKE_IO);
    run("CREATE TABLE U LIKE T");
    run("COPY INTO SANDBOX.PUBLIC.U FROM '" + folder + "/run/'" + SNOWFLAKE_IO);
    List<@Nullable String> back = new ArrayList<>();
    rows("SELECT S FROM U ORDER BY ID").forEach(row -> back.add(row.get(0)));
    assertEquals(texts, back);
  }

  @Test
  void aBigUnloadIsSharedByManyFiles() throws Exception {
    run(
        "CREATE TABLE BIG AS SELECT I AS ID, 'text ' || I AS S, RANDOM() AS R FROM range(500000)"
            + " X(I)");
    run("COPY INTO '" + folder + "/big/' FROM BIG" + SNOWFLAKE_IO);
    int many = files(folder.resolve("big")).size();
    assertTrue(many >= 3 && many <= 16, many + " files");
    run("CREATE TABLE BACK LIKE BIG");
    run("COPY INTO BACK FROM '" + folder + "/big/'" + SNOWFLAKE_IO);
    assertEquals(
        List.of("500000", "0"),
        rows("SELECT COUNT(*), COUNT_IF(A.S <> B.S) FROM BIG A JOIN BACK B ON A.ID = B.ID").get(0));
    SQLException error =
        assertThrows(
            SQLException.class,
            () -> run("COPY INTO '" + folder + "/big/' FROM BIG" + SNOWFLAKE_IO));
    assertEquals(1030, error.getErrorCode());
    run(
        "COPY INTO '"
            + folder
            + "/small/' FROM BIG FILE_FORMAT=(TYPE=CSV COMPRESSION=NONE) MAX_FILE_SIZE=2000000"
            + " HEADER=TRUE OVERWRITE=TRUE");
    for (Path file : files(folder.resolve("small"))) {
      assertTrue(Files.size(file) <= 2_000_000, file + " " + Files.size(file));
      assertTrue(Files.readString(file).startsWith("ID,S,R\n"));
    }
    run("COPY INTO '" + folder + "/one' FROM BIG SINGLE=TRUE FILE_FORMAT=(TYPE=CSV)");
    assertTrue(Files.isRegularFile(folder.resolve("one")));
    run("COPY INTO '" + folder + "/none/' FROM (SELECT * FROM BIG WHERE FALSE)" + SNOWFLAKE_IO);
    assertEquals(List.of(), files(folder.resolve("none")));
  }

  @Test
  void aLoadConvertsAndReportsEachFile() throws Exception {
    Path one = write("one.csv.gz", "1,'a',2024-01-01 00:00:00 +0100\n2,\\N,\n");
    Path two = write("two.csv.gz", "3,'',2024-01-01T00:00:00.123456789Z\n");
    run("CREATE TABLE T (ID INT, S VARCHAR, Z TIMESTAMP_TZ)");
    List<List<@Nullable String>> result =
        rows(
            "COPY INTO T FROM '"
                + folder
                + "/' FILES=('one.csv.gz', 'two.csv.gz') FILE_FORMAT=(TYPE=CSV"
                + " FIELD_OPTIONALLY_ENCLOSED_BY='0x27')");
    assertEquals(List.of(one.toString(), "LOADED", "2", "2"), result.get(0).subList(0, 4));
    assertEquals(List.of(two.toString(), "LOADED", "1", "1"), result.get(1).subList(0, 4));
    assertEquals(
        List.of(
            Arrays.asList("1", "a", "2024-01-01 00:00:00.000 +0100"),
            Arrays.asList("2", null, null),
            Arrays.asList("3", "", "2024-01-01 00:00:00.123 Z")),
        rows("SELECT * FROM T ORDER BY ID"));
  }

  @Test
  void aLoadMayTransformItsFields() throws Exception {
    write("x.csv.gz", "id,v,extra\n1,0a0B,x\n2,,y\n");
    run("CREATE TABLE T (ID NUMBER(5,0), X BINARY, V VARIANT, S VARCHAR)");
    run(
        "COPY INTO T (S, ID, X, V) FROM (SELECT t.$3 || '!', $1::NUMBER, TO_BINARY($2, 'HEX'),"
            + " PARSE_JSON('[' || $1 || ']') FROM '"
            + folder
            + "/x.csv.gz' t) FILE_FORMAT=(TYPE=CSV SKIP_HEADER=1) PURGE=TRUE");
    assertEquals(
        List.of(Arrays.asList("1", "0A0B", "[1]", "x!"), Arrays.asList("2", null, "[2]", "y!")),
        rows("SELECT * FROM T ORDER BY ID"));
    assertFalse(Files.exists(folder.resolve("x.csv.gz")));
  }

  @Test
  void aBadValueFailsTheLoadAndNamesFileAndLine() throws Exception {
    write("bad.csv.gz", "1,'line\nbreak'\n2,'b'\nx,'c'\n4,'d'\n");
    run("CREATE TABLE T (ID INT, S VARCHAR)");
    String copy =
        "COPY INTO T FROM '"
            + folder
            + "/' FILES=('bad.csv.gz') FILE_FORMAT=(TYPE=CSV FIELD_OPTIONALLY_ENCLOSED_BY='''')";
    SQLException error = assertThrows(SQLException.class, () -> run(copy));
    assertEquals(100038, error.getErrorCode());
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("Numeric value 'x' is not recognized"), message);
    assertTrue(message.contains("bad.csv.gz', line 4"), message);
    assertEquals("0", rows("SELECT COUNT(*) FROM T").get(0).get(0));
    List<@Nullable String> skipped = rows(copy + " ON_ERROR=SKIP_FILE").get(0);
    assertEquals(List.of("LOAD_FAILED", "4", "0"), skipped.subList(1, 4));
    List<@Nullable String> partly = rows(copy + " ON_ERROR=CONTINUE").get(0);
    assertEquals(List.of("PARTIALLY_LOADED", "4", "3"), partly.subList(1, 4));
    assertEquals("4", partly.get(7));
    assertEquals("3", rows("SELECT COUNT(*) FROM T").get(0).get(0));
    write("short.csv.gz", "1\n");
    error = assertThrows(SQLException.class, () -> run(copy.replace("bad.csv.gz", "short.csv.gz")));
    assertEquals(100080, error.getErrorCode());
  }
}
