package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.snowflake.ColumnType.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.joda.time.DateTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RowEncoderTest {
  private static final Schema ANY =
      Schema.builder()
          .addNullableField("X", FieldType.STRING)
          .addNullableField("Y", FieldType.STRING)
          .build();

  private static String encode(ColumnType type, @Nullable Object value) {
    Column column = new Column("X", type, true);
    StringBuilder csv = new StringBuilder();
    new RowEncoder(List.of(column, column))
        .encode(Row.withSchema(ANY).attachValues(Arrays.asList(value, null)), csv);
    return csv.substring(0, csv.length() - 1);
  }

  private static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(ColumnType.number(38, 2), new BigDecimal("-1E+3"), "-1000"),
        Arguments.of(ColumnType.number(38, 2), new BigDecimal("1.250"), "1.25"),
        Arguments.of(ColumnType.number(18, 0), (byte) 7, "7"),
        Arguments.of(ColumnType.number(19, 0), Long.MIN_VALUE, "-9223372036854775808"),
        Arguments.of(ColumnType.of(Kind.FLOAT), 12L, "12"),
        Arguments.of(ColumnType.of(Kind.FLOAT), 0.1f, Double.toString((double) 0.1f)),
        Arguments.of(ColumnType.of(Kind.FLOAT), -0.0, "-0.0"),
        Arguments.of(ColumnType.of(Kind.FLOAT), Double.MIN_VALUE, "4.9E-324"),
        Arguments.of(ColumnType.of(Kind.FLOAT), Double.NaN, "NaN"),
        Arguments.of(ColumnType.of(Kind.FLOAT), Float.NEGATIVE_INFINITY, "-inf"),
        Arguments.of(ColumnType.of(Kind.VARCHAR), "", "''"),
        Arguments.of(ColumnType.of(Kind.VARCHAR), "it's\n\\N,\"", "'it''s\n\\N,\"'"),
        Arguments.of(ColumnType.of(Kind.VARCHAR), "'😀'", "'''😀'''"),
        Arguments.of(ColumnType.of(Kind.BOOLEAN), true, "true"),
        Arguments.of(ColumnType.of(Kind.BINARY), new byte[] {1, -1}, "'01FF'"),
        Arguments.of(ColumnType.of(Kind.BINARY), new byte[0], "''"),
        Arguments.of(ColumnType.of(Kind.DATE), LocalDate.of(1, 2, 3), "0001-02-03"),
        Arguments.of(ColumnType.of(Kind.TIME), LocalTime.of(1, 2, 3, 4), "01:02:03.000000004"),
        Arguments.of(
            ColumnType.of(Kind.TIMESTAMP_NTZ),
            LocalDateTime.of(2020, 1, 2, 3, 4, 5),
            "2020-01-02 03:04:05"),
        Arguments.of(
            ColumnType.of(Kind.TIMESTAMP_LTZ),
            Instant.parse("2020-01-02T03:04:05.6Z"),
            "2020-01-02 03:04:05.600000000 +00:00"),
        Arguments.of(
            ColumnType.of(Kind.TIMESTAMP_LTZ),
            DateTime.parse("2020-01-02T03:04:05+01:00").toInstant(),
            "2020-01-02 02:04:05 +00:00"),
        Arguments.of(
            ColumnType.of(Kind.TIMESTAMP_TZ),
            OffsetDateTime.parse("2020-01-02T03:04:05-09:30"),
            "2020-01-02 03:04:05 -09:30"),
        Arguments.of(ColumnType.of(Kind.VARCHAR), null, ""));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueHasOneForm(ColumnType type, @Nullable Object value, String csv) {
    assertEquals(csv, encode(type, value));
  }

  private static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of(
            ColumnType.number(38, 2), new BigDecimal("1.255"), "more than 2 decimal places"),
        Arguments.of(ColumnType.of(Kind.FLOAT), (1L << 53) + 1, "53 bits"),
        Arguments.of(ColumnType.of(Kind.FLOAT), Long.MAX_VALUE, "53 bits"),
        Arguments.of(
            new ColumnType(Kind.TIME, 0, 3), LocalTime.ofNanoOfDay(1_000), "more than 3 decimals"),
        Arguments.of(ColumnType.of(Kind.DATE), LocalDate.of(10_000, 1, 1), "years are 1 to 9999"),
        Arguments.of(
            ColumnType.of(Kind.TIMESTAMP_TZ),
            OffsetDateTime.parse("2020-01-02T03:04:05+00:00:01"),
            "whole minutes"),
        Arguments.of(ColumnType.of(Kind.VARCHAR), "a\ud83d", "surrogate"));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aValueThatWouldChangeIsRefused(ColumnType type, Object value, String rule) {
    String message = Refusals.of(() -> encode(type, value));
    assertTrue(message.startsWith("Cannot write column X of type " + type + ": "), message);
    assertTrue(message.contains(rule), message);
  }

  @Test
  void aSingleColumnEndsInAComma() {
    StringBuilder csv = new StringBuilder();
    Schema schema = Schema.builder().addNullableField("X", FieldType.STRING).build();
    new RowEncoder(List.of(new Column("X", ColumnType.of(Kind.VARCHAR), true)))
        .encode(Row.nullRow(schema), csv);
    assertEquals(",", csv.toString());
  }
}
