package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.transforms.rows.RowColumn;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

final class RowBytesTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .addInt64Field("ID")
          .addNullableField("TEXT", FieldType.STRING)
          .addNullableField("BYTES", FieldType.BYTES)
          .addNullableField("LIST", FieldType.array(FieldType.STRING))
          .addNullableField("MAP", FieldType.map(FieldType.STRING, FieldType.STRING))
          .build();
  private static final String LONG = "x".repeat(1 << 20);

  private static Row row(Object... values) {
    return Row.withSchema(SCHEMA).addValues(values).build();
  }

  private static long grownBy(Row row) {
    RowBytes bytes = new RowBytes(SCHEMA);
    Row empty = row(1L, "", new byte[0], List.of(""), Map.of("", ""));
    return bytes.of(row.getValues().toArray()) - bytes.of(empty.getValues().toArray());
  }

  @Test
  void whatIsLargeCountsWhereverItLies() {
    byte[] none = {};
    assertEquals(1 << 20, grownBy(row(1L, LONG, none, List.of(""), Map.of("", ""))));
    assertEquals(1 << 20, grownBy(row(1L, "", new byte[1 << 20], List.of(""), Map.of("", ""))));
    assertEquals(1 << 20, grownBy(row(1L, "", none, List.of(LONG), Map.of("", ""))));
    assertEquals(2 << 20, grownBy(row(1L, "", none, List.of(""), Map.of(LONG, LONG))));
  }

  @Test
  void fewLargeRowsFillAnIntake() {
    ModelChoice choice = new ModelChoice(RowColumn.findKey(SCHEMA, "ID", "keyedBy"), List.of());
    Predictions predictions = Predictions.of(SCHEMA, PredictionKind.NUMBER, "batch");
    Intake intake = new Intake(4096, choice, predictions, new RowBytes(SCHEMA));
    for (int i = 0; i < 4; i++) {
      assertFalse(intake.isFull(), i + " rows");
      intake.add(
          row((long) i, LONG, new byte[0], List.of(), Map.of()),
          BoundedWindow.TIMESTAMP_MIN_VALUE,
          GlobalWindow.INSTANCE);
    }
    assertTrue(intake.isFull());
    intake.clear(null);
    assertFalse(intake.isFull());
  }
}
