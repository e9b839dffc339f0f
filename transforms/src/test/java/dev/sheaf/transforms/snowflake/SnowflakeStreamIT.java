package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.DirectWorkers;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unbounded rows through a pipe, by the real SnowflakeIO, the real driver and Snowpipe's calls. */
final class SnowflakeStreamIT {
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("ID").addNullableField("S", FieldType.STRING).build();

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private PipedWarehouse warehouse;

  @BeforeEach
  void start() throws Exception {
    warehouse = new PipedWarehouse(folder);
  }

  @AfterEach
  void stop() throws Exception {
    warehouse.close();
  }

  private SnowflakeRows.Write write(String table, String pipe) {
    return SnowflakeRows.write()
        .withConnection(warehouse.connection())
        .to(table)
        .throughPipe(pipe)
        .withFlushInterval(Duration.ofMillis(200));
  }

  private static Pipeline pipeline() {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setBlockOnRun(false);
    options.setTargetParallelism(3);
    // It checks, and logs about, each row of SnowflakeIO's, whose arrays are never equal.
    options.setEnforceImmutability(false);
    return Pipeline.create(options);
  }

  private static Row event(long id, @Nullable String text) {
    return Row.withSchema(EVENTS).addValues(id, text).build();
  }

  private static PCollection<Row> stream(Pipeline pipeline, Schema schema, List<Row> rows) {
    TestStream.Builder<Row> stream = TestStream.create(RowCoder.of(schema));
    for (Row row : rows) {
      stream = stream.addElements(row);
    }
    return pipeline.apply(stream.advanceWatermarkToInfinity()).setRowSchema(schema);
  }

  private void run(Schema schema, List<Row> rows, SnowflakeRows.Write write) {
    Pipeline pipeline = pipeline();
    stream(pipeline, schema, rows).apply(write);
    pipeline.run().waitUntilFinish();
  }

  private void awaitRows(String table, long count) throws Exception {
    PipedWarehouse.await(
        count + " rows in " + table,
        () -> warehouse.value("select count(*) from " + table).equals(Long.toString(count)));
  }

  @Test
  void everyValueComesBackAsItWentIn() throws Exception {
    Schema schema =
        Schema.builder()
            .addInt64Field("ID")
            .addNullableField("F", FieldType.DOUBLE)
            .addNullableField("N", FieldType.DECIMAL)
            .addNullableField("S", FieldType.STRING)
            .addNullableField("B", FieldType.BOOLEAN)
            .addNullableField("X", FieldType.BYTES)
            .addNullableField("D", FieldType.logicalType(SqlTypes.DATE))
            .addNullableField("T", FieldType.logicalType(SqlTypes.TIME))
            .addNullableField("NTZ", FieldType.logicalType(SqlTypes.DATETIME))
            .addNullableField("LTZ", FieldType.logicalType(new NanosInstant()))
            .build();
    List<Row> rows = new ArrayList<>();
    double[] doubles = {0.1 + 0.2, Double.MIN_VALUE, Double.MAX_VALUE, -0.0, 1e-300, Double.NaN};
    String[] texts = {"it's", "", "a\\N,\"b\"", "line\nbreak\r\n", "\\", "\u00fc\ud83d\ude00"};
    for (int i = 0; i < doubles.length; i++) {
      rows.add(
          Row.withSchema(schema)
              .addValues(
                  (long) i,
                  doubles[i],
                  new BigDecimal("12345678901234567890.123456789"),
                  texts[i],
                  i % 2 == 0,
                  new byte[] {(byte) i, -1},
                  LocalDate.of(2026, 1, 1 + i),
                  LocalTime.of(1, 2, 3, i),
                  LocalDateTime.of(2026, 1, 2, 3, 4, 5, 600_000_000 + i),
                  Instant.ofEpochSecond(1_700_000_000L, 1 + i))
              .build());
    }
    rows.add(
        Row.withSchema(schema)
            .addValues(99L, null, null, null, null, null, null, null, null, null)
            .build());
    run(schema, rows, write("VALUES_OF_ALL", "P"));
    awaitRows("VALUES_OF_ALL", rows.size());
    assertEquals(
        rows.stream().map(SnowflakeStreamIT::text).sorted().toList(),
        Warehouse.read(warehouse.connection(), SnowflakeRows.read().fromTable("VALUES_OF_ALL"))
            .stream()
            .map(SnowflakeStreamIT::text)
            .sorted()
            .toList());
    PipedWarehouse.await("no file left", () -> warehouse.pending("P").isEmpty());
  }

  /** Bits of doubles and bytes, which equal rows need not share. */
  private static String text(Row row) {
    StringBuilder text = new StringBuilder();
    for (@Nullable Object value : row.getValues()) {
      if (value instanceof Double number) {
        text.append(Long.toHexString(Double.doubleToLongBits(number)));
      } else if (value instanceof byte[] bytes) {
        text.append(java.util.Arrays.toString(bytes));
      } else if (value instanceof BigDecimal decimal) {
        text.append(decimal.stripTrailingZeros());
      } else {
        text.append(value);
      }
      text.append('|');
    }
    return text.toString();
  }

  @Test
  void jsonIsParsedByThePipe() throws Exception {
    warehouse.execute("create table J (ID number(9,0), V variant, O object, A array)");
    Schema schema =
        Schema.builder()
            .addStringField("V")
            .addInt64Field("ID")
            .addNullableField("A", FieldType.STRING)
            .build();
    run(
        schema,
        List.of(
            Row.withSchema(schema).addValues("{\"it's\": [1, null]}", 1L, "[1, 2]").build(),
            Row.withSchema(schema).addValues("\"text\"", 2L, null).build()),
        write("J", "JP"));
    awaitRows("J", 2);
    assertEquals(
        List.of(List.of("1", "1", "2"), java.util.Arrays.asList("2", null, null)),
        warehouse.query("select ID, V['it''s'][0], A[1] from J order by ID"));
  }

  @Test
  void theWarehouseIsDownForAWhileAndNothingIsLost() throws Exception {
    Pipeline pipeline = pipeline();
    pipeline
        .apply(GenerateSequence.from(0).withRate(5, org.joda.time.Duration.millis(50)))
        .apply(
            MapElements.into(TypeDescriptors.rows())
                .via(id -> event(id, id % 2 == 0 ? null : "it's " + id)))
        .setRowSchema(EVENTS)
        .apply(write("EVENTS", "P"));
    PipelineResult running = pipeline.run();
    PipedWarehouse.await("first rows", () -> count("EVENTS") > 0);
    long loaded = count("EVENTS");
    warehouse.down();
    // The step that hands files over waits for the service, so one file is all that need be there.
    Instant since = Instant.now();
    PipedWarehouse.await(
        "a file waits for the service while events go on",
        () -> !warehouse.pending("P").isEmpty() && Instant.now().isAfter(since.plusSeconds(3)));
    warehouse.up();
    long all = (loaded + 200) / 2 * 2;
    String some = "from EVENTS where ID < " + all;
    PipedWarehouse.await(
        all + " rows",
        () -> {
          // Throws why, if the pipeline has failed.
          running.waitUntilFinish(org.joda.time.Duration.millis(1));
          return warehouse.value("select count(distinct ID) " + some).equals(Long.toString(all));
        });
    assertEquals(
        List.of(List.of(Long.toString(all), Long.toString(all / 2))),
        warehouse.query("select count(ID), count(S) " + some));
    running.cancel();
    DirectWorkers.awaitEnd();
  }

  private long count(String table) {
    try {
      return Long.parseLong(warehouse.value("select count(*) from " + table));
    } catch (SQLException e) {
      return 0;
    }
  }

  @Test
  void aServiceThatStaysAwayFailsThePipelineAndTheNextRunLoadsItsRows() throws Exception {
    run(EVENTS, List.of(event(1, "one")), write("EVENTS", "P"));
    awaitRows("EVENTS", 1);
    SnowflakeRows.Write write = write("EVENTS", "P").withPipeLimit(Duration.ofSeconds(1));
    Pipeline pipeline = pipeline();
    stream(pipeline, EVENTS, List.of(event(2, "two"))).apply(write);
    warehouse.down();
    RuntimeException failed =
        assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(
        String.valueOf(failed.getMessage()).contains("no answer from http://127.0.0.1:"),
        failed.getMessage());
    warehouse.up();
    assertEquals("1", warehouse.value("select count(*) from EVENTS"));
    run(EVENTS, List.of(event(3, "three")), write);
    awaitRows("EVENTS", 3);
  }

  @Test
  void aLoadThatFailsFailsThePipelineAndIsRepairedByTheNextRun() throws Exception {
    warehouse.execute("create table EVENTS (ID number(19,0), S varchar not null)");
    SnowflakeRows.Write write = write("EVENTS", "P").withFlushRows(1);
    Pipeline pipeline = pipeline();
    pipeline
        .apply(GenerateSequence.from(0).withRate(5, org.joda.time.Duration.millis(100)))
        .apply(
            MapElements.into(TypeDescriptors.rows()).via(id -> event(id, id == 7 ? null : "text")))
        .setRowSchema(EVENTS)
        .apply(write);
    RuntimeException failed =
        assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    String message = String.valueOf(failed.getMessage());
    assertTrue(
        message.contains("Cannot load a file into table EVENTS through pipe SANDBOX.PUBLIC.P: "),
        message);
    assertTrue(message.contains("LOAD_FAILED, 0 of "), message);
    assertTrue(message.contains("NULL result in a non-nullable column at line "), message);
    assertTrue(message.contains("\"S\""), message);
    assertFalse(warehouse.pending("P").isEmpty());
    warehouse.execute("create or replace table EVENTS (ID number(19,0), S varchar)");
    // A thread of the failed pipeline may have handed the file over again before the repair; then
    // it is for the run after the next.
    AtomicLong id = new AtomicLong();
    PipedWarehouse.await(
        "the row that failed",
        () -> {
          try {
            run(EVENTS, List.of(event(id.decrementAndGet(), "again")), write);
          } catch (RuntimeException ofTheLoadBefore) {
            assertTrue(
                String.valueOf(ofTheLoadBefore.getMessage()).contains("LOAD_FAILED"),
                ofTheLoadBefore::toString);
          }
          return warehouse.value("select count(distinct ID) from EVENTS where ID = 7").equals("1");
        });
    String again = Long.toString(-id.get());
    PipedWarehouse.await(
        "the rows of every run since",
        () -> warehouse.value("select count(distinct ID) from EVENTS where ID < 0").equals(again));
  }

  @Test
  void aPipeOfAnotherDefinitionIsRefused() throws Exception {
    warehouse.execute(
        "create table EVENTS (ID number(19,0), S varchar)",
        "create stage P_STAGE url = '/tmp/'",
        "create pipe P as copy into EVENTS from @P_STAGE");
    String message = refusal(write("EVENTS", "P"));
    assertTrue(
        message.startsWith(
            "Cannot write through pipe SANDBOX.PUBLIC.P: it must be COPY INTO \"EVENTS\" (\"ID\","
                + " \"S\") FROM @SANDBOX.PUBLIC.P_STAGE FILE_FORMAT=("),
        message);
    assertTrue(message.contains("found copy into EVENTS from @P_STAGE"), message);
  }

  private String refusal(SnowflakeRows.Write write) {
    PCollection<Row> rows = stream(pipeline(), EVENTS, List.of(event(1, "one")));
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> rows.apply(write)).getMessage());
  }

  @Test
  void withoutCreateThePipeMustBeThere() throws Exception {
    warehouse.execute("create table EVENTS (ID number(19,0), S varchar)");
    String message = refusal(write("EVENTS", "P").withoutCreate());
    assertTrue(
        message.contains(
            "it does not exist, and withoutCreate was given; create it by: CREATE STAGE"),
        message);
    for (String statement : message.substring(message.indexOf("CREATE STAGE")).split("; ", -1)) {
      warehouse.execute(statement);
    }
    run(EVENTS, List.of(event(1, "one")), write("EVENTS", "P").withoutCreate());
    awaitRows("EVENTS", 1);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertEquals(
        "Cannot write to table EVENTS: a pipe only appends, found withMode TRUNCATE.",
        refusal(write("EVENTS", "P").withMode(WriteMode.TRUNCATE)));
    assertEquals(
        "Cannot write through pipe P: withKeyPair is required, Snowpipe takes no password.",
        refusal(
            write("EVENTS", "P")
                .withConnection(warehouse.connection().withPassword(Secret.of("pw")))));
    assertEquals(
        "withFlushInterval takes PT0.1S to PT1H; found: PT0S",
        refused(() -> SnowflakeRows.write().withFlushInterval(Duration.ZERO)));
    assertEquals(
        "withFlushRows takes 1 or more; found: 0",
        refused(() -> SnowflakeRows.write().withFlushRows(0)));
    assertEquals(
        "withPipeLimit takes PT1S to PT24H; found: PT25H",
        refused(() -> SnowflakeRows.write().withPipeLimit(Duration.ofHours(25))));
    assertTrue(refusal(write("EVENTS", "\"a pipe\"")).contains("names that need no quotes"));
    PCollection<Row> bounded = pipeline().apply(Create.of(event(1, "one")).withRowSchema(EVENTS));
    assertTrue(
        refused(() -> bounded.apply(write("EVENTS", "P")))
            .startsWith(
                "Cannot write to table EVENTS: throughPipe is for unbounded rows, found the bounded"));
  }

  private static String refused(Runnable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
