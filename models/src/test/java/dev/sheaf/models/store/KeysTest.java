package dev.sheaf.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysTest {

  @ParameterizedTest
  @CsvSource({
    "7, 7.onnx",
    "store-7_b.v2, store-7_b.v2.onnx",
    "a/b, a%2Fb.onnx",
    "'a b', a%20b.onnx",
    "100%, 100%25.onnx",
    "., %2E.onnx",
    ".., %2E..onnx",
    "~, %7E.onnx",
    "ü, %C3%BC.onnx",
    "\uD83D\uDE00, %F0%9F%98%80.onnx",
    "'', ~empty.onnx"
  })
  void namesEntriesByPercentEncoding(String key, String name) {
    assertEquals(name, Keys.entryName(key));
  }

  @Test
  void shortensLongNamesAtAWholeByte() {
    for (int shift = 0; shift < 3; shift++) {
      String key = "x".repeat(shift) + "é".repeat(300);
      String name = Keys.entryName(key);
      assertTrue(name.matches("x*(%C3%A9)*(%C3)?~[0-9a-f]{64}\\.onnx"), name);
      assertTrue(name.length() <= 170, name);
    }
    assertEquals("x".repeat(200) + ".onnx", Keys.entryName("x".repeat(200)));
    assertTrue(Keys.entryName("x".repeat(201)).startsWith("x".repeat(100) + "~"));
  }

  @Property
  void everyNameIsAFileNameAndLeadsBack(@ForAll String text) {
    String key = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String name = Keys.entryName(key);
    assertTrue(name.matches("[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]*"), name);
    if (!name.contains("~")) {
      String encoded = name.substring(0, name.length() - ".onnx".length());
      assertEquals(key, URLDecoder.decode(encoded, StandardCharsets.UTF_8));
    }
  }

  @Test
  void refusesTextThatUtf8CannotHold() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Keys.check("ab\uD83D"));
    assertTrue(String.valueOf(e.getMessage()).contains("U+D83D at position 2"), e.getMessage());
    Keys.check("ab\uD83D\uDE00");
  }

  @Test
  void theShardOfAKeyNeverChanges() {
    assertEquals(14, VersionWriter.shardOf("store-7", 16));
    assertEquals(0, VersionWriter.shardOf("", 16));
  }

  @Property
  void everyKeyHasAShard(@ForAll String key, @ForAll @IntRange(min = 1, max = 99_999) int shards) {
    int shard = VersionWriter.shardOf(key, shards);
    assertTrue(shard >= 0 && shard < shards);
  }
}
