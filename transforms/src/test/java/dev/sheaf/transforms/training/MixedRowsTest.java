package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.linear.Logistic;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.FeatureSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

final class MixedRowsTest {
  private static final int ROWS = 3_000;
  private static final int KEYS = 7;
  private static final Schema SCHEMA =
      Schema.of(
          Field.of("K", FieldType.INT32),
          Field.nullable("PRICE", FieldType.DOUBLE),
          Field.nullable("STATE", FieldType.STRING),
          Field.of("W", FieldType.DOUBLE),
          Field.of("Y", FieldType.STRING));

  private static Row row(int i) {
    Double price = i % 11 == 0 ? null : i / 4.0;
    String state = i % 13 == 0 ? null : "state " + i % 17;
    return Row.withSchema(SCHEMA)
        .addValues(i % KEYS, price, state, 1.0 + i % 3, i % 5 == 0 ? "no" : "yes")
        .build();
  }

  private static RowReader reader() {
    return new Settings("K")
        .with(
            settings -> {
              settings.label = "Y";
              settings.weight = "W";
              settings.trainer = Logistic.classification();
              settings.features =
                  List.of(FeatureSpec.parse("PRICE"), FeatureSpec.parse("STATE:category"));
            })
        .reader(SCHEMA);
  }

  @Test
  void eachKeyHasItsOwnRowsInTheirOrder() throws BadRowException {
    RowReader reader = reader();
    MixedRows rows = new MixedRows(reader.tableSchema());
    RowReader.Buffer buffer = reader.buffer();
    for (int i = 0; i < ROWS; i++) {
      Row row = row(i);
      reader.read(row, reader.key(row), buffer);
      rows.add(buffer);
      rows.assign(reader.key(row));
      if (i % 2 == 0) {
        rows.assign("even");
      }
    }
    Map<String, RowBlock> blocks = new HashMap<>();
    rows.forEachKey((key, block) -> assertEquals(null, blocks.put(key, block)));

    assertEquals(ROWS, rows.rows());
    assertEquals(KEYS + 1, blocks.size());
    for (int key = 0; key < KEYS; key++) {
      List<Row> expected = new ArrayList<>();
      for (int i = key; i < ROWS; i += KEYS) {
        expected.add(row(i));
      }
      check(expected, Objects.requireNonNull(blocks.get(Integer.toString(key))));
    }
    List<Row> even = new ArrayList<>();
    for (int i = 0; i < ROWS; i += 2) {
      even.add(row(i));
    }
    check(even, Objects.requireNonNull(blocks.get("even")));
  }

  private static void check(List<Row> expected, RowBlock block) {
    assertEquals(expected.size(), block.rows());
    for (int i = 0; i < block.rows(); i++) {
      Row row = expected.get(i);
      Double price = row.getDouble("PRICE");
      assertEquals(price == null ? Double.NaN : price, block.column(0)[i]);
      double code = block.column(1)[i];
      String state = Double.isNaN(code) ? null : block.dictionary(1).get((int) code);
      assertEquals(row.getString("STATE"), state);
      assertEquals(row.getString("Y"), block.classes().get((int) block.labels()[i]));
      assertEquals(row.getDouble("W"), Objects.requireNonNull(block.weights())[i]);
    }
  }
}
