package dev.sheaf.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionIdTest {
  private static final long LAST = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  @Test
  void readsAsItsTimeInUtc() {
    VersionId id = VersionId.at(Instant.parse("2026-11-20T23:51:10.123456Z"));
    assertEquals("20261120T235110.123Z", id.text());
    assertEquals(Instant.parse("2026-11-20T23:51:10.123Z"), id.time());
  }

  @Test
  void takesASuffix() {
    VersionId id = VersionId.at(Instant.parse("2026-11-20T23:51:10Z"), "canary_2");
    assertEquals("20261120T235110.000Z-canary_2", id.text());
    assertEquals(id, VersionId.ofText(id.toString()));
    assertTrue(VersionId.at(id.time()).compareTo(id) < 0);
    assertTrue(VersionId.at(id.time().plusMillis(1)).compareTo(id) > 0);
  }

  @Property
  void sortsByTime(
      @ForAll @LongRange(min = 0, max = 253_402_300_799_999L) long a,
      @ForAll @LongRange(min = 0, max = 253_402_300_799_999L) long b) {
    VersionId first = VersionId.at(Instant.ofEpochMilli(a));
    VersionId second = VersionId.at(Instant.ofEpochMilli(b));
    assertEquals(Long.signum(Long.compare(a, b)), Integer.signum(first.compareTo(second)));
    assertEquals(a, VersionId.ofText(first.text()).time().toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "latest",
        "20261120T235110Z",
        "20261320T235110.123Z",
        "20260230T235110.123Z",
        "20261120T245110.123Z",
        "20261120T235110.123Z-",
        "20261120T235110.123Z-a/b",
        "20261120T235110.123Z-..",
        "20261120T235110.123Zx",
        "../20261120T235110.123Z"
      })
  void refusesOtherTexts(String text) {
    assertFalse(VersionId.isValid(text));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> VersionId.ofText(text));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("cannot use \"" + text + "\" as a version: "),
        e.getMessage());
  }

  @Test
  void refusesYearsThatDoNotSort() {
    assertEquals("99991231T235959.999Z", VersionId.at(Instant.ofEpochMilli(LAST)).text());
    assertThrows(
        IllegalArgumentException.class, () -> VersionId.at(Instant.ofEpochMilli(LAST + 1)));
    assertThrows(IllegalArgumentException.class, () -> VersionId.at(Instant.ofEpochMilli(-1)));
  }
}
