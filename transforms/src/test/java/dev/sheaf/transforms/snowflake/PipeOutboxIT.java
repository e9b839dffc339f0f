package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import net.snowflake.ingest.SimpleIngestManager;
import net.snowflake.ingest.connection.HistoryRangeResponse;
import net.snowflake.ingest.connection.HistoryResponse;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of files when runners repeat, workers die and reports are late. */
final class PipeOutboxIT {
  private static final Schema SCHEMA =
      Schema.builder().addInt64Field("ID").addInt64Field("N").build();
  private static final PipeOutbox.Pace QUICK =
      new PipeOutbox.Pace(
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofMillis(10),
          Duration.ofMillis(50));

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void fileSystems() {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
  }

  private static PipeTarget target(PipedWarehouse warehouse, Duration limit) {
    TableLoad load =
        new TableLoad(
            warehouse.connection(), TableName.parse("to", "T"), SCHEMA, WriteMode.APPEND, true);
    return PipeTarget.of(load, TableName.parse("throughPipe", "P"), limit);
  }

  private static PipeOutbox outbox(PipedWarehouse warehouse) {
    return new PipeOutbox(target(warehouse, Duration.ofSeconds(30)), Clock.systemUTC(), QUICK);
  }

  private String written(PipedWarehouse warehouse, String name, String lines) throws Exception {
    Path file = Path.of(target(warehouse, Duration.ofSeconds(1)).written(), name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    return file.toString();
  }

  private static void awaitEmpty(PipedWarehouse warehouse) throws Exception {
    PipedWarehouse.await("no file left", () -> warehouse.pending("P").isEmpty());
  }

  private static String ids(PipedWarehouse warehouse) throws Exception {
    return warehouse.query("select ID from T order by ID").stream()
        .map(row -> String.valueOf(row.get(0)))
        .collect(Collectors.joining(" "));
  }

  @Test
  void aPaneThatIsFiredAgainWithOtherRowsIsLoadedToo() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      PipeOutbox outbox = outbox(warehouse);
      String name = "output-pane-3-00000-of-00001.csv.gz";
      outbox.submit(List.of(written(warehouse, name, "1,1\n")));
      awaitEmpty(warehouse);
      // The same name with more rows: Snowpipe itself would pass it over.
      outbox.submit(List.of(written(warehouse, name, "1,1\n2,2\n")));
      awaitEmpty(warehouse);
      assertEquals("1 1 2", ids(warehouse));
      // The same name with the same rows again is the same file.
      outbox.submit(List.of(written(warehouse, name, "1,1\n2,2\n")));
      outbox.submit(List.of(written(warehouse, "output-pane-4.csv.gz", "3,3\n")));
      PipedWarehouse.await("row 3", () -> ids(warehouse).endsWith("3"));
      assertEquals("1 1 2 3", ids(warehouse));
      awaitEmpty(warehouse);
    }
  }

  @Test
  void aRepeatedHandOverOfATakenFileChangesNothing() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      PipeOutbox outbox = outbox(warehouse);
      String file = written(warehouse, "a.csv.gz", "1,1\n");
      outbox.submit(List.of(file));
      outbox.submit(List.of(file));
      awaitEmpty(warehouse);
      assertEquals("1", ids(warehouse));
    }
  }

  @Test
  void whatADeadWorkerLeftIsLoadedByTheNext() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      outbox(warehouse).submit(List.of());
      warehouse.execute("alter pipe P set pipe_execution_paused = true");
      outbox(warehouse).submit(List.of(written(warehouse, "a.csv.gz", "1,1\n")));
      // A worker that dies after it took the file, before it told the service.
      new PipeFiles(target(warehouse, Duration.ofSeconds(1)))
          .take(List.of(written(warehouse, "b.csv.gz", "2,2\n")));
      // One that dies before; the job goes on from a savepoint and calls its files otherwise.
      String left = written(warehouse, "98b9d7c4-26.csv.gz", "3,3\n");
      warehouse.execute("alter pipe P set pipe_execution_paused = false");
      outbox(warehouse).submit(List.of(left.replace("98b9d7c4", "92c7aaec")));
      awaitEmpty(warehouse);
      assertEquals("1 2 3", ids(warehouse));
    }
  }

  @Test
  void whatAnotherWorkerTookAndNeverHandedOverIsHandedOver() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      PipeOutbox outbox = outbox(warehouse);
      outbox.submit(List.of(written(warehouse, "a.csv.gz", "1,1\n")));
      awaitEmpty(warehouse);
      String file = written(warehouse, "b.csv.gz", "2,2\n");
      new PipeFiles(target(warehouse, Duration.ofSeconds(1))).take(List.of(file));
      outbox.submit(List.of(file));
      awaitEmpty(warehouse);
      assertEquals("1 2", ids(warehouse));
    }
  }

  @Test
  void aReportThatIsForgottenIsFoundInTheHistory() throws Exception {
    try (PipedWarehouse warehouse =
        new PipedWarehouse(folder, server -> server.withReportLife(Duration.ZERO))) {
      outbox(warehouse).submit(List.of(written(warehouse, "a.csv.gz", "1,1\n")));
      awaitEmpty(warehouse);
      assertEquals("1", ids(warehouse));
    }
  }

  @Test
  void aSlowLoadIsWaitedForAndOneThatNeverEndsIsTold() throws Exception {
    try (PipedWarehouse warehouse =
        new PipedWarehouse(folder, server -> server.withPipeDelay(Duration.ofMillis(1500)))) {
      outbox(warehouse).submit(List.of(written(warehouse, "a.csv.gz", "1,1\n")));
      awaitEmpty(warehouse);
      assertEquals("1", ids(warehouse));
      warehouse.execute("alter pipe P set pipe_execution_paused = true");
      PipeOutbox outbox =
          new PipeOutbox(target(warehouse, Duration.ofSeconds(1)), Clock.systemUTC(), QUICK);
      outbox.submit(List.of(written(warehouse, "b.csv.gz", "2,2\n")));
      List<String> told = new ArrayList<>();
      PipedWarehouse.await(
          "given up",
          () -> {
            try {
              outbox.submit(List.of());
            } catch (SnowflakeException e) {
              told.add(String.valueOf(e.getMessage()));
            }
            return !told.isEmpty();
          });
      assertTrue(told.get(0).contains("not reported as loaded within PT1S"), told.get(0));
      assertTrue(warehouse.pending("P").get(0).toString().contains("-2."));
    }
  }

  @Test
  void aPipeThatIsDroppedIsToldAtOnce() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      PipeOutbox outbox = outbox(warehouse);
      outbox.submit(List.of(written(warehouse, "a.csv.gz", "1,1\n")));
      awaitEmpty(warehouse);
      warehouse.execute("drop pipe P");
      String file = written(warehouse, "b.csv.gz", "2,2\n");
      SnowflakeException refused =
          assertThrows(SnowflakeException.class, () -> outbox.submit(List.of(file)));
      assertEquals(SnowflakeException.Kind.STATEMENT, refused.kind());
      assertTrue(String.valueOf(refused.getMessage()).contains("HTTP 404"), refused.getMessage());
      // The next attempt makes the pipe again.
      outbox.submit(List.of(file));
      awaitEmpty(warehouse);
      assertEquals("1 2", ids(warehouse));
    }
  }

  /** A service that is overloaded or broken for a while, which the sandbox never is. */
  @Test
  void tooManyRequestsAndErrorsOfTheServiceAreRepeated() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          int[] statuses = {429, 503, 200, 403};
          byte[] body = "{\"message\": \"as it is\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(statuses[calls.getAndIncrement() % 4], body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      SnowflakeConnection broken =
          SnowflakeConnection.to(
                  "jdbc:snowflake://127.0.0.1:"
                      + server.getAddress().getPort()
                      + "/?ssl=off&account=local")
              .withUser("robot")
              .withKeyPair(Secret.fromFile(PipedWarehouse.pem(folder)));
      PipeClient client = new PipeClient(broken, "A.B.C", Duration.ofSeconds(5), Clock.systemUTC());
      for (String expected : List.of("HTTP 429, as it is", "HTTP 503, as it is")) {
        SnowflakeException passing =
            assertThrows(SnowflakeException.class, () -> client.insert(List.of("a")));
        assertEquals(SnowflakeException.Kind.UNREACHABLE, passing.kind());
        assertTrue(String.valueOf(passing.getMessage()).endsWith(expected), passing.getMessage());
      }
      client.insert(List.of("a"));
      SnowflakeException refused =
          assertThrows(SnowflakeException.class, () -> client.insert(List.of("a")));
      assertEquals(SnowflakeException.Kind.AUTHENTICATION, refused.kind());
    } finally {
      server.stop(0);
    }
  }

  /** The sandbox answers Snowflake's own client as it answers ours. */
  @Test
  @SuppressWarnings("deprecation") // The constructor that SnowflakeIO calls.
  void snowflakesOwnIngestManagerIsServed() throws Exception {
    try (PipedWarehouse warehouse = new PipedWarehouse(folder)) {
      outbox(warehouse).submit(List.of());
      Path stage = Path.of(target(warehouse, Duration.ofSeconds(1)).pending());
      Files.createDirectories(stage);
      Files.move(Path.of(written(warehouse, "a.csv.gz", "1,1\n")), stage.resolve("a.csv.gz"));
      try (SimpleIngestManager manager =
          new SimpleIngestManager(
              "local",
              "robot",
              "SANDBOX.PUBLIC.P",
              PipedWarehouse.keyPair(),
              "http",
              "127.0.0.1",
              warehouse.server().port())) {
        assertEquals(
            "SUCCESS",
            manager
                .ingestFiles(SimpleIngestManager.wrapFilepaths(Set.of("a.csv.gz")), null)
                .getResponseCode());
        PipedWarehouse.await("row 1", () -> ids(warehouse).equals("1"));
        HistoryResponse report = manager.getHistory(null, null, null);
        assertEquals("a.csv.gz", report.files.get(0).getPath());
        assertEquals(1, report.files.get(0).getRowsInserted());
        assertTrue(report.files.get(0).isComplete());
        HistoryRangeResponse history =
            manager.getHistoryRange(
                null, java.time.Instant.now().minusSeconds(60).toString(), null);
        assertEquals(1, history.files.size());
      }
    }
  }
}
