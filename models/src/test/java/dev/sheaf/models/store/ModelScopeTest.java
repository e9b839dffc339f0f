package dev.sheaf.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelScopeTest {
  @Test
  void storeKeysAreAsDocumented() {
    assertEquals("CA_1", ModelScope.key("CA_1").storeKey());
    assertEquals("", ModelScope.key("").storeKey());
    assertEquals("@@home", ModelScope.key("@home").storeKey());
    assertEquals("@@@x", ModelScope.key("@@x").storeKey());
    assertEquals("@@global", ModelScope.key("@global").storeKey());
    assertEquals("@group:STATE=CA", ModelScope.group("STATE", "CA").storeKey());
    assertEquals("@group:A%3DB%25=C=D", ModelScope.group("A=B%", "C=D").storeKey());
    assertEquals("@global", ModelScope.global().storeKey());
  }

  @Property
  void aKeysStoreKeySaysTheKey(@ForAll @Chars({'@', 'a', '=', ':'}) String text) {
    ModelScope scope = ModelScope.key(text);
    assertEquals(scope, ModelScope.ofStoreKey(scope.storeKey()));
  }

  @Property
  void aGroupsStoreKeySaysColumnAndValue(
      @ForAll @Chars({'%', '=', '2', '3', '5', 'D', '@', ':'}) @StringLength(min = 1, max = 8)
          String column,
      @ForAll @Chars({'%', '=', '3', 'D', '@', '\u00e9'}) @StringLength(max = 6) String value) {
    ModelScope scope = ModelScope.group(column, value);
    assertEquals(scope, ModelScope.ofStoreKey(scope.storeKey()));
  }

  @Test
  void theGlobalModelsStoreKeyIsReadBack() {
    assertEquals(ModelScope.global(), ModelScope.ofStoreKey("@global"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"@", "@globally", "@group:", "@group:=x", "@group:STATE", "@team:A=1"})
  void otherReservedStoreKeysAreRefused(String storeKey) {
    assertEquals(
        "cannot tell what the store key \""
            + storeKey
            + "\" is for: with one @ at their start there are @global and @group:COLUMN=VALUE; a"
            + " key that begins with @ has it doubled",
        assertThrows(IllegalArgumentException.class, () -> ModelScope.ofStoreKey(storeKey))
            .getMessage());
  }

  @Test
  void aGroupNeedsAColumn() {
    assertEquals(
        "cannot have a group by a column with an empty name, of the value \"CA\"",
        assertThrows(IllegalArgumentException.class, () -> ModelScope.group("", "CA"))
            .getMessage());
  }
}
