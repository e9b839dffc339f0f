package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "sales,\"SALES\"",
        "db.Public.sales$1,\"DB\".\"PUBLIC\".\"SALES$1\"",
        "\"a.b\".\"c\"\"d\",\"a.b\".\"c\"\"d\""
      })
  void partsAreQuoted(String text, String sql) {
    assertEquals(sql, TableName.parse("to", text).sql());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a.", ".a", "a..b", "a.b.c.d", "1a", "\"\"", "a;drop", "\"a"})
  void anythingElseIsRefused(String text) {
    String message = Refusals.of(() -> TableName.parse("to", text));
    assertTrue(message.startsWith("to takes a table name"), message);
    assertTrue(message.endsWith("found: " + text), message);
  }

  @Test
  void aSiblingSharesDatabaseAndSchema() {
    assertEquals("\"A\".\"X\"", TableName.parse("to", "a.b").sibling("X").sql());
  }
}
