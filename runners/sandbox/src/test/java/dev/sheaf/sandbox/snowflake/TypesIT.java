package dev.sheaf.sandbox.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** Every type in by bound values and out by a query, over the real driver. */
class TypesIT {
  private static @Nullable SnowflakeServer server;
  private static @Nullable Connection connection;

  @BeforeContainer
  static void start() throws SQLException {
    server = SnowflakeServer.inMemory().withUser(Client.USER, Client.PASSWORD).start();
    connection = Client.connect(server);
  }

  @AfterContainer
  static void stop() throws SQLException {
    if (connection != null) {
      connection.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static Connection connection() {
    return java.util.Objects.requireNonNull(connection);
  }

  /** A row of values; the texts of times are what Snowflake reads and TO_VARCHAR writes. */
  record Values(
      @Nullable BigDecimal number,
      @Nullable Double real,
      @Nullable String text,
      @Nullable Boolean flag,
      @Nullable LocalDate day,
      @Nullable String time,
      @Nullable String ntz,
      @Nullable String ltz,
      @Nullable String tz,
      @Nullable String hex) {}

  @Provide
  Arbitrary<List<Values>> batches() {
    Arbitrary<BigDecimal> numbers =
        Arbitraries.bigIntegers()
            .between(
                BigInteger.TEN.pow(38).negate().add(BigInteger.ONE),
                BigInteger.TEN.pow(38).subtract(BigInteger.ONE))
            .map(unscaled -> new BigDecimal(unscaled, 9));
    Arbitrary<Double> reals =
        Arbitraries.oneOf(
            Arbitraries.doubles(),
            Arbitraries.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                0.1 + 0.2));
    Arbitrary<String> texts =
        Arbitraries.oneOf(
            Arbitraries.strings().all().ofMaxLength(20).map(TypesIT::withoutLoneSurrogates),
            Arbitraries.of(
                "",
                "'",
                "''",
                "\\",
                "a\\nb",
                "line\nbreak\r\n",
                "\t\"q\"",
                "?",
                "$$",
                "--",
                "\ud83d\ude00"));
    Arbitrary<LocalDate> days =
        Arbitraries.longs()
            .between(LocalDate.of(1, 1, 1).toEpochDay(), LocalDate.of(9999, 12, 31).toEpochDay())
            .map(LocalDate::ofEpochDay);
    Arbitrary<LocalDate> ntzDays =
        Arbitraries.longs()
            .between(LocalDate.of(1678, 1, 1).toEpochDay(), LocalDate.of(2261, 12, 31).toEpochDay())
            .map(LocalDate::ofEpochDay);
    Arbitrary<LocalTime> times =
        Arbitraries.longs().between(0, 86_399_999_999_999L).map(LocalTime::ofNanoOfDay);
    Arbitrary<String> clocks = times.map(TypesIT::clock);
    Arbitrary<String> ntzs = Combinators.combine(ntzDays, clocks).as((d, c) -> d + " " + c);
    Arbitrary<String> inner =
        Combinators.combine(
                Arbitraries.longs()
                    .between(
                        LocalDate.of(2, 1, 1).toEpochDay(), LocalDate.of(9998, 1, 1).toEpochDay())
                    .map(LocalDate::ofEpochDay),
                clocks)
            .as((d, c) -> d + " " + c);
    Arbitrary<String> zones = Arbitraries.integers().between(-14 * 60, 14 * 60).map(TypesIT::zone);
    Arbitrary<String> tzs = Combinators.combine(inner, zones).as((t, z) -> t + " " + z);
    Arbitrary<String> bytes =
        Arbitraries.bytes()
            .array(byte[].class)
            .ofMaxSize(20)
            .map(HexFormat.of().withUpperCase()::formatHex);
    return Combinators.combine(
            numbers.injectNull(0.1),
            reals.injectNull(0.1),
            texts.injectNull(0.1),
            Combinators.combine(Arbitraries.of(true, false).injectNull(0.1), bytes.injectNull(0.1))
                .as(java.util.AbstractMap.SimpleEntry::new),
            days.injectNull(0.1),
            clocks.injectNull(0.1),
            Combinators.combine(ntzs.injectNull(0.1), inner.injectNull(0.1), tzs.injectNull(0.1))
                .as((a, b, c) -> new @Nullable String[] {a, b == null ? null : b + " +0000", c}))
        .as(
            (n, r, t, fb, d, c, ts) ->
                new Values(n, r, t, fb.getKey(), d, c, ts[0], ts[1], ts[2], fb.getValue()))
        .list()
        .ofMinSize(1)
        .ofMaxSize(200);
  }

  private static String withoutLoneSurrogates(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().filter(c -> c < 0xd800 || c > 0xdfff).forEach(out::appendCodePoint);
    return out.toString();
  }

  private static String clock(LocalTime time) {
    return String.format(
        Locale.ROOT,
        "%02d:%02d:%02d.%09d",
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano());
  }

  private static String zone(int minutes) {
    int size = Math.abs(minutes);
    return String.format(Locale.ROOT, "%s%02d%02d", minutes < 0 ? "-" : "+", size / 60, size % 60);
  }

  @Property(tries = 40)
  void everyTypeComesBackAsItWentIn(@ForAll("batches") List<Values> batch) throws SQLException {
    Connection c = connection();
    Client.run(
        c,
        "CREATE OR REPLACE TABLE VALS (I INT, N NUMBER(38,9), R FLOAT, S VARCHAR, B BOOLEAN, D DATE,"
            + " T TIME, NTZ TIMESTAMP_NTZ, LTZ TIMESTAMP_LTZ, TZ TIMESTAMP_TZ, X BINARY)");
    try (PreparedStatement insert =
        c.prepareStatement("INSERT INTO VALS VALUES (?,?,?,?,?,?,?,?,?,?,?)")) {
      for (int i = 0; i < batch.size(); i++) {
        bind(insert, i, batch.get(i));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    String pattern = "'YYYY-MM-DD HH24:MI:SS.FF9";
    String query =
        "SELECT N, R, S, B, D, TO_VARCHAR(T, 'HH24:MI:SS.FF9'), TO_VARCHAR(NTZ, "
            + pattern
            + "'), TO_VARCHAR(LTZ, "
            + pattern
            + " TZHTZM'), TO_VARCHAR(TZ, "
            + pattern
            + " TZHTZM'), X FROM VALS ORDER BY I";
    int row = 0;
    try (Statement statement = c.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        check(batch.get(row++), rows);
      }
    }
    assertEquals(batch.size(), row);
  }

  private static void bind(PreparedStatement insert, int index, Values values) throws SQLException {
    insert.setInt(1, index);
    insert.setBigDecimal(2, values.number());
    setDouble(insert, 3, values.real());
    insert.setString(4, values.text());
    if (values.flag() == null) {
      insert.setNull(5, Types.BOOLEAN);
    } else {
      insert.setBoolean(5, values.flag());
    }
    insert.setString(6, values.day() == null ? null : values.day().toString());
    insert.setString(7, values.time());
    insert.setString(8, values.ntz());
    insert.setString(9, values.ltz());
    insert.setString(10, values.tz());
    insert.setBytes(11, values.hex() == null ? null : HexFormat.of().parseHex(values.hex()));
  }

  private static void setDouble(PreparedStatement insert, int index, @Nullable Double value)
      throws SQLException {
    if (value == null) {
      insert.setNull(index, Types.DOUBLE);
    } else {
      insert.setDouble(index, value);
    }
  }

  private static void check(Values values, ResultSet rows) throws SQLException {
    assertEquals(values.number(), rows.getBigDecimal(1));
    double real = rows.getDouble(2);
    assertEquals(values.real(), rows.wasNull() ? null : (Double) real);
    assertEquals(values.text(), rows.getString(3));
    boolean flag = rows.getBoolean(4);
    assertEquals(values.flag(), rows.wasNull() ? null : (Boolean) flag);
    assertEquals(values.day() == null ? null : values.day().toString(), rows.getString(5));
    assertEquals(values.time(), rows.getString(6));
    assertEquals(values.ntz(), rows.getString(7));
    assertEquals(values.ltz(), rows.getString(8));
    assertEquals(values.tz(), rows.getString(9));
    byte[] bytes = rows.getBytes(10);
    assertEquals(
        values.hex(), bytes == null ? null : HexFormat.of().withUpperCase().formatHex(bytes));
  }

  /** The driver's own objects, whose nanoseconds come from the wire. */
  @net.jqwik.api.Example
  void timesComeAsTheDriversObjects() throws SQLException {
    Connection c = connection();
    String sql =
        "SELECT '2020-03-08 02:30:00.123456789'::TIMESTAMP_NTZ,"
            + " '2500-03-08 02:30:00.123456'::TIMESTAMP_NTZ(6),"
            + " '0001-01-01 00:00:00.000000001 +0100'::TIMESTAMP_TZ,"
            + " '9999-12-31 23:59:59.999999999 +0000'::TIMESTAMP_LTZ, '23:59:59.999999999'::TIME";
    assertEquals(
        List.of(
            "2020-03-08 02:30:00.123",
            "2500-03-08 02:30:00.123",
            "0001-01-01 00:00:00.000 +0100",
            "9999-12-31 23:59:59.999 Z",
            "23:59:59"),
        Client.rows(c, sql).get(0));
    try (Statement statement = c.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      assertEquals(123_456_789, rows.getTimestamp(1).getNanos());
      assertEquals(123_456_000, rows.getTimestamp(2).getNanos());
      assertEquals(1, rows.getTimestamp(3).getNanos());
      assertEquals(999_999_999, rows.getTimestamp(4).getNanos());
    }
  }

  @net.jqwik.api.Example
  void boundDatesTimesAndTimestampsGoIn() throws SQLException {
    Connection c = connection();
    Client.run(c, "CREATE OR REPLACE TABLE BT (D DATE, N TIMESTAMP_NTZ, L TIMESTAMP_LTZ)");
    java.sql.Timestamp moment = new java.sql.Timestamp(1_600_000_000_123L);
    moment.setNanos(123_456_789);
    try (PreparedStatement insert = c.prepareStatement("INSERT INTO BT VALUES (?, ?, ?)")) {
      insert.setDate(1, Date.valueOf("2024-02-29"));
      insert.setTimestamp(2, moment);
      insert.setTimestamp(3, moment);
      assertEquals(1, insert.executeUpdate());
    }
    try (Statement statement = c.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM BT")) {
      rows.next();
      assertEquals("2024-02-29", rows.getString(1));
      assertEquals(moment, rows.getTimestamp(3));
    }
  }

  @net.jqwik.api.Example
  void metadataIsExactBeforeAndAfterRunning() throws SQLException {
    Connection c = connection();
    Client.run(
        c,
        "CREATE OR REPLACE TABLE META (ID NUMBER(10,2) NOT NULL, S VARCHAR(12), \"q\" FLOAT, V"
            + " VARIANT, O OBJECT, A ARRAY, Z TIMESTAMP_TZ(3), X BINARY(16), B BOOLEAN, T TIME)");
    List<String> expected =
        List.of(
            "ID NUMBER 3 10 2 0",
            "S VARCHAR 12 12 0 1",
            "q DOUBLE 8 0 0 1",
            "V VARIANT 12 0 0 1",
            "O OBJECT 12 0 0 1",
            "A ARRAY 12 0 0 1",
            "Z TIMESTAMPTZ 2014 25 3 1",
            "X BINARY -2 16 0 1",
            "B BOOLEAN 16 0 0 1",
            "T TIME 92 8 9 1");
    try (PreparedStatement statement = c.prepareStatement("SELECT * FROM META WHERE ID = ?")) {
      assertEquals(expected, describe(statement.getMetaData()));
      statement.setInt(1, 5);
      try (ResultSet rows = statement.executeQuery()) {
        assertEquals(expected, describe(rows.getMetaData()));
      }
    }
  }

  private static List<String> describe(ResultSetMetaData data) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      columns.add(
          data.getColumnName(i)
              + " "
              + data.getColumnTypeName(i)
              + " "
              + data.getColumnType(i)
              + " "
              + data.getPrecision(i)
              + " "
              + data.getScale(i)
              + " "
              + data.isNullable(i));
    }
    return columns;
  }

  @net.jqwik.api.Example
  void variantsComeBackAsJson() throws SQLException {
    Connection c = connection();
    Client.run(c, "CREATE OR REPLACE TABLE VAR (V VARIANT, A ARRAY)");
    Client.run(
        c,
        "INSERT INTO VAR SELECT PARSE_JSON('{\"a\": [1, null, \"x\\\\\"y\"]}'), PARSE_JSON('[1]')");
    assertEquals(
        List.of("{\"a\":[1,null,\"x\\\"y\"]}", "[1]"),
        Client.rows(c, "SELECT V, A FROM VAR").get(0));
    SQLException error =
        Assertions.assertThrows(
            SQLException.class,
            () -> Client.run(c, "INSERT INTO VAR SELECT PARSE_JSON('{x'), NULL"));
    assertEquals(100069, error.getErrorCode());
  }
}
