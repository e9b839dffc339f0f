package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipes: their SQL by the real driver, their files by Snowpipe's REST calls. */
class SnowpipeIT {
  private static final String PIPE = "SANDBOX.PUBLIC.P";

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static KeyPair keys;

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private SnowflakeServer server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Connection connection;

  @SuppressWarnings("NullAway.Init") // set before each test
  private PipeClient pipes;

  @BeforeAll
  static void makeKeys() throws Exception {
    keys = PipeClient.keys();
  }

  @BeforeEach
  void begin() throws Exception {
    start(builder().start());
    run("CREATE TABLE T (ID NUMBER(9,0) NOT NULL, S VARCHAR, V VARIANT)");
    run("CREATE STAGE S URL = '" + folder.resolve("stage") + "'");
  }

  private SnowflakeServer.Builder builder() {
    return SnowflakeServer.at(folder.resolve("warehouse.duckdb"))
        .withUser(Client.USER, Client.PASSWORD)
        .withUser("robot", keys.getPublic());
  }

  private void start(SnowflakeServer started) throws Exception {
    server = started;
    connection = Client.connect(server);
    pipes = new PipeClient(server, keys);
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    server.close();
  }

  private void run(String sql) throws SQLException {
    Client.run(connection, sql);
  }

  private List<List<@Nullable String>> rows(String sql) throws SQLException {
    return Client.rows(connection, sql);
  }

  private void pipe() throws SQLException {
    run(
        "CREATE PIPE P AS COPY INTO T (ID, S) FROM @S/in/ FILE_FORMAT = (TYPE = CSV"
            + " FIELD_OPTIONALLY_ENCLOSED_BY = '0x27')");
  }

  private void file(String name, String text) throws Exception {
    Path file = Files.createDirectories(folder.resolve("stage/in")).resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String said(JsonNode file) {
    return file.path("path").asText()
        + " "
        + file.path("status").asText()
        + " "
        + file.path("rowsInserted").asLong()
        + " of "
        + file.path("rowsParsed").asLong();
  }

  @Test
  void filesAreLoadedAndReported() throws Exception {
    pipe();
    file("a.csv.gz", "1,'one'\n2,'it''s\ntwo'\n");
    file("b.csv.gz", "3,'three'\n");
    PipeClient.Answer answer = pipes.insert(PIPE, "a.csv.gz", "b.csv.gz");
    assertEquals(200, answer.status());
    assertEquals("SUCCESS", answer.body().path("responseCode").asText());
    List<JsonNode> report = pipes.ended("sandbox.public.p", 2);
    assertEquals("a.csv.gz LOADED 2 of 2", said(report.get(0)));
    assertEquals("b.csv.gz LOADED 1 of 1", said(report.get(1)));
    assertEquals(folder.resolve("stage/in") + "/", report.get(0).path("stageLocation").asText());
    assertTrue(report.get(0).path("complete").asBoolean());
    assertEquals(
        List.of(List.of("1", "one"), List.of("2", "it's\ntwo"), List.of("3", "three")),
        rows("SELECT ID, S FROM T ORDER BY ID"));
    String mark = pipes.report(PIPE, "").body().path("nextBeginMark").asText();
    assertEquals(0, pipes.report(PIPE, mark).body().path("files").size());
  }

  @Test
  void aNameIsLoadedOnceWhateverTheFileHolds() throws Exception {
    pipe();
    file("a.csv.gz", "1,'one'\n");
    pipes.insert(PIPE, "a.csv.gz");
    pipes.ended(PIPE, 1);
    file("a.csv.gz", "2,'two'\n");
    file("b.csv.gz", "3,'three'\n");
    pipes.insert(PIPE, "a.csv.gz", "b.csv.gz");
    pipes.ended(PIPE, 2);
    assertEquals(List.of(List.of("1"), List.of("3")), rows("SELECT ID FROM T ORDER BY ID"));
    run("CREATE OR REPLACE PIPE P AS COPY INTO T (ID, S) FROM @S/in/ FILE_FORMAT = (TYPE = CSV)");
    pipes.insert(PIPE, "a.csv.gz");
    pipes.ended(PIPE, 1);
    assertEquals("3", Client.value(connection, "SELECT COUNT(*) FROM T"));
  }

  @Test
  void aFileWithABadRecordIsSkippedAndSaysWhich() throws Exception {
    pipe();
    file("bad.csv.gz", "1,'one'\nx,'two'\n");
    file("good.csv.gz", "3,'three'\n");
    pipes.insert(PIPE, "bad.csv.gz", "good.csv.gz", "missing.csv.gz");
    List<JsonNode> report = pipes.ended(PIPE, 3);
    assertEquals("bad.csv.gz LOAD_FAILED 0 of 2", said(report.get(0)));
    assertEquals(2, report.get(0).path("firstErrorLineNum").asLong());
    assertTrue(report.get(0).path("firstError").asText().contains("'x'"), report.toString());
    assertEquals("good.csv.gz LOADED 1 of 1", said(report.get(1)));
    assertEquals("missing.csv.gz LOAD_FAILED 0 of 0", said(report.get(2)));
    assertTrue(report.get(2).path("systemError").asText().contains("was not found"));
    assertEquals(List.of(List.of("3")), rows("SELECT ID FROM T"));
  }

  @Test
  void onErrorAndASelectAreThePipesOwn() throws Exception {
    run(
        "create or replace pipe p as copy into t (id, v) from (select $1, parse_json($2) from @s/in)"
            + " file_format = (type = csv field_optionally_enclosed_by = '0x27') on_error = continue;");
    file("a.csv.gz", "1,'{\"a\": [1, 2]}'\nx,'{}'\n");
    pipes.insert(PIPE, "a.csv.gz");
    assertEquals("a.csv.gz PARTIALLY_LOADED 1 of 2", said(pipes.ended(PIPE, 1).get(0)));
    assertEquals(List.of(List.of("1", "2")), rows("SELECT ID, V['a'][1] FROM T"));
  }

  @Test
  void aPausedPipeKeepsItsFilesAlsoOverARestart() throws Exception {
    pipe();
    run("ALTER PIPE P SET PIPE_EXECUTION_PAUSED = TRUE");
    file("a.csv.gz", "1,'one'\n");
    pipes.insert(PIPE, "a.csv.gz");
    int port = server.port();
    stop();
    start(builder().withPort(port).start());
    assertEquals("0", Client.value(connection, "SELECT COUNT(*) FROM T"));
    assertEquals(0, pipes.report(PIPE, "").body().path("files").size());
    run("ALTER PIPE P SET PIPE_EXECUTION_PAUSED = FALSE");
    assertEquals("a.csv.gz LOADED 1 of 1", said(pipes.ended(PIPE, 1).get(0)));
    assertEquals("1", Client.value(connection, "SELECT COUNT(*) FROM T"));
  }

  @Test
  void aFileWaitsAsLongAsThePipesDelay() throws Exception {
    stop();
    start(builder().withPipeDelay(Duration.ofMillis(300)).start());
    pipe();
    file("a.csv.gz", "1,'one'\n");
    pipes.insert(PIPE, "a.csv.gz");
    JsonNode file = pipes.ended(PIPE, 1).get(0);
    Duration took =
        Duration.between(
            Instant.parse(file.path("timeReceived").asText()),
            Instant.parse(file.path("lastInsertTime").asText()));
    assertTrue(took.toMillis() >= 300, took.toString());
  }

  @Test
  void reportsForgetAndTheHistoryDoesNot() throws Exception {
    stop();
    start(builder().withReportLife(Duration.ZERO).start());
    pipe();
    file("a.csv.gz", "1,'one'\n");
    Instant before = Instant.now().minusSeconds(1);
    pipes.insert(PIPE, "a.csv.gz");
    Instant end = Instant.now().plusSeconds(30);
    while (pipes.history(PIPE, before.toString()).body().path("files").isEmpty()) {
      assertTrue(Instant.now().isBefore(end), "not loaded");
    }
    assertEquals(
        "a.csv.gz LOADED 1 of 1",
        said(pipes.history(PIPE, before.toString()).body().path("files").get(0)));
    assertEquals(0, pipes.report(PIPE, "").body().path("files").size());
    assertEquals(0, pipes.history(PIPE, Instant.now().toString()).body().path("files").size());
  }

  @Test
  void aTableThatIsGoneIsASystemError() throws Exception {
    pipe();
    run("DROP TABLE T");
    file("a.csv.gz", "1,'one'\n");
    pipes.insert(PIPE, "a.csv.gz");
    JsonNode file = pipes.ended(PIPE, 1).get(0);
    assertEquals("LOAD_FAILED", file.path("status").asText());
    assertTrue(file.path("systemError").asText().contains("does not exist"), file.toString());
  }

  @Test
  void pipesAndStagesAreShownAndDropped() throws Exception {
    pipe();
    assertEquals(
        List.of(
            List.of(
                "P",
                "COPY INTO T (ID, S) FROM @S/in/ FILE_FORMAT = (TYPE = CSV"
                    + " FIELD_OPTIONALLY_ENCLOSED_BY = '0x27')")),
        columns("SHOW PIPES LIKE 'p'", 2, 5));
    assertEquals(columns("SHOW PIPES", 2, 5), columns("DESCRIBE PIPE P", 2, 5));
    assertEquals(
        List.of(List.of("S", folder.resolve("stage") + "/")), columns("SHOW STAGES", 2, 5));
    assertEquals(List.of(List.of("T")), columns("SHOW TABLES IN ACCOUNT", 2));
    assertEquals(List.of(List.of("PUBLIC")), columns("SHOW SCHEMAS", 2));
    assertEquals(List.of(List.of("T")), rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"));
    run("CREATE PIPE IF NOT EXISTS P AS COPY INTO T FROM @S");
    assertEquals(2002, refused("CREATE PIPE P AS COPY INTO T FROM @S"));
    assertEquals(2002, refused("CREATE STAGE S URL = '/tmp/'"));
    run("DROP PIPE P");
    run("DROP PIPE IF EXISTS P");
    assertEquals(2003, refused("DROP PIPE P"));
    assertEquals(2003, refused("DESC PIPE P"));
    run("DROP STAGE S");
    assertEquals(2003, refused("DROP STAGE S"));
    assertEquals(List.of(), rows("SHOW PIPES IN ACCOUNT"));
  }

  private List<List<@Nullable String>> columns(String sql, int... numbers) throws SQLException {
    return rows(sql).stream()
        .map(
            row -> {
              List<@Nullable String> some = new java.util.ArrayList<>();
              for (int number : numbers) {
                some.add(row.get(number - 1));
              }
              return some;
            })
        .toList();
  }

  private int refused(String sql) {
    return assertThrows(SQLException.class, () -> run(sql)).getErrorCode();
  }

  @Test
  void aPipeThatCouldLoadNothingIsRefused() {
    assertEquals(2003, refused("CREATE PIPE P AS COPY INTO NOT_THERE FROM @S"));
    assertEquals(2003, refused("CREATE PIPE P AS COPY INTO T FROM @NOT_THERE"));
    assertEquals(904, refused("CREATE PIPE P AS COPY INTO T (NO_COLUMN) FROM @S"));
    assertEquals(2000, refused("CREATE PIPE P AS COPY INTO T FROM @S FILES = ('a')"));
    assertEquals(2, refused("CREATE PIPE P AUTO_INGEST = TRUE AS COPY INTO T FROM @S"));
    assertEquals(1003, refused("CREATE PIPE P"));
  }

  @Test
  void aStageIsALocationOfCopy() throws Exception {
    file("a.csv.gz", "1,'one'\n");
    run("COPY INTO T (ID, S) FROM @S/in/ FILE_FORMAT = (TYPE = CSV) FILES = ('a.csv.gz')");
    run("COPY INTO @S/out/x_ FROM (SELECT ID FROM T)");
    run("COPY INTO T (ID) FROM @public.s/out FILE_FORMAT = (TYPE = CSV)");
    assertEquals(List.of(List.of("1"), List.of("1")), rows("SELECT ID FROM T"));
  }

  @Test
  void aRequestNeedsTheUsersKeyAndAPipe() throws Exception {
    pipe();
    PipeClient.Answer wrong = new PipeClient(server, PipeClient.keys()).insert(PIPE, "a.csv.gz");
    assertEquals(401, wrong.status());
    assertEquals("390144", wrong.body().path("code").asText());
    assertEquals(404, pipes.insert("SANDBOX.PUBLIC.Q", "a.csv.gz").status());
    assertEquals(404, pipes.insert("NO_DATABASE.PUBLIC.P", "a.csv.gz").status());
    assertEquals(404, pipes.insert("P", "a.csv.gz").status());
    assertEquals(400, pipes.insert(PIPE, "").status());
    assertEquals(400, pipes.report(PIPE, "x").status());
    assertEquals(400, pipes.history(PIPE, "yesterday").status());
  }
}
