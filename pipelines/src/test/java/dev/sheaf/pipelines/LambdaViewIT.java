package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;

/** Which prediction counts, in the sandbox: docs/lambda.md, rule by rule, then over any tables. */
class LambdaViewIT {
  private static final String VIEW =
      "select EVENT_ID, PREDICTION, MODEL_VERSION, LAYER from PREDICTIONS_CURRENT order by 1";

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static SnowflakeServer server;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Connection connection;

  /** A row of a layer's table; the time is a minute of one day. */
  private record Prediction(
      @Nullable String event, int minute, String version, @Nullable Double value, int quantity) {
    String sql(String layer) {
      return String.format(
          "(%s, %s, '%s', '%s', '2026-01-02 03:%02d:00', %d)",
          event == null ? "null" : "'" + event + "'", value, version, layer, minute, quantity);
    }
  }

  @BeforeContainer
  static void start() throws Exception {
    server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();
    Path password = Files.createTempFile("password", "");
    Files.writeString(password, "pw");
    ViewOptions options =
        PipelineOptionsFactory.fromArgs(
                "--warehouseUrl=" + server.jdbcUrl(),
                "--warehouseUser=sheaf",
                "--warehousePassword=file:" + password,
                "--warehouseDatabase=SANDBOX")
            .withValidation()
            .as(ViewOptions.class);
    connection = Warehouse.login(options).open();
    execute(
        "create table PREDICTIONS (EVENT_ID varchar, PREDICTION float, MODEL_VERSION varchar, LAYER"
            + " varchar, SCORED_AT timestamp_ltz, QUANTITY number(9,0))",
        "create table PREDICTIONS_STREAM (QUANTITY float, SCORED_AT timestamp_ltz, LAYER varchar,"
            + " MODEL_VERSION varchar, PREDICTION float, EVENT_ID varchar, PARTITION number(9,0))");
    LambdaView.create(options);
    Files.delete(password);
  }

  @AfterContainer
  static void stop() throws Exception {
    connection.close();
    server.close();
  }

  private static void execute(String... statements) throws Exception {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static List<String> view(String sql) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
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

  private static void tables(List<Prediction> batch, List<Prediction> stream) throws Exception {
    execute("truncate table PREDICTIONS", "truncate table PREDICTIONS_STREAM");
    insert("PREDICTIONS", "batch", batch);
    insert("PREDICTIONS_STREAM", "stream", stream);
  }

  private static void insert(String table, String layer, List<Prediction> rows) throws Exception {
    if (!rows.isEmpty()) {
      execute(
          "insert into "
              + table
              + " (EVENT_ID, PREDICTION, MODEL_VERSION, LAYER, SCORED_AT, QUANTITY) values "
              + rows.stream().map(row -> row.sql(layer)).collect(Collectors.joining(", ")));
    }
  }

  private static Prediction row(
      @Nullable String event, int minute, String version, @Nullable Double value) {
    return new Prediction(event, minute, version, value, 1);
  }

  @Example
  void theBatchLayerCountsForTheEventsItHasCaughtUpWith() throws Exception {
    tables(
        List.of(row("a", 5, "v1", 1.0), row("b", 5, "v1", 2.0)),
        List.of(row("b", 9, "v1", 2.5), row("c", 9, "v1", 3.5)));
    assertEquals(List.of("a 1.0 v1 batch", "b 2.0 v1 batch", "c 3.5 v1 stream"), view(VIEW));
  }

  @Example
  void ofARepeatedEventTheLatestRowCounts() throws Exception {
    tables(
        List.of(), List.of(row("a", 7, "v1", 1.0), row("a", 9, "v1", 3.0), row("a", 8, "v1", 2.0)));
    assertEquals(List.of("a 3.0 v1 stream"), view(VIEW));
    tables(List.of(), List.of(row("a", 7, "v1", 1.0), row("a", 7, "v1", 1.0)));
    assertEquals(List.of("a 1.0 v1 stream"), view(VIEW));
  }

  @Example
  void anEventThatComesAfterTheBatchLayerHasItChangesNothing() throws Exception {
    tables(List.of(row("late", 5, "v1", 1.0)), List.of());
    assertEquals(List.of("late 1.0 v1 batch"), view(VIEW));
    insert("PREDICTIONS_STREAM", "stream", List.of(row("late", 59, "v2", 2.0)));
    assertEquals(List.of("late 1.0 v1 batch"), view(VIEW));
  }

  @Example
  void ofTwoRunsOfTheBatchLayerTheLaterCountsForTheEventsItHas() throws Exception {
    tables(
        List.of(row("a", 1, "v1", 1.0), row("b", 1, "v1", 2.0)), List.of(row("a", 9, "v1", 9.0)));
    insert("PREDICTIONS", "batch", List.of(row("a", 2, "v2", 1.5)));
    assertEquals(List.of("a 1.5 v2 batch", "b 2.0 v1 batch"), view(VIEW));
  }

  @Example
  void aRunThatReplacesTheTableGivesItsMissingEventsBackToTheStream() throws Exception {
    tables(
        List.of(row("a", 1, "v1", 1.0), row("b", 1, "v1", 2.0)),
        List.of(row("a", 3, "v1", 8.0), row("b", 3, "v1", 9.0)));
    execute("truncate table PREDICTIONS");
    insert("PREDICTIONS", "batch", List.of(row("a", 4, "v2", 1.5)));
    assertEquals(List.of("a 1.5 v2 batch", "b 9.0 v1 stream"), view(VIEW));
  }

  @Example
  void anotherChampionInTheStreamDoesNotOutrankTheBatch() throws Exception {
    tables(
        List.of(row("a", 1, "v1", 1.0)), List.of(row("a", 3, "v2", 2.0), row("b", 3, "v2", 3.0)));
    assertEquals(List.of("a 1.0 v1 batch", "b 3.0 v2 stream"), view(VIEW));
    insert("PREDICTIONS", "batch", List.of(row("a", 5, "v2", 2.0), row("b", 5, "v2", 3.0)));
    assertEquals(List.of("a 2.0 v2 batch", "b 3.0 v2 batch"), view(VIEW));
  }

  @Example
  void aRowWithoutPredictionGivesWayToTheOtherLayersPredictionAlone() throws Exception {
    tables(
        List.of(row("a", 5, "v1", null), row("b", 5, "v1", null), row("d", 1, "v1", 4.0)),
        List.of(row("a", 1, "v1", 1.5), row("c", 1, "v1", null), row("b", 1, "v1", null)));
    insert("PREDICTIONS", "batch", List.of(row("d", 2, "v2", null)));
    assertEquals(
        List.of("a 1.5 v1 stream", "b null v1 batch", "c null v1 stream", "d null v2 batch"),
        view(VIEW));
  }

  @Example
  void aColumnThatALayerLacksIsNullAndRowsWithoutAnEventAreNotShown() throws Exception {
    tables(List.of(row("a", 1, "v1", 1.0), row(null, 1, "v1", 2.0)), List.of());
    execute(
        "insert into PREDICTIONS_STREAM values (2.5, '2026-01-02 03:04:05', 'stream', 'v1', 5, 'b', 3)");
    assertEquals(
        List.of("a null 1.0", "b 3 2.5"),
        view("select EVENT_ID, PARTITION, QUANTITY from PREDICTIONS_CURRENT order by 1"));
  }

  @Provide
  Arbitrary<List<Prediction>> predictions() {
    Arbitrary<String> events = Arbitraries.of("a", "b", "c", "d", "e").injectNull(0.1);
    Arbitrary<Double> values =
        Arbitraries.of(-1.5, 0.1, 1e300, 0.1 + 0.2, Double.MIN_NORMAL).injectNull(0.3);
    return Combinators.combine(
            events,
            Arbitraries.integers().between(0, 5),
            Arbitraries.of("v1", "v2"),
            values,
            Arbitraries.integers().between(1, 2))
        .as(Prediction::new)
        .list()
        .ofMaxSize(12);
  }

  @Property(tries = 60)
  void exactlyOneRowPerEventChosenByTheRules(
      @ForAll("predictions") List<Prediction> batch, @ForAll("predictions") List<Prediction> stream)
      throws Exception {
    tables(batch, stream);
    Map<String, String> expected = new TreeMap<>();
    latest(stream).forEach((event, row) -> expected.put(event, text(row, "stream")));
    latest(batch)
        .forEach(
            (event, row) -> {
              Prediction other = latest(stream).get(event);
              if (row.value != null || other == null || other.value == null) {
                expected.put(event, text(row, "batch"));
              }
            });
    assertEquals(
        List.copyOf(expected.values()),
        view(
            "select EVENT_ID, minute(SCORED_AT::timestamp_ntz), MODEL_VERSION, PREDICTION, QUANTITY::number(9,0),"
                + " LAYER from PREDICTIONS_CURRENT order by 1"));
  }

  private static String text(Prediction row, String layer) {
    return Stream.of(row.event, row.minute, row.version, row.value, row.quantity, layer)
        .map(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  /** What a layer says of each event. */
  private static Map<String, Prediction> latest(List<Prediction> rows) {
    Comparator<Prediction> order =
        Comparator.comparingInt(Prediction::minute)
            .thenComparing(Prediction::version)
            .thenComparing(Prediction::value, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparingInt(Prediction::quantity);
    Map<String, Prediction> latest = new TreeMap<>();
    for (Prediction row : rows) {
      if (row.event != null) {
        latest.merge(row.event, row, (one, two) -> order.compare(one, two) >= 0 ? one : two);
      }
    }
    return latest;
  }
}
