package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.snowflake.SnowflakeException.Kind;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SnowflakeRowsIT {
  private static final Schema SALE =
      Schema.builder()
          .addInt64Field("STORE_ID")
          .addNullableField("PRODUCT", FieldType.STRING)
          .addNullableField("PRICE", FieldType.DOUBLE)
          .build();
  private static final List<Row> SALES =
      List.of(
          sale(1, "apple", 0.5),
          sale(2, null, 1e-300),
          sale(3, "it's a \"pear\", or\nnot\\", null));

  @SuppressWarnings("NullAway.Init") // set before all tests
  private Warehouse warehouse;

  @BeforeAll
  void start() throws Exception {
    warehouse = new Warehouse();
  }

  @AfterAll
  void stop() {
    warehouse.close();
  }

  @BeforeEach
  void createTable() throws SQLException {
    warehouse.execute(
        "CREATE OR REPLACE TABLE SALES (STORE_ID NUMBER(18,0) NOT NULL, PRODUCT VARCHAR, PRICE FLOAT)",
        "INSERT INTO SALES VALUES (1, 'apple', 0.5), (2, NULL, 1e-300),"
            + " (3, 'it''s a \"pear\", or' || CHR(10) || 'not' || CHR(92), NULL)",
        "DROP TABLE IF EXISTS COPIED");
  }

  private static Row sale(long store, @Nullable String product, @Nullable Double price) {
    return Row.withSchema(SALE).addValues(store, product, price).build();
  }

  private static List<Row> sorted(List<Row> rows) {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparing(row -> String.valueOf(row.getValues().get(0))));
    return sorted;
  }

  private static SnowflakeRows.Write to(String table) {
    return SnowflakeRows.write().to(table);
  }

  /** The exception of ours under the runner's. */
  private static SnowflakeException failure(Executable run) {
    Throwable e = assertThrows(RuntimeException.class, run);
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SnowflakeException found) {
        return found;
      }
    }
    throw new AssertionError("no SnowflakeException", e);
  }

  @Test
  void aTableIsRead() {
    List<Row> rows = warehouse.read(SnowflakeRows.read().fromTable("sales"));
    assertEquals(SALES, sorted(rows));
  }

  @Test
  void aQueryIsReadWithItsOwnColumns() {
    List<Row> rows =
        warehouse.read(
            SnowflakeRows.read()
                .fromQuery(
                    "select STORE_ID as \"Store\", PRICE * 2 as TWICE from SALES where PRICE > 0 --;"));
    Schema schema =
        Schema.builder()
            .addField("Store", FieldType.INT64)
            .addNullableField("TWICE", FieldType.DOUBLE)
            .build();
    assertEquals(
        List.of(
            Row.withSchema(schema).addValues(1L, 1.0).build().getValues(),
            Row.withSchema(schema).addValues(2L, 2e-300).build().getValues()),
        sorted(rows).stream().map(Row::getValues).toList());
    assertEquals(schema.getFieldNames(), rows.get(0).getSchema().getFieldNames());
  }

  @Test
  void noRowsAreRead() {
    assertEquals(
        List.of(),
        warehouse.read(SnowflakeRows.read().fromQuery("select * from SALES where 1 = 0")));
  }

  @Test
  void aReadLeavesNoFile() throws Exception {
    warehouse.read(SnowflakeRows.read().fromTable("SALES"));
    assertEquals(List.of(), warehouse.staged());
  }

  @Test
  void aTableIsCreatedAndWritten() throws Exception {
    warehouse.write(SALE, SALES, to("copied"));
    assertEquals(
        warehouse.query("select * from SALES order by 1"),
        warehouse.query("select * from COPIED order by 1"));
    assertEquals(
        List.of(new BigDecimal(1), new BigDecimal(2), new BigDecimal(3)),
        sorted(warehouse.read(SnowflakeRows.read().fromTable("COPIED"))).stream()
            .map(row -> row.getDecimal("STORE_ID"))
            .toList());
    assertEquals(List.of(), warehouse.staged());
  }

  @Test
  void rowsOfAllWindowsAreWritten() throws SQLException {
    Pipeline pipeline = Pipeline.create();
    List<TimestampedValue<Row>> timed = new ArrayList<>();
    for (Row row : SALES) {
      timed.add(
          TimestampedValue.of(row, Instant.ofEpochSecond(((Long) row.getValues().get(0)) * 3600)));
    }
    pipeline
        .apply(Create.timestamped(timed))
        .setRowSchema(SALE)
        .apply(Window.into(FixedWindows.of(org.joda.time.Duration.standardMinutes(1))))
        .apply(to("COPIED").withConnection(warehouse.connection()));
    pipeline.run().waitUntilFinish();
    assertEquals(List.of(List.of("3")), warehouse.query("select count(*) from COPIED"));
  }

  @Test
  void rowsAreAppendedByDefault() throws SQLException {
    warehouse.write(SALE, SALES, to("SALES"));
    assertEquals(List.of(List.of("6")), warehouse.query("select count(*) from SALES"));
  }

  @Test
  void rowsAreReplaced() throws SQLException {
    warehouse.write(SALE, SALES.subList(0, 1), to("SALES").withMode(WriteMode.TRUNCATE));
    assertEquals(
        List.of(List.of("1", "apple")), warehouse.query("select STORE_ID, PRODUCT from SALES"));
  }

  @Test
  void noRowsReplaceRowsToo() throws Exception {
    warehouse.write(SALE, List.of(), to("SALES").withMode(WriteMode.TRUNCATE));
    warehouse.write(SALE, List.of(), to("COPIED"));
    assertEquals(List.of(List.of("0")), warehouse.query("select count(*) from SALES"));
    assertEquals(List.of(List.of("0")), warehouse.query("select count(*) from COPIED"));
    assertEquals(List.of(), warehouse.staged());
  }

  @Test
  void aLoadThatFailsKeepsTheOldRows() throws SQLException {
    warehouse.execute(
        "CREATE OR REPLACE TABLE NARROW (STORE_ID NUMBER(1,0))", "INSERT INTO NARROW VALUES (5)");
    Schema schema = Schema.builder().addInt64Field("STORE_ID").build();
    Row tooLarge = Row.withSchema(schema).addValues(77L).build();
    SnowflakeException e =
        failure(
            () ->
                warehouse.write(
                    schema, List.of(tooLarge), to("NARROW").withMode(WriteMode.TRUNCATE)));
    assertEquals(Kind.STATEMENT, e.kind());
    assertTrue(Refusals.message(e).startsWith("Cannot write to table NARROW: "), e.getMessage());
    assertEquals(List.of(List.of("5")), warehouse.query("select STORE_ID from NARROW"));
  }

  @Test
  void anEmptyTableIsFilledOnce() throws SQLException {
    warehouse.write(SALE, SALES, to("COPIED").withMode(WriteMode.EMPTY));
    SnowflakeException e =
        failure(() -> warehouse.write(SALE, SALES, to("COPIED").withMode(WriteMode.EMPTY)));
    assertEquals("Cannot write to table COPIED in mode EMPTY: it has 3 rows.", Refusals.message(e));
    assertEquals(List.of(List.of("3")), warehouse.query("select count(*) from COPIED"));
  }

  @Test
  void aMissingTableIsNotCreatedUnasked() {
    SnowflakeException e =
        failure(() -> warehouse.write(SALE, SALES, to("COPIED").withoutCreate()));
    assertEquals(
        "Cannot write to table COPIED: it does not exist, and withoutCreate was given.",
        Refusals.message(e));
  }

  @Test
  void columnsAreMatchedByName() throws SQLException {
    warehouse.execute(
        "CREATE OR REPLACE TABLE COPIED (PRICE FLOAT, EXTRA VARCHAR, STORE_ID NUMBER(18,0),"
            + " PRODUCT VARCHAR)");
    Schema lower =
        Schema.builder()
            .addInt64Field("store_id")
            .addNullableField("price", FieldType.DOUBLE)
            .build();
    warehouse.write(lower, List.of(Row.withSchema(lower).addValues(7L, 2.5).build()), to("COPIED"));
    List<@Nullable String> row =
        warehouse.query("select STORE_ID, PRICE, PRODUCT, EXTRA from COPIED").get(0);
    assertEquals(Arrays.asList("7", "2.5", null, null), row);
  }

  @Test
  void aMissingColumnFailsBeforeDataMoves() {
    Schema wrong = Schema.builder().addInt64Field("STORE_ID").addStringField("COLOUR").build();
    assertEquals(
        "Cannot write field COLOUR: table SALES has no such column, its columns are STORE_ID,"
            + " PRODUCT, PRICE.",
        Refusals.of(() -> warehouse.write(wrong, List.of(), to("SALES"))));
  }

  @Test
  void aFieldThatAColumnCannotHoldFailsBeforeDataMoves() {
    Schema wrong = Schema.builder().addDoubleField("STORE_ID").build();
    assertEquals(
        "Cannot write field STORE_ID of type DOUBLE to column STORE_ID of table SALES: the column is"
            + " NUMBER(18,0), valid are [FLOAT].",
        Refusals.of(() -> warehouse.write(wrong, List.of(), to("SALES"))));
  }

  @Test
  void aListIsRefused() {
    Schema wrong = Schema.builder().addArrayField("TAGS", FieldType.STRING).build();
    String message = Refusals.of(() -> warehouse.write(wrong, List.of(), to("COPIED")));
    assertTrue(message.startsWith("Cannot write field TAGS: no column type holds "), message);
  }

  @Test
  void unboundedRowsAreRefused() {
    Pipeline pipeline = Pipeline.create();
    String message =
        Refusals.of(
            () ->
                pipeline
                    .apply(GenerateSequence.from(0))
                    .apply(MapElements.into(TypeDescriptors.rows()).via(n -> SALES.get(0)))
                    .setRowSchema(SALE)
                    .apply(to("SALES").withConnection(warehouse.connection())));
    assertTrue(
        message.startsWith("Cannot write to table SALES: unbounded rows need throughPipe"),
        message);
  }

  @Test
  void rowsNeedASchema() {
    Pipeline pipeline = Pipeline.create();
    String message =
        Refusals.of(
            () ->
                pipeline
                    .apply(Create.of("x"))
                    .apply(MapElements.into(TypeDescriptors.rows()).via(x -> SALES.get(0)))
                    .setCoder(SerializableCoder.of(Row.class))
                    .apply(to("SALES").withConnection(warehouse.connection())));
    assertTrue(message.startsWith("Cannot write to table SALES: rows need a schema"), message);
  }

  @Test
  void optionsAreRequired() {
    Pipeline pipeline = Pipeline.create();
    SnowflakeConnection connection = warehouse.connection();
    assertEquals(
        "Cannot read from Snowflake: one of fromQuery and fromTable is required.",
        Refusals.of(() -> pipeline.apply(SnowflakeRows.read().withConnection(connection))));
    assertEquals(
        "Cannot read table SALES: withConnection is required.",
        Refusals.of(() -> pipeline.apply(SnowflakeRows.read().fromTable("SALES"))));
    assertEquals(
        "Cannot write to Snowflake: to is required.",
        Refusals.of(() -> warehouse.write(SALE, SALES, SnowflakeRows.write())));
    assertEquals(
        "fromQuery takes a SELECT; found an empty text.",
        Refusals.of(() -> SnowflakeRows.read().fromQuery(" ; ")));
  }

  @Test
  void twoColumnsOfOneNameAreRefused() {
    assertEquals(
        "Cannot read \"select 1 as A, 2 as A\": column names must differ, found two named A; name"
            + " them with AS.",
        Refusals.of(() -> warehouse.read(SnowflakeRows.read().fromQuery("select 1 as A, 2 as A"))));
  }

  @Test
  void anUnknownColumnIsNamedWithTheQuery() {
    SnowflakeException e =
        failure(() -> warehouse.read(SnowflakeRows.read().fromQuery("select COLOUR\nfrom SALES")));
    assertEquals(Kind.STATEMENT, e.kind());
    String message = Refusals.message(e);
    assertTrue(message.startsWith("Cannot read \"select COLOUR from SALES\": "), message);
    assertTrue(message.contains("COLOUR") && message.contains("invalid identifier"), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void anUnknownTableIsNamed() {
    SnowflakeException e =
        failure(() -> warehouse.read(SnowflakeRows.read().fromTable("NO_SUCH_TABLE")));
    assertTrue(Refusals.message(e).startsWith("Cannot read table NO_SUCH_TABLE: "), e.getMessage());
    assertTrue(Refusals.message(e).contains("does not exist"), e.getMessage());
  }

  @Test
  void aWrongPasswordIsAnAuthenticationError() {
    SnowflakeConnection wrong = warehouse.connection().withPassword(Secret.of("guess"));
    SnowflakeException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(30), () -> assertThrows(SnowflakeException.class, wrong::open));
    assertEquals(Kind.AUTHENTICATION, e.kind());
    String message = Refusals.message(e);
    assertTrue(message.startsWith("Cannot connect to Snowflake at 127.0.0.1:"), message);
    assertTrue(message.contains(" as user sheaf: "), message);
    assertFalse(message.contains("guess"), message);
  }

  @Test
  void aSessionHasItsNames() throws SQLException {
    warehouse.execute("CREATE SCHEMA IF NOT EXISTS OTHER");
    SnowflakeConnection connection = warehouse.connection().withSchema("OTHER");
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement();
        ResultSet row = statement.executeQuery("select current_database(), current_schema()")) {
      assertTrue(row.next());
      assertEquals(List.of("SANDBOX", "OTHER"), List.of(row.getString(1), row.getString(2)));
    }
  }

  @Test
  void aSchemaIsDescribed() {
    assertEquals(SALE, warehouse.connection().describe("select * from SALES;"));
  }

  @Test
  void jsonStaysJsonInACopy() throws SQLException {
    warehouse.execute(
        "CREATE OR REPLACE TABLE JSON (ID NUMBER(18,0), V VARIANT, O OBJECT, A ARRAY, N NUMBER(30,4))",
        "INSERT INTO JSON SELECT 1, PARSE_JSON('{\"a\": \"it''s\"}'), PARSE_JSON('{\"b\": [1]}')::OBJECT,"
            + " PARSE_JSON('[1, null]')::ARRAY, 1.25",
        "DROP TABLE IF EXISTS JSON_COPY");
    List<Row> rows = warehouse.read(SnowflakeRows.read().fromTable("JSON"));
    warehouse.write(rows.get(0).getSchema(), rows, to("JSON_COPY"));
    String query = "select ID, V:a::VARCHAR, TO_JSON(V), TO_JSON(O), TO_JSON(A), N from ";
    assertEquals(warehouse.query(query + "JSON"), warehouse.query(query + "JSON_COPY"));
    assertEquals(
        rows.get(0).getSchema().getField("V").getOptions(),
        warehouse.connection().describe("select * from JSON_COPY").getField("V").getOptions());
    assertEquals(
        List.of(List.of("0")),
        warehouse.query(
            "select count(*) from information_schema.tables where table_name like 'SHEAF_LOAD_%'"));
  }

  @Test
  void noSecretIsInTheDisplayData() {
    SnowflakeRows.Read read =
        SnowflakeRows.read().withConnection(warehouse.connection()).fromTable("SALES");
    String shown = DisplayData.from(read).items().toString();
    assertTrue(shown.contains("as user sheaf"), shown);
    assertFalse(shown.contains("pw"), shown);
  }
}
