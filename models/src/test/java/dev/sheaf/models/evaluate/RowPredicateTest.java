package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowPredicateTest {
  private static RowPredicate where(String condition, ColumnKind kind) {
    return RowPredicate.compile((Holdout.Where) Holdout.parse("where:" + condition), kind);
  }

  @Test
  void numbersCompareAsNumbers() {
    RowPredicate atLeast = where("A>=2017", ColumnKind.INTEGER);
    assertTrue(atLeast.test(2017L));
    assertTrue(atLeast.test(2018));
    assertFalse(atLeast.test((short) 999));
    assertTrue(atLeast.test(new BigDecimal("2017.00")));
    assertTrue(atLeast.test(BigInteger.TWO.pow(70)));
    assertTrue(where("A=9007199254740993", ColumnKind.INTEGER).test(9007199254740993L));
    assertFalse(where("A=9007199254740993", ColumnKind.INTEGER).test(9007199254740992L));
  }

  @Test
  void doublesCompareWithTheNearestDouble() {
    assertTrue(where("A=0.1", ColumnKind.FLOAT).test(0.1));
    assertTrue(where("A=0.1", ColumnKind.FLOAT).test(0.1f));
    assertTrue(where("A=0", ColumnKind.FLOAT).test(-0.0));
    assertTrue(where("A>1e300", ColumnKind.FLOAT).test(Double.POSITIVE_INFINITY));
    assertTrue(where("A=0.10", ColumnKind.DECIMAL).test(new BigDecimal("0.1")));
  }

  @Test
  void aMissingValueNeverMatches() {
    for (String comparison : new String[] {"=", "!=", "<", "<=", ">", ">="}) {
      assertFalse(where("A" + comparison + "1", ColumnKind.FLOAT).test(null));
      assertFalse(where("A" + comparison + "1", ColumnKind.FLOAT).test(Double.NaN));
      assertFalse(where("A" + comparison + "1", ColumnKind.FLOAT).test(Float.NaN));
    }
  }

  @Test
  void datesAndTimesCompareAsSuch() {
    RowPredicate from = where("D>=2015-06-01", ColumnKind.DATE);
    assertTrue(from.test(LocalDate.of(2015, 6, 1)));
    assertFalse(from.test(LocalDate.of(2015, 5, 31)));
    assertTrue(where("T<12:00", ColumnKind.TIME).test(LocalTime.of(11, 59, 59)));
    assertTrue(
        where("T>'2015-06-01 10:00:00'", ColumnKind.DATE_TIME)
            .test(LocalDateTime.of(2015, 6, 1, 10, 0, 1)));
    assertTrue(
        where("T>=2015-06-01", ColumnKind.DATE_TIME).test(LocalDateTime.of(2015, 6, 1, 0, 0)));
    RowPredicate instant = where("T='2015-06-01 10:00:00 +02:00'", ColumnKind.INSTANT);
    assertTrue(instant.test(Instant.parse("2015-06-01T08:00:00Z")));
    assertTrue(instant.test(OffsetDateTime.parse("2015-06-01T09:00:00+01:00")));
    assertTrue(
        where("T=2015-06-01T08:00:00", ColumnKind.INSTANT)
            .test(Instant.parse("2015-06-01T08:00:00Z")));
    assertTrue(
        where("T=2015-06-01", ColumnKind.INSTANT).test(Instant.parse("2015-06-01T00:00:00Z")));
  }

  @Test
  void booleansAndTextCompare() {
    assertTrue(where("B=TRUE", ColumnKind.BOOLEAN).test(true));
    assertTrue(where("B<true", ColumnKind.BOOLEAN).test(false));
    assertTrue(where("S=' x '", ColumnKind.TEXT).test(" x "));
    assertTrue(where("S<'b'", ColumnKind.TEXT).test("a\uD83D\uDE00"));
    // By code points: an emoji comes after the last of the basic plane, unlike in UTF-16.
    assertTrue(where("S>'\uFFFD'", ColumnKind.TEXT).test("\uD83D\uDE00"));
  }

  @ParameterizedTest
  @CsvSource({
    "Date>=abc,DATE,a date such as 2015-06-01",
    "Date>=2015-02-30,DATE,a date such as 2015-06-01",
    "A=1.2.3,INTEGER,a whole number",
    "A=x,FLOAT,a number",
    "B=yes,BOOLEAN,true or false",
    "T=noon,TIME,a time such as 09:30:00",
    "T=x,DATE_TIME,a date and time such as 2015-06-01T09:30:00",
    "T=x,INSTANT,a point in time such as 2015-06-01T09:30:00Z"
  })
  void aLiteralThatDoesNotFitIsRefused(String condition, ColumnKind kind, String needed) {
    Holdout.Where where = (Holdout.Where) Holdout.parse("where:" + condition);
    assertEquals(
        "cannot hold out by '%s': column %s holds %s, and '%s' is not %s"
            .formatted(where, where.columnName(), kind, where.value(), needed),
        assertThrows(IllegalArgumentException.class, () -> RowPredicate.compile(where, kind))
            .getMessage());
  }

  @Test
  void aValueOfAnotherClassIsRefused() {
    assertEquals(
        "cannot compare a String in a column of kind INTEGER, whose values are each a whole number",
        assertThrows(
                IllegalArgumentException.class, () -> where("A=1", ColumnKind.INTEGER).test("1"))
            .getMessage());
  }

  @Property
  void ordersSortAsDoublesDo(@ForAll double left, @ForAll double right) {
    assertEquals(
        Integer.signum(Double.compare(left + 0.0, right + 0.0)),
        Long.compare(
            RowOrder.orderOf(left, ColumnKind.FLOAT), RowOrder.orderOf(right, ColumnKind.FLOAT)));
  }

  @Property
  void ordersSortAsDecimalsAndLongsDo(@ForAll BigDecimal left, @ForAll long a, @ForAll long b) {
    assertTrue(
        RowOrder.orderOf(left, ColumnKind.DECIMAL)
            < RowOrder.orderOf(
                left.abs().add(BigDecimal.ONE).multiply(BigDecimal.TEN), ColumnKind.DECIMAL));
    assertTrue(
        Long.compare(a, b)
                * Long.compare(
                    RowOrder.orderOf(a, ColumnKind.INTEGER),
                    RowOrder.orderOf(b, ColumnKind.INTEGER))
            >= 0);
  }

  @Test
  void ordersSortAsTimeGoes() {
    assertTrue(
        RowOrder.orderOf(LocalDate.of(1969, 12, 31), ColumnKind.DATE)
            < RowOrder.orderOf(LocalDate.of(2015, 1, 1), ColumnKind.DATE));
    assertEquals(
        1,
        RowOrder.orderOf(LocalTime.NOON.plusNanos(1), ColumnKind.TIME)
            - RowOrder.orderOf(LocalTime.NOON, ColumnKind.TIME));
    assertTrue(
        RowOrder.orderOf(LocalDateTime.of(1900, 1, 1, 0, 0, 0, 999_000), ColumnKind.DATE_TIME)
            < RowOrder.orderOf(LocalDateTime.of(1900, 1, 1, 0, 0, 1), ColumnKind.DATE_TIME));
    assertTrue(
        RowOrder.orderOf(Instant.MIN, ColumnKind.INSTANT)
            < RowOrder.orderOf(Instant.MAX, ColumnKind.INSTANT));
    assertTrue(
        RowOrder.orderOf(false, ColumnKind.BOOLEAN) < RowOrder.orderOf(true, ColumnKind.BOOLEAN));
    assertTrue(
        RowOrder.orderOf(null, ColumnKind.INTEGER)
            < RowOrder.orderOf(Long.MIN_VALUE, ColumnKind.INTEGER));
    assertTrue(
        RowOrder.orderOf(BigInteger.TWO.pow(80).negate(), ColumnKind.INTEGER)
            < RowOrder.orderOf(0L, ColumnKind.INTEGER));
  }

  @Test
  void textHasNoOrder() {
    assertEquals(
        "cannot hold out by 'last:A:0.2': column A is text; a column of numbers, dates, times,"
            + " timestamps or booleans is needed",
        assertThrows(
                IllegalArgumentException.class,
                () -> RowOrder.check(new Holdout.Last("A", 0.2), ColumnKind.TEXT))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> RowOrder.check(Holdout.parse("rolling:A:2:0.2"), ColumnKind.TEXT));
    RowOrder.check(Holdout.fraction(0.2), ColumnKind.TEXT);
    assertThrows(IllegalArgumentException.class, () -> RowOrder.orderOf("a", ColumnKind.TEXT));
  }
}
