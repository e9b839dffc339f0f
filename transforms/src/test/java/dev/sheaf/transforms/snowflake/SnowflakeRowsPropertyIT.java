package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Thousands of rows of every type, there and back over the driver and SnowflakeIO. */
class SnowflakeRowsPropertyIT {
  private static final int ROWS = 1500;
  private static final String COLUMNS =
      "N18 NUMBER(18,0), N38 NUMBER(38,0), N38_37 NUMBER(38,37), N20_5 NUMBER(20,5), F FLOAT,"
          + " S VARCHAR, B BOOLEAN, X BINARY, D DATE, T TIME(9), NTZ TIMESTAMP_NTZ(9),"
          + " NTZ6 TIMESTAMP_NTZ(6), LTZ TIMESTAMP_LTZ(9), TZ TIMESTAMP_TZ(9), V VARIANT, O OBJECT, A ARRAY";
  private static final int JSON_FROM = 15;
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.nnnnnnnnn");
  private static final ObjectMapper JSON = new ObjectMapper();

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Warehouse warehouse;

  /** Generated rows, too many to be printed. */
  private record Table(List<List<@Nullable Object>> rows) {
    @Override
    public String toString() {
      return rows.size() + " rows";
    }
  }

  @BeforeContainer
  static void start() throws Exception {
    warehouse = new Warehouse();
  }

  @AfterContainer
  static void stop() {
    warehouse.close();
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void rowsOfTheDriverAreRead(@ForAll("tables") Table table) throws Exception {
    List<List<@Nullable Object>> rows = table.rows;
    warehouse.execute(
        "CREATE OR REPLACE TABLE BOUND (ID NUMBER(18,0) NOT NULL, " + COLUMNS + ")",
        "CREATE OR REPLACE TABLE TEXTS (ID NUMBER(18,0) NOT NULL, "
            + COLUMNS.replaceAll("VARIANT|OBJECT|ARRAY", "VARCHAR")
            + ")");
    insert(rows);
    warehouse.execute(
        "INSERT INTO BOUND SELECT ID, N18, N38, N38_37, N20_5, F, S, B, X, D, T, NTZ, NTZ6, LTZ, TZ,"
            + " PARSE_JSON(V), PARSE_JSON(O)::OBJECT, PARSE_JSON(A)::ARRAY FROM TEXTS");
    assertSame(rows, warehouse.read(SnowflakeRows.read().fromTable("BOUND")));
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void writtenRowsAreThereForTheDriverAndReadBack(@ForAll("tables") Table table) throws Exception {
    List<List<@Nullable Object>> rows = table.rows;
    warehouse.execute(
        "CREATE OR REPLACE TABLE MODEL (ID NUMBER(18,0) NOT NULL, " + COLUMNS + ")",
        "DROP TABLE IF EXISTS WRITTEN");
    Schema schema = warehouse.connection().describe("select * from MODEL");
    List<Row> written = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<@Nullable Object> values = new ArrayList<>(rows.get(i));
      values.add(0, (long) i);
      written.add(Row.withSchema(schema).attachValues(values));
    }
    warehouse.write(schema, written, SnowflakeRows.write().to("WRITTEN"));
    assertSameForDriver(rows);
    assertSame(rows, warehouse.read(SnowflakeRows.read().fromTable("WRITTEN")));
  }

  private static void insert(List<List<@Nullable Object>> rows) throws SQLException {
    String marks = "?, ".repeat(17) + "?";
    try (Connection opened = warehouse.connection().open();
        PreparedStatement insert =
            opened.prepareStatement("INSERT INTO TEXTS VALUES (" + marks + ")")) {
      for (int i = 0; i < rows.size(); i++) {
        insert.setLong(1, i);
        for (int column = 0; column < rows.get(i).size(); column++) {
          bind(insert, column + 2, rows.get(i).get(column));
        }
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void bind(PreparedStatement insert, int index, @Nullable Object value)
      throws SQLException {
    if (value == null) {
      insert.setNull(index, Types.VARCHAR);
    } else if (value instanceof Long number) {
      insert.setLong(index, number);
    } else if (value instanceof BigDecimal number) {
      insert.setBigDecimal(index, number);
    } else if (value instanceof Double number) {
      insert.setDouble(index, number);
    } else if (value instanceof Boolean truth) {
      insert.setBoolean(index, truth);
    } else if (value instanceof byte[] bytes) {
      insert.setBytes(index, bytes);
    } else {
      insert.setString(index, text(value));
    }
  }

  /** A value as the driver is given it, and gives it, as text. */
  private static String text(Object value) {
    if (value instanceof LocalDateTime time) {
      return SECONDS.format(time);
    }
    if (value instanceof Instant instant) {
      return SECONDS.format(instant.atOffset(ZoneOffset.UTC)) + " +00:00";
    }
    if (value instanceof OffsetDateTime time) {
      String offset = time.getOffset().getId();
      return SECONDS.format(time) + " " + (offset.equals("Z") ? "+00:00" : offset);
    }
    if (value instanceof LocalTime time) {
      return DateTimeFormatter.ofPattern("HH:mm:ss.nnnnnnnnn").format(time);
    }
    if (value instanceof byte[] bytes) {
      return HexFormat.of().withUpperCase().formatHex(bytes);
    }
    return value.toString();
  }

  private static void assertSame(List<List<@Nullable Object>> expected, List<Row> rows)
      throws JsonProcessingException {
    Map<Long, Row> byId = new TreeMap<>();
    rows.forEach(row -> byId.put(((Number) row.getValues().get(0)).longValue(), row));
    assertEquals(expected.size(), rows.size());
    assertEquals(expected.size(), byId.size());
    for (Map.Entry<Long, Row> entry : byId.entrySet()) {
      List<@Nullable Object> values = expected.get(entry.getKey().intValue());
      for (int i = 0; i < values.size(); i++) {
        assertSame(values.get(i), entry.getValue().getValue(i + 1), i);
      }
    }
  }

  private static void assertSame(@Nullable Object expected, @Nullable Object found, int column)
      throws JsonProcessingException {
    if (expected instanceof Long number && found instanceof BigDecimal decimal) {
      // An INT64 field became a NUMBER(19,0), which is read as DECIMAL.
      assertEquals(number, decimal.longValueExact());
    } else if (expected instanceof byte[] bytes && found instanceof byte[] others) {
      assertEquals(HexFormat.of().formatHex(bytes), HexFormat.of().formatHex(others));
    } else if (expected instanceof String text
        && found instanceof String other
        && column + 1 >= JSON_FROM) {
      assertEquals(JSON.readTree(text), JSON.readTree(other));
    } else {
      assertEquals(
          escaped(String.valueOf(expected)),
          escaped(String.valueOf(found)),
          () -> "column " + column);
      assertEquals(expected, found, () -> "column " + column);
    }
  }

  /** Text by its bytes: the driver takes some control characters of a result for others. */
  private static String fromHex(ResultSet result, int column) throws SQLException {
    byte[] bytes = HexFormat.of().parseHex(String.valueOf(result.getString(column)));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Text whose every character can be seen in a message. */
  private static String escaped(@Nullable String text) {
    StringBuilder shown = new StringBuilder();
    String.valueOf(text)
        .codePoints()
        .forEach(
            c -> shown.append(c > ' ' && c < 127 ? Character.toString(c) : "<%X>".formatted(c)));
    return shown.toString();
  }

  private static void assertSameForDriver(List<List<@Nullable Object>> rows) throws Exception {
    String query =
        "select ID, N18, N38, N38_37, N20_5, F, HEX_ENCODE(S), B, X, TO_VARCHAR(D, 'YYYY-MM-DD'),"
            + " TO_VARCHAR(T, 'HH24:MI:SS.FF9'), TO_VARCHAR(NTZ, 'YYYY-MM-DD HH24:MI:SS.FF9'),"
            + " TO_VARCHAR(NTZ6, 'YYYY-MM-DD HH24:MI:SS.FF9'),"
            + " DATE_PART(EPOCH_NANOSECOND, LTZ),"
            + " TO_VARCHAR(TZ, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'), HEX_ENCODE(TO_JSON(V)), HEX_ENCODE(TO_JSON(O)),"
            + " HEX_ENCODE(TO_JSON(A)) from WRITTEN";
    int count = 0;
    try (Connection opened = warehouse.connection().open();
        Statement statement = opened.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        count++;
        List<@Nullable Object> row = rows.get(result.getInt(1));
        for (int i = 0; i < row.size(); i++) {
          assertSameForDriver(row.get(i), result, i + 2);
        }
      }
    }
    assertEquals(rows.size(), count);
  }

  private static void assertSameForDriver(@Nullable Object expected, ResultSet result, int column)
      throws Exception {
    if (expected == null) {
      assertEquals(null, result.getObject(column));
    } else if (expected instanceof Long number) {
      assertEquals(number, result.getLong(column));
    } else if (expected instanceof BigDecimal) {
      assertEquals(expected, result.getBigDecimal(column));
    } else if (expected instanceof Double number) {
      assertEquals(number, result.getDouble(column));
    } else if (expected instanceof Boolean truth) {
      assertEquals(truth, result.getBoolean(column));
    } else if (expected instanceof Instant instant) {
      BigInteger nanos =
          BigInteger.valueOf(instant.getEpochSecond())
              .multiply(BigInteger.valueOf(1_000_000_000))
              .add(BigInteger.valueOf(instant.getNano()));
      assertEquals(nanos.toString(), result.getString(column));
    } else if (column > JSON_FROM) {
      assertEquals(JSON.readTree((String) expected), JSON.readTree(fromHex(result, column)));
    } else if (expected instanceof String text) {
      assertEquals(escaped(text), escaped(fromHex(result, column)));
    } else {
      assertEquals(escaped(text(expected)), escaped(result.getString(column)));
    }
  }

  @Provide
  Arbitrary<Table> tables() {
    List<Arbitrary<@Nullable Object>> columns =
        Arrays.asList(
            nullable(longs(999_999_999_999_999_999L)),
            nullable(decimals(38, 0)),
            nullable(decimals(38, 37)),
            nullable(decimals(20, 5)),
            nullable(doubles()),
            nullable(texts()),
            nullable(Arbitraries.of(true, false)),
            nullable(Arbitraries.bytes().array(byte[].class).ofMaxSize(30)),
            nullable(dates(1, 9999)),
            nullable(times()),
            nullable(timestamps(1678, 2261)),
            nullable(timestamps(1, 9999).map(time -> time.truncatedTo(ChronoUnit.MICROS))),
            nullable(timestamps(1, 9999).map(time -> time.toInstant(ZoneOffset.UTC))),
            nullable(offsetTimestamps()),
            nullable(json()),
            nullable(objects()),
            nullable(arrays()));
    return Combinators.combine(columns)
        .as(values -> (List<@Nullable Object>) new ArrayList<>(values))
        .list()
        .ofSize(ROWS)
        .map(Table::new);
  }

  private static <T> Arbitrary<@Nullable Object> nullable(Arbitrary<T> values) {
    return values.<@Nullable Object>map(value -> value).injectNull(0.1);
  }

  private static Arbitrary<Long> longs(long limit) {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(-limit, limit),
        Arbitraries.longs().between(-20, 20),
        Arbitraries.of(limit, -limit, 0L));
  }

  private static Arbitrary<BigDecimal> decimals(int precision, int scale) {
    BigInteger limit = BigInteger.TEN.pow(precision).subtract(BigInteger.ONE);
    return Arbitraries.oneOf(
            Arbitraries.bigIntegers().between(limit.negate(), limit),
            Arbitraries.bigIntegers().between(BigInteger.valueOf(-1000), BigInteger.valueOf(1000)),
            Arbitraries.of(limit, limit.negate(), BigInteger.ZERO))
        .map(unscaled -> new BigDecimal(unscaled, scale));
  }

  private static Arbitrary<Double> doubles() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(Double::longBitsToDouble).map(x -> Double.isNaN(x) ? 1.5 : x),
        Arbitraries.integers().between(-100_000, 100_000).map(x -> x / 100.0),
        Arbitraries.of(
            0.0,
            -0.0,
            0.1 + 0.2,
            1.0 / 3,
            1e15,
            1e16,
            Math.PI,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            Double.MIN_NORMAL,
            Double.MAX_VALUE,
            -Double.MAX_VALUE));
  }

  private static Arbitrary<String> texts() {
    Arbitrary<Integer> codePoints =
        Arbitraries.oneOf(
            Arbitraries.integers().between(1, 0x10FFFF),
            Arbitraries.integers().between(1, 127),
            Arbitraries.of("'\\\n\r\"%|,N \t".chars().boxed().toList()));
    return Arbitraries.oneOf(
        codePoints
            .filter(point -> point < 0xD800 || point > 0xDFFF)
            .list()
            .ofMaxSize(20)
            .map(SnowflakeRowsPropertyIT::text),
        Arbitraries.of(
            "",
            "'",
            "''",
            "\\",
            "ends in \\",
            "\n",
            "\r",
            "\r\n",
            "a\r\nb\n",
            "%",
            "%N",
            "%25",
            "|",
            "N",
            "\\N",
            "NULL",
            "null",
            " lead",
            "trail ",
            ",",
            "\"",
            "\"x\"",
            "\u2028",
            "\u0085",
            "\ufeffbom",
            "😀",
            "e\u0301",
            "a,b|c'd\\e\nf",
            "-",
            "+"));
  }

  private static String text(List<Integer> points) {
    StringBuilder text = new StringBuilder();
    points.forEach(text::appendCodePoint);
    return text.toString();
  }

  private static Arbitrary<LocalDate> dates(int firstYear, int lastYear) {
    return Arbitraries.longs()
        .between(
            LocalDate.of(firstYear, 1, 1).toEpochDay(), LocalDate.of(lastYear, 12, 31).toEpochDay())
        .map(LocalDate::ofEpochDay);
  }

  private static Arbitrary<LocalTime> times() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(0, 86_399_999_999_999L).map(LocalTime::ofNanoOfDay),
        Arbitraries.of(LocalTime.MIN, LocalTime.MAX, LocalTime.NOON));
  }

  private static Arbitrary<LocalDateTime> timestamps(int firstYear, int lastYear) {
    return Combinators.combine(dates(firstYear, lastYear), times()).as(LocalDateTime::of);
  }

  private static Arbitrary<OffsetDateTime> offsetTimestamps() {
    return Combinators.combine(
            timestamps(2, 9998), Arbitraries.integers().between(-12 * 60, 14 * 60))
        .as((time, minutes) -> time.atOffset(ZoneOffset.ofTotalSeconds(minutes * 60)));
  }

  private static Arbitrary<String> json() {
    Arbitrary<Object> leaves =
        Arbitraries.oneOf(
            texts().map(Object.class::cast),
            Arbitraries.integers().map(Object.class::cast),
            Arbitraries.of(true, false).map(Object.class::cast));
    return Arbitraries.oneOf(
        leaves.map(SnowflakeRowsPropertyIT::toJson), objects(), arrays(), Arbitraries.of("null"));
  }

  private static Arbitrary<String> objects() {
    Arbitrary<String> keys = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(5);
    return Arbitraries.maps(keys, texts())
        .ofMaxSize(4)
        .map(map -> toJson(Map.of("outer", map, "list", List.of(1, map))));
  }

  private static Arbitrary<String> arrays() {
    return texts().list().ofMaxSize(4).map(SnowflakeRowsPropertyIT::toJson);
  }

  private static String toJson(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
