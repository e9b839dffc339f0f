package dev.sheaf.transforms.training;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.values.Row;

/** Made-up sales of stores, for tests. */
final class Stores {
  static final Schema SCHEMA =
      Schema.builder()
          .addStringField("STORE")
          .addNullableField("STATE", FieldType.STRING)
          .addField("DAY", FieldType.logicalType(SqlTypes.DATE))
          .addNullableField("PRICE", FieldType.DOUBLE)
          .addNullableField("PROMO", FieldType.BOOLEAN)
          .addNullableField("SKY", FieldType.STRING)
          .addNullableField("WEIGHT", FieldType.DOUBLE)
          .addDoubleField("SALES")
          .addStringField("LEVEL")
          .build();

  private static final String[] SKIES = {"clear", "cloudy", "rain"};
  private static final double[] EFFECTS = {10, 5, -20};

  private Stores() {}

  /** Rows of a store whose state is the first letter of its name, with some noise. */
  static List<Row> rows(String store, int count) {
    Random random = new Random(store.hashCode());
    double base = random.nextInt(200);
    List<Row> rows = new ArrayList<>();
    for (int day = 0; day < count; day++) {
      double price = random.nextInt(1000) / 8.0;
      boolean promo = random.nextBoolean();
      int sky = random.nextInt(SKIES.length);
      double sales =
          base + 3 * price + (promo ? 7 : 0) + EFFECTS[sky] + random.nextGaussian() + day / 10.0;
      rows.add(
          Row.withSchema(SCHEMA)
              .addValues(
                  store,
                  store.substring(0, 1),
                  LocalDate.of(2020, 1, 1).plusDays(day),
                  day % 11 == 3 ? null : price,
                  promo,
                  day % 13 == 5 ? null : SKIES[sky],
                  1.0 + day % 3,
                  sales,
                  sales > base + 190 ? "high" : "low")
              .build());
    }
    return rows;
  }
}
