package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RowOrder;
import dev.sheaf.models.evaluate.RowPredicate;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Reads the numbers that training needs out of a row: key, label, features, a hash that is the same
 * in every run, and the place of the row in the holdout's order.
 */
final class RowReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String PLAIN = "a number, boolean, text, date or time is needed";

  private final RowColumn key;
  private final RowColumn label;
  private final List<RowColumn> features;
  private final long labelSeed;
  private final long[] featureSeeds;
  private final @Nullable RowColumn holdoutColumn;
  private final @Nullable RowPredicate holdoutPredicate;

  private RowReader(
      RowColumn key,
      RowColumn label,
      List<RowColumn> features,
      @Nullable RowColumn holdoutColumn,
      @Nullable RowPredicate holdoutPredicate) {
    this.key = key;
    this.label = label;
    this.features = features;
    this.labelSeed = RowHash.ofText(label.name());
    this.featureSeeds = features.stream().mapToLong(f -> RowHash.ofText(f.name())).toArray();
    this.holdoutColumn = holdoutColumn;
    this.holdoutPredicate = holdoutPredicate;
  }

  /**
   * Finds the columns.
   *
   * @throws IllegalArgumentException naming the option, when a column is missing or of a wrong kind
   */
  static RowReader of(
      Schema schema, String key, String label, List<String> features, Holdout holdout) {
    RowColumn keyColumn = RowColumn.findKey(schema, key, "key");
    RowColumn labelColumn = numeric(RowColumn.find(schema, label, "label"), "label");
    List<RowColumn> featureColumns = new ArrayList<>();
    for (String feature : features) {
      RowColumn column = numeric(RowColumn.find(schema, feature, "features"), "features");
      if (column.name().equals(labelColumn.name())) {
        throw new IllegalArgumentException(
            "features: \"" + column.name() + "\" is the label; a label cannot be its own feature");
      }
      featureColumns.add(column);
    }
    Optional<String> holdoutName = holdout.column();
    if (holdoutName.isEmpty()) {
      return new RowReader(keyColumn, labelColumn, featureColumns, null, null);
    }
    RowColumn column = RowColumn.find(schema, holdoutName.get(), "holdout");
    ColumnKind kind =
        column
            .kind()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "holdout: \"" + column + "\" holds bytes or nested values; " + PLAIN));
    if (holdout instanceof Holdout.Where where) {
      RowPredicate predicate = RowPredicate.compile(where, kind);
      return new RowReader(keyColumn, labelColumn, featureColumns, column, predicate);
    }
    RowOrder.check(holdout, kind);
    return new RowReader(keyColumn, labelColumn, featureColumns, column, null);
  }

  private static RowColumn numeric(RowColumn column, String option) {
    if (!column.isReadableAsNumber()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: \"%s\" holds %s; a number, a boolean or text that is a number is needed",
              option,
              column.name(),
              column.kind().map(Enum::name).orElse("bytes or nested values")));
    }
    return column;
  }

  TableSchema tableSchema() {
    return new TableSchema(
        features.stream()
            .map(column -> new Feature(column.name(), typeOf(column)))
            .collect(Collectors.toList()),
        label.name());
  }

  private static FeatureType typeOf(RowColumn column) {
    return switch (column.kind().orElseThrow()) {
      case INTEGER -> FeatureType.INTEGER;
      case BOOLEAN -> FeatureType.BOOLEAN;
      default -> FeatureType.FLOAT;
    };
  }

  int featureCount() {
    return features.size();
  }

  String key(Row row) throws BadRowException {
    String text = key.key(row);
    if (text == null) {
      throw new BadRowException("the key " + key.name() + " is NULL");
    }
    return text;
  }

  double label(Row row) throws BadRowException {
    double value = label.number(row);
    if (Double.isNaN(value)) {
      String found = label.value(row) == null ? "NULL" : "\"" + label.value(row) + "\"";
      throw new BadRowException("the label " + label.name() + " is " + found + ", not a number");
    }
    return value;
  }

  /** Fills {@code into} with the row's features, NaN where a value is missing. */
  void features(Row row, double[] into) throws BadRowException {
    for (int i = 0; i < into.length; i++) {
      into[i] = features.get(i).number(row);
    }
  }

  /** A hash of what training sees of the row, independent of the order of the columns. */
  long hash(String keyText, double labelValue, double[] featureValues) {
    long sum = RowHash.of(labelSeed, labelValue);
    for (int i = 0; i < featureValues.length; i++) {
      sum += RowHash.of(featureSeeds[i], featureValues[i]);
    }
    return RowHash.mix(sum ^ RowHash.ofText(keyText));
  }

  /**
   * Where the holdout's rule puts the row: its rank for `last` and `rolling`, 1 or 0 for `where`,
   * else 0.
   */
  long order(Row row) {
    if (holdoutColumn == null) {
      return 0;
    }
    Object value = holdoutColumn.value(row);
    if (holdoutPredicate != null) {
      return holdoutPredicate.test(value) ? 1 : 0;
    }
    return RowOrder.orderOf(value, holdoutColumn.kind().orElseThrow());
  }
}
