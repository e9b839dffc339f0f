package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import dev.sheaf.transforms.inference.Batching;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.rows.NameEvents;
import dev.sheaf.transforms.snowflake.Secret;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same events and the same models in both layers: one prediction, bit for bit, through the
 * tables and back.
 */
final class LambdaIT {
  private static final int EVENTS = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Schema SCHEMA =
      Schema.builder()
          .addInt64Field("ORDER_ID")
          .addInt64Field("STORE")
          .addDoubleField("A")
          .addDoubleField("B")
          .build();

  /** Bits of predictions by run and event, as RunInference gives them. */
  private static final Map<String, Map<String, Long>> SCORED = new ConcurrentSkipListMap<>();

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private SnowflakeServer server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private SnowflakeConnection connection;

  private final List<Row> events = events();

  private static List<Row> events() {
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < EVENTS; id++) {
      rows.add(
          Row.withSchema(SCHEMA)
              .addValues(id, id % 3, random.nextGaussian() * 1e3, random.nextDouble())
              .build());
    }
    return rows;
  }

  @BeforeEach
  void start() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    String key = Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded());
    Files.writeString(
        folder.resolve("key"),
        "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n");
    Files.createDirectories(folder.resolve("staging"));
    server = SnowflakeServer.inMemory().withUser("robot", keys.getPublic()).start();
    connection =
        SnowflakeConnection.to(server.jdbcUrl())
            .withUser("robot")
            .withKeyPair(Secret.fromFile(folder.resolve("key")))
            .withDatabase("SANDBOX")
            .withSchema("PUBLIC")
            .withStaging(folder.resolve("staging") + "/");
    execute(
        "create table SALES (ORDER_ID number(18,0), STORE number(9,0), A float, B float, Y float)");
    execute(
        "insert into SALES values "
            + events.stream().map(LambdaIT::sale).collect(Collectors.joining(", ")));
  }

  private static String sale(Row row) {
    double a = row.getDouble("A");
    double b = row.getDouble("B");
    return String.format(
        Locale.ROOT,
        "(%d, %d, %s::float, %s::float, %s::float)",
        row.getInt64("ORDER_ID"),
        row.getInt64("STORE"),
        quoted(a),
        quoted(b),
        quoted(a / 3 + Math.sin(7 * b) * row.getInt64("STORE")));
  }

  /** A literal would be a decimal number. */
  private static String quoted(double number) {
    return "'" + number + "'";
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void execute(String sql) throws Exception {
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> query(String sql) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(result.getString(i)));
        }
        rows.add(String.join(" ", row));
      }
    }
    return rows;
  }

  private <T extends ConnectionOptions> T options(Class<T> type, String... more) {
    Stream<String> login =
        Stream.of(
            "--warehouseUrl=" + server.jdbcUrl(),
            "--warehouseUser=robot",
            "--warehousePrivateKey=file:" + folder.resolve("key"),
            "--warehouseDatabase=SANDBOX");
    return PipelineOptionsFactory.fromArgs(
            Stream.concat(login, Stream.of(more)).toArray(String[]::new))
        .withValidation()
        .as(type);
  }

  private String store() {
    return folder.resolve("models").toString();
  }

  private <T extends WarehouseOptions> T rows(Class<T> type, String... more) {
    return options(
        type,
        Stream.concat(
                Stream.of(
                    "--staging=" + folder.resolve("staging") + "/",
                    "--key=STORE",
                    "--modelStore=" + store()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "xgboost:rounds=20,max_depth=4"})
  void bothLayersGiveOnePredictionBitForBit(String trainer) throws Exception {
    Train.pipeline(
            rows(
                TrainOptions.class,
                "--sourceTable=SALES",
                "--label=Y",
                "--features=A,B",
                "--trainer=" + trainer,
                "--holdout=none",
                "--promote=ALWAYS"))
        .run()
        .waitUntilFinish();
    String half = "select ORDER_ID, STORE, A, B from SALES where ORDER_ID < " + EVENTS / 2;
    Score.pipeline(rows(ScoreOptions.class, "--sourceQuery=" + half, "--eventId=ORDER_ID"))
        .run()
        .waitUntilFinish();
    stream("PREDICTIONS_STREAM", Batching.upTo(7));
    stream("PREDICTIONS_WAITING", Batching.upTo(64).waitingAtMost(Duration.ofMillis(300)));
    Map<String, Long> scored = scored("batch", events(Create.of(events)));
    assertEquals(EVENTS, scored.size());
    assertNotEquals(1, scored.values().stream().distinct().count());
    for (String table : List.of("PREDICTIONS_STREAM", "PREDICTIONS_WAITING")) {
      assertEquals(scored, SCORED.get(table));
      assertEquals(scored, stored(SnowflakeRows.read().fromTable(table), "read " + table));
    }
    LambdaView.create(options(ViewOptions.class));
    assertEquals(
        List.of("batch " + EVENTS / 2 + " 1", "stream " + EVENTS / 2 + " 1"),
        query(
            "select LAYER, count(*), count(distinct MODEL_VERSION) from PREDICTIONS_CURRENT group by"
                + " LAYER order by LAYER"));
    assertEquals(
        scored, stored(SnowflakeRows.read().fromTable("PREDICTIONS_CURRENT"), "read the view"));
  }

  private PCollection<Row> events(Create.Values<Row> values) {
    return Pipeline.create().apply(values.withRowSchema(SCHEMA));
  }

  private RunInference inference() {
    return RunInference.with(ModelStore.at(store()).champion()).keyedBy("STORE");
  }

  private Map<String, Long> scored(String name, PCollection<Row> rows) {
    SCORED.put(name, new ConcurrentSkipListMap<>());
    rows.apply(NameEvents.by("ORDER_ID")).apply(inference()).apply(ParDo.of(new Keep(name)));
    rows.getPipeline().run().waitUntilFinish();
    return new TreeMap<>(SCORED.get(name));
  }

  private Map<String, Long> stored(SnowflakeRows.Read read, String name) {
    SCORED.put(name, new ConcurrentSkipListMap<>());
    Pipeline pipeline = Pipeline.create();
    pipeline.apply(read.withConnection(connection)).apply(ParDo.of(new Keep(name)));
    pipeline.run().waitUntilFinish();
    return new TreeMap<>(SCORED.get(name));
  }

  /** Scores all events as a stream that comes in pieces of growing size. */
  private void stream(String table, Batching batching) throws Exception {
    SCORED.put(table, new ConcurrentSkipListMap<>());
    TestStream.Builder<Row> stream = TestStream.create(RowCoder.of(SCHEMA));
    for (int from = 0, size = 1; from < EVENTS; from += size, size += 3) {
      List<Row> some = events.subList(from, Math.min(EVENTS, from + size));
      stream = stream.addElements(some.get(0), some.subList(1, some.size()).toArray(Row[]::new));
    }
    // The runner checks, and logs about, each row of SnowflakeIO's, whose arrays are never equal.
    Pipeline pipeline =
        Pipeline.create(PipelineOptionsFactory.fromArgs("--enforceImmutability=false").create());
    PCollection<Row> scored =
        pipeline
            .apply(stream.advanceWatermarkToInfinity())
            .setRowSchema(SCHEMA)
            .apply(NameEvents.by("ORDER_ID"))
            .apply(inference().withBatching(batching));
    scored.apply(ParDo.of(new Keep(table)));
    scored.apply(
        SnowflakeRows.write()
            .withConnection(connection)
            .to(table)
            .throughPipe(table + "_PIPE")
            .withFlushInterval(Duration.ofMillis(200)));
    pipeline.run().waitUntilFinish();
    Instant end = Instant.now().plus(PATIENCE);
    while (!query("select count(*) from " + table).equals(List.of("" + EVENTS))) {
      if (Instant.now().isAfter(end)) {
        fail("not loaded within " + PATIENCE);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static final class Keep extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;
    private final String name;

    Keep(String name) {
      this.name = name;
    }

    @ProcessElement
    public void keep(@Element Row row) {
      Long before =
          SCORED
              .computeIfAbsent(name, key -> new ConcurrentSkipListMap<>())
              .put(
                  String.valueOf(row.getString("EVENT_ID")),
                  Double.doubleToRawLongBits(row.getDouble("PREDICTION")));
      if (before != null) {
        throw new IllegalStateException("an event came twice: " + row);
      }
    }
  }
}
