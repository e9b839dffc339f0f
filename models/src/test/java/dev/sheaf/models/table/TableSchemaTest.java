package dev.sheaf.models.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static final Feature A = new Feature("A", FeatureType.INTEGER);

  @Test
  void refusesWhatCannotBeTrained() {
    assertEquals(
        "cannot train on a table without features: at least one is needed",
        refusal(List.of(), "Y"));
    assertEquals("cannot use feature 'A' twice: names must be unique", refusal(List.of(A, A), "Y"));
    assertEquals(
        "cannot use label 'A' as a feature: a model may not see what it predicts",
        refusal(List.of(A), "A"));
  }

  private static String refusal(List<Feature> features, String label) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> new TableSchema(features, label))
            .getMessage());
  }
}
