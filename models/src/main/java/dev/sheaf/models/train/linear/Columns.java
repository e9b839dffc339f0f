package dev.sheaf.models.train.linear;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The columns that a linear model makes of a table's features: numbers first, then categories. */
final class Columns {
  /**
   * One column.
   *
   * @param name what messages call it
   * @param feature the number of its feature
   * @param from its number among the encoded columns, which have one for each part of a date
   */
  record Column(String name, int feature, int from) {}

  private final TableSchema schema;
  private final List<Column> numbers = new ArrayList<>();
  private final List<Column> categories = new ArrayList<>();

  /** Computes the parts of dates; null where there are none. */
  private final @Nullable Encoding parts;

  private final Flags noFlags;

  private Columns(TableSchema schema) {
    this.schema = schema;
    int encoded = 0;
    boolean calendar = false;
    for (int f = 0; f < schema.features().size(); f++) {
      Feature feature = schema.features().get(f);
      if (feature.type().isCalendar()) {
        calendar = true;
        for (CalendarPart part : feature.parts()) {
          Column column = new Column(feature.name() + "." + part.text(), f, encoded++);
          (isCategory(part, feature.type()) ? categories : numbers).add(column);
        }
      } else {
        Column column = new Column(feature.name(), f, encoded++);
        (feature.type().isCategory() ? categories : numbers).add(column);
      }
    }
    parts = calendar ? Encoding.ordinal(schema, RowBlock.builder(schema).build()) : null;
    noFlags = Flags.none(numbers.size() + 1 + categories.size(), numbers.size() + 1);
  }

  static Columns of(TableSchema schema) {
    return new Columns(schema);
  }

  /** As in {@link Encoding#dense}, whose groups these are. */
  private static boolean isCategory(CalendarPart part, FeatureType type) {
    return switch (part) {
      case DAY_OF_WEEK, MONTH, QUARTER -> true;
      case HOUR -> type == FeatureType.DATE_TIME;
      default -> false;
    };
  }

  TableSchema schema() {
    return schema;
  }

  List<Column> numbers() {
    return numbers;
  }

  List<Column> categories() {
    return categories;
  }

  Flags noFlags() {
    return noFlags;
  }

  /** Whether every feature is a number as it is. */
  boolean allNumbers() {
    return categories.isEmpty() && parts == null;
  }

  /** The number of the first encoded column of a feature. */
  int firstOf(int feature) {
    int first = 0;
    for (Feature earlier : schema.features().subList(0, feature)) {
      first += Math.max(1, earlier.parts().size());
    }
    return first;
  }

  Feature feature(Column column) {
    return schema.features().get(column.feature());
  }

  /** The source of the flags of a column of categories. */
  int source(int category) {
    return numbers.size() + 1 + category;
  }

  /** Per encoded column the numbers of the rows; of a category as the block has them. */
  double[][] values(RowBlock rows) {
    if (schema.features().size() != rows.features()) {
      throw new IllegalArgumentException(
          "cannot read rows of "
              + rows.features()
              + " features with a schema of "
              + schema.features().size());
    }
    double[][] encoded = parts == null ? new double[0][] : parts.encode(rows);
    double[][] values = new double[numbers.size() + categories.size()][];
    for (Column column : numbers) {
      values[column.from()] = value(rows, encoded, column);
    }
    for (Column column : categories) {
      values[column.from()] = value(rows, encoded, column);
    }
    return values;
  }

  private double[] value(RowBlock rows, double[][] encoded, Column column) {
    return feature(column).type().isCalendar()
        ? encoded[column.from()]
        : rows.column(column.feature());
  }

  /**
   * The rows as columns of numbers and categories.
   *
   * @param limit how many categories of a column may be told apart; the others, less frequent, are
   *     missing
   */
  EncodedRows encode(RowBlock rows, int limit) {
    double[][] values = values(rows);
    double[][] all = new double[numbers.size() + 1][];
    for (int j = 0; j < numbers.size(); j++) {
      all[j] = values[numbers.get(j).from()];
    }
    all[numbers.size()] = rows.labels();
    List<Vocabularies.Coded> coded = new ArrayList<>(categories.size());
    for (Column column : categories) {
      Vocabularies.Coded found =
          feature(column).type().isText()
              ? Vocabularies.ofTexts(
                  rows.column(column.feature()), rows.dictionary(column.feature()))
              : Vocabularies.ofNumbers(values[column.from()]);
      coded.add(found.keeping(limit));
    }
    return new EncodedRows(this, all, coded, rows.weights());
  }
}
