package dev.sheaf.models.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class RowOrderTest {
  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(ColumnKind.INTEGER, -7L, "-7"),
        Arguments.of(ColumnKind.DECIMAL, new BigDecimal("-12.50"), "-12.5"),
        Arguments.of(ColumnKind.FLOAT, 0.125f, "0.125"),
        Arguments.of(ColumnKind.BOOLEAN, true, "true"),
        Arguments.of(ColumnKind.BOOLEAN, false, "false"),
        Arguments.of(ColumnKind.DATE, LocalDate.of(1969, 12, 30), "1969-12-30"),
        Arguments.of(ColumnKind.TIME, LocalTime.of(9, 30, 1), "09:30:01"),
        Arguments.of(
            ColumnKind.DATE_TIME,
            LocalDateTime.of(1955, 6, 1, 9, 30, 0, 1_000),
            "1955-06-01T09:30:00.000001"),
        Arguments.of(
            ColumnKind.INSTANT, Instant.parse("2026-11-21T06:00:00Z"), "2026-11-21T06:00:00Z"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void anOrderGivesItsValueBackAsText(ColumnKind kind, Object value, String text) {
    long order = RowOrder.orderOf(value, kind);
    assertEquals(text, RowOrder.textOf(order, kind));
    assertFalse(RowOrder.isMissing(order, kind));
  }

  @Property
  void everyDoubleComesBack(@ForAll double value) {
    assertEquals(
        Double.toString(value + 0.0),
        RowOrder.textOf(RowOrder.orderOf(value, ColumnKind.FLOAT), ColumnKind.FLOAT));
  }

  @Test
  void nullAndNanAreMissing() {
    for (ColumnKind kind : ColumnKind.values()) {
      assertTrue(RowOrder.isMissing(RowOrder.orderOf(null, kind), kind));
    }
    long nan = RowOrder.orderOf(Double.NaN, ColumnKind.FLOAT);
    assertTrue(RowOrder.isMissing(nan, ColumnKind.FLOAT));
    assertFalse(RowOrder.isMissing(nan, ColumnKind.INTEGER));
    assertThrows(
        IllegalArgumentException.class, () -> RowOrder.textOf(Long.MIN_VALUE, ColumnKind.INTEGER));
  }
}
