package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {
  @ParameterizedTest
  @ValueSource(strings = {"1", "-12.5", "0.000001", "999999999.999999", "-0.05", "100000"})
  void aShortNumberIsPlain(String plain) {
    StringBuilder text = new StringBuilder();
    assertTrue(Decimal.appendShort(Double.parseDouble(plain), text));
    assertEquals(plain, text.toString());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, -0.0, 1e9, 1e-7, 1 / 3.0, Double.NaN, Double.NEGATIVE_INFINITY})
  void anyOtherNumberIsLeft(double number) {
    StringBuilder text = new StringBuilder();
    assertFalse(Decimal.appendShort(number, text));
    assertEquals("", text.toString());
  }

  @Property
  void aShortNumberReadsBack(
      @ForAll @LongRange(min = -999_999_999_999_999L, max = 999_999_999_999_999L) long millionths) {
    double number = millionths / 1e6;
    StringBuilder text = new StringBuilder();
    if (Decimal.appendShort(number, text)) {
      assertEquals(number, Double.parseDouble(text.toString()));
    } else {
      assertEquals(0, number);
    }
  }

  @Property
  void whateverIsShortReadsBack(@ForAll @DoubleRange(min = -1e9, max = 1e9) double number) {
    StringBuilder text = new StringBuilder();
    if (Decimal.appendShort(number, text)) {
      assertEquals(number, Double.parseDouble(text.toString()));
    }
  }

  @Test
  void powersAreOfTen() {
    assertEquals(1_000_000_000_000_000_000L, Decimal.power(18));
  }
}
