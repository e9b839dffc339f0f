package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sheaf.transforms.snowflake.ColumnType.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowDecoderTest {
  private static Row decode(String line, Column... columns) {
    return new RowDecoder(List.of(columns)).decode(line);
  }

  private static Column column(ColumnType type) {
    return new Column("X", type, true);
  }

  private static @Nullable Object value(String text, ColumnType type) {
    return decode("|" + text, column(type)).getValue(0);
  }

  @Test
  void aLineHoldsARow() {
    Column id = new Column("ID", ColumnType.number(18, 0), false);
    Column name = new Column("NAME", ColumnType.of(Kind.VARCHAR), true);
    assertEquals(List.of(1L, "one"), decode("|1|one", id, name).getValues());
    assertEquals(List.of(2L, ""), decode("|2|", id, name).getValues());
    assertNull(decode("|3|%N", id, name).getString("NAME"));
    assertEquals(List.of(4L, "%N"), decode("|4|%25N", id, name).getValues());
    for (String wrong : new String[] {"", "|1", "1|one", "|1|one|more"}) {
      assertThrows(IllegalArgumentException.class, () -> decode(wrong, id, name), wrong);
    }
  }

  @Test
  void eachTypeHasItsForm() {
    assertEquals(-7L, value("-7", ColumnType.number(18, 0)));
    assertEquals(new BigDecimal("12345"), value("12345", ColumnType.number(38, 0)));
    assertEquals(new BigDecimal("-0.05"), value("-0.05", ColumnType.number(10, 2)));
    assertEquals(new BigDecimal("-3.25"), value("-3.25", ColumnType.number(10, 2)));
    assertEquals(new BigDecimal("3.50"), value("3.5", ColumnType.number(10, 2)));
    assertEquals(
        new BigDecimal("0.0000000000000000000000000000000000001"),
        value("0.0000000000000000000000000000000000001", ColumnType.number(38, 37)));
    assertEquals("it's\\\n\r|%", value("it%27s%5C%0A%0D%7C%25", ColumnType.of(Kind.VARCHAR)));
    assertEquals(true, value("true", ColumnType.of(Kind.BOOLEAN)));
    assertEquals(false, value("false", ColumnType.of(Kind.BOOLEAN)));
    assertEquals(LocalDate.of(1969, 12, 31), value("-1", ColumnType.of(Kind.DATE)));
    assertEquals(LocalTime.of(1, 2, 3, 4), value("01:02:03.000000004", ColumnType.of(Kind.TIME)));
    assertEquals(
        LocalDateTime.of(2020, 2, 29, 23, 59, 58, 123_456_789),
        value("2020-02-29 23:59:58.123456789", ColumnType.of(Kind.TIMESTAMP_NTZ)));
    ColumnType moment = ColumnType.of(Kind.TIMESTAMP_LTZ);
    assertEquals(Instant.parse("2020-02-29T23:59:58.5Z"), value("1583020798500000000", moment));
    assertEquals(Instant.ofEpochSecond(0, -1), value("-1", moment));
    assertEquals(Instant.parse("0001-01-01T00:00:00.3Z"), value("-62135596799700000000", moment));
    assertEquals(Instant.EPOCH, value("0", moment));
    assertEquals(
        OffsetDateTime.parse("2020-02-29T23:59:58.5-03:30"),
        value("2020-02-29 23:59:58.500000000 -03:30", ColumnType.of(Kind.TIMESTAMP_TZ)));
    assertArrayEquals(new byte[] {0, -1}, (byte[]) value("00FF", ColumnType.of(Kind.BINARY)));
  }

  @Test
  void nothingIsNotNull() {
    assertNull(value("", ColumnType.number(38, 0)));
    assertNull(value("-", ColumnType.of(Kind.BINARY)));
    assertArrayEquals(new byte[0], (byte[]) value("", ColumnType.of(Kind.BINARY)));
    assertNull(value("%N", ColumnType.of(Kind.VARIANT)));
    assertEquals("null", value("null", ColumnType.of(Kind.VARIANT)));
  }

  @Test
  void aFloatMayBeASum() {
    double third = 1.0 / 3;
    double near = 0.333333333;
    assertEquals(third, value("0.333333333+" + (third - near), ColumnType.of(Kind.FLOAT)));
    assertEquals(-third, value("-0.333333333+" + (near - third), ColumnType.of(Kind.FLOAT)));
    assertEquals(1.5e300, value("1.5e+300", ColumnType.of(Kind.FLOAT)));
    assertEquals(1.5e300 + 1e285, value("1.5e+300+1e+285", ColumnType.of(Kind.FLOAT)));
    assertEquals(Double.NEGATIVE_INFINITY, value("-inf+NaN", ColumnType.of(Kind.FLOAT)));
    assertEquals(Double.NaN, value("NaN+NaN", ColumnType.of(Kind.FLOAT)));
    assertEquals(-0.0, value("-0", ColumnType.of(Kind.FLOAT)));
  }

  @Property
  void aFloatKeepsItsBits(@ForAll long bits) {
    double number = Double.longBitsToDouble(bits);
    assertEquals(number, value(Double.toString(number), ColumnType.of(Kind.FLOAT)));
  }

  @Property
  void aShortFloatIsTheNearest(@ForAll long digits, @ForAll byte scale) {
    String text = BigDecimal.valueOf(digits % 1_000_000_000_000_000L, scale & 15).toPlainString();
    assertEquals(Double.parseDouble(text), value(text, ColumnType.of(Kind.FLOAT)));
  }

  @Test
  void aBrokenFieldNamesItsColumn() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> value("seven", ColumnType.number(9, 0)));
    assertEquals("Cannot read column X of type NUMBER(9,0): found seven", e.getMessage());
    assertNotNull(e.getCause());
    assertThrows(
        IllegalArgumentException.class, () -> decode("1|2", column(ColumnType.number(9, 0))));
    Column required = new Column("X", ColumnType.number(9, 0), false);
    assertEquals(
        "Cannot read column X: found NULL, but the column is NOT NULL.",
        assertThrows(IllegalArgumentException.class, () -> decode("|", required)).getMessage());
  }
}
