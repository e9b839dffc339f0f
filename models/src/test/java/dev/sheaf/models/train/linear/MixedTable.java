package dev.sheaf.models.train.linear;

import static dev.sheaf.models.table.CalendarPart.DAYS;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_WEEK;
import static dev.sheaf.models.table.CalendarPart.HOUR;
import static dev.sheaf.models.table.CalendarPart.MONTH;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.List;
import java.util.Random;

/** Random rows with features of every type, badly scaled, some of them missing. */
final class MixedTable {
  static final TableSchema SCHEMA =
      new TableSchema(
          List.of(
              new Feature("STATE", FeatureType.TEXT_CATEGORY),
              new Feature("PRICE", FeatureType.FLOAT),
              new Feature("OPEN", FeatureType.BOOLEAN),
              new Feature("PRODUCT", FeatureType.INTEGER_CATEGORY),
              new Feature("DAY", FeatureType.DATE, List.of(DAY_OF_WEEK, DAYS)),
              new Feature("YEAR", FeatureType.INTEGER),
              new Feature("TIME", FeatureType.DATE_TIME, List.of(MONTH, HOUR)),
              new Feature("ID", FeatureType.INTEGER)),
          "Y");

  private MixedTable() {}

  /** Rows whose labels depend on all features. */
  static RowBlock rows(Random random, int count, boolean missing, boolean weighted) {
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    String[] states = {"CA", "NY", "OR", "TX", "ÖÄ"};
    for (int i = 0; i < count; i++) {
      int state = random.nextInt(states.length);
      int product = random.nextInt(4);
      long day = 15000L + random.nextInt(900);
      int hour = 8 + random.nextInt(4);
      double[] row = {
        rows.code(0, states[state]),
        100 + 5 * random.nextGaussian(),
        random.nextInt(2),
        900_000_001 + 7 * product,
        day,
        2013 + random.nextInt(4),
        ((15000 + 30 * random.nextInt(8)) * 24L + hour) * 3600 + random.nextInt(3600),
        1e9 + random.nextInt(1000)
      };
      double label =
          1e4
              + 30 * state * state
              + 12 * row[1]
              - 5 * product * product
              + row[2]
              + 9 * Math.floorMod(day, 7)
              + 0.1 * day
              + 4 * (row[5] - 2013)
              + hour
              + 0.01 * (row[7] - 1e9)
              + 10 * random.nextGaussian();
      for (int f = 0; missing && f < row.length; f++) {
        if (random.nextInt(12) == 0) {
          row[f] = Double.NaN;
        }
      }
      rows.append(row, label, weighted ? 0.1 + 3 * random.nextDouble() : 1, random.nextLong(), 0);
    }
    return rows.build();
  }

  /** Rows of which the categories are mostly not among those of {@link #rows}. */
  static RowBlock unseenRows(Random random, int count) {
    RowBlock.Builder rows = RowBlock.builder(SCHEMA);
    for (int i = 0; i < count; i++) {
      double[] row = {
        rows.code(0, List.of("", "WA", "ca", "CA ", "日本").get(i % 5)),
        1e9 * random.nextGaussian(),
        i % 3,
        i % 4 == 0 ? -0.0 : 900_000_002 + i,
        30_000 * random.nextGaussian() - 0.5,
        -i,
        1e9 * random.nextGaussian(),
        i % 9 == 0 ? Double.POSITIVE_INFINITY : 1e-300
      };
      rows.append(row, 0, i, 0);
    }
    return rows.build();
  }
}
