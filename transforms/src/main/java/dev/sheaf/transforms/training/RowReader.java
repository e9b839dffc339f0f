package dev.sheaf.transforms.training;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.evaluate.RowOrder;
import dev.sheaf.models.evaluate.RowPredicate;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.table.Dictionary;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.FeatureReader;
import dev.sheaf.transforms.rows.FeatureSpec;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Reads what training needs out of a row: key, label, weight, features, a hash that is the same in
 * every run, and the place of the row in the holdout's order.
 */
final class RowReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String PLAIN = "a number, boolean, text, date or time is needed";

  private final RowColumn key;
  private final List<RowColumn> groups;
  private final RowColumn label;
  private final LabelType labelType;
  private final @Nullable RowColumn weight;
  private final List<FeatureReader> features;
  private final long labelSeed;
  private final long weightSeed;
  private final long[] featureSeeds;
  private final @Nullable RowColumn holdoutColumn;
  private final @Nullable RowPredicate holdoutPredicate;

  /**
   * Finds the columns.
   *
   * @throws IllegalArgumentException naming the option, when a column is missing or of a wrong kind
   */
  RowReader(Schema schema, Settings settings) {
    key = RowColumn.findKey(schema, settings.key, "key");
    groups =
        settings.groups.stream().map(group -> RowColumn.findKey(schema, group, "groups")).toList();
    labelType = settings.trainer.task().isClassification() ? LabelType.CLASS : LabelType.NUMBER;
    label = label(schema, settings.label(), labelType);
    weight =
        settings.weight == null
            ? null
            : numeric(RowColumn.find(schema, settings.weight, "weight"), "weight");
    features = new ArrayList<>();
    for (FeatureSpec spec : settings.features) {
      Feature feature = spec.resolve(schema, "features");
      FeatureReader reader = FeatureReader.of(feature, schema, "features");
      if (feature.name().equals(label.name())) {
        throw new IllegalArgumentException(
            "features: \"" + label.name() + "\" is the label; a label cannot be its own feature");
      }
      features.add(reader);
    }
    labelSeed = RowHash.ofText(label.name());
    weightSeed = RowHash.ofText("weight");
    featureSeeds =
        features.stream().mapToLong(reader -> RowHash.ofText(reader.feature().name())).toArray();
    Optional<String> name = settings.holdout.column();
    holdoutColumn = name.map(column -> RowColumn.find(schema, column, "holdout")).orElse(null);
    holdoutPredicate = holdoutColumn == null ? null : predicate(settings.holdout, holdoutColumn);
  }

  private static RowColumn label(Schema schema, String name, LabelType type) {
    return type == LabelType.CLASS
        ? RowColumn.findKey(schema, name, "label")
        : numeric(RowColumn.find(schema, name, "label"), "label");
  }

  private static @Nullable RowPredicate predicate(Holdout holdout, RowColumn column) {
    ColumnKind kind =
        column
            .kind()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "holdout: \"" + column + "\" holds bytes or nested values; " + PLAIN));
    if (holdout instanceof Holdout.Where where) {
      return RowPredicate.compile(where, kind);
    }
    RowOrder.check(holdout, kind);
    return null;
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
        features.stream().map(FeatureReader::feature).toList(), label.name(), labelType);
  }

  /** What the column holds that the holdout goes by; null if it goes by none. */
  @Nullable ColumnKind holdoutKind() {
    return holdoutColumn == null ? null : holdoutColumn.kind().orElseThrow();
  }

  /** The store key of a row's own model. */
  String key(Row row) throws BadRowException {
    String text = key.key(row);
    if (text == null) {
      throw new BadRowException("the key " + key.name() + " is NULL");
    }
    return ModelScope.key(text).storeKey();
  }

  /** The store keys of the groups that a row belongs to; a row with a NULL belongs to none. */
  List<String> groups(Row row) throws BadRowException {
    if (groups.isEmpty()) {
      return List.of();
    }
    List<String> found = new ArrayList<>(groups.size());
    for (RowColumn group : groups) {
      String value = group.key(row);
      if (value != null) {
        found.add(ModelScope.group(group.name(), value).storeKey());
      }
    }
    return found;
  }

  /** A place to read rows into, one after the other. */
  Buffer buffer() {
    return new Buffer(features.size());
  }

  /** Reads a row, whose key is given, into a buffer. */
  void read(Row row, String keyText, Buffer into) throws BadRowException {
    long sum = readLabel(row, into);
    into.weight = 1;
    if (weight != null) {
      into.weight = weight.number(row);
      if (!(into.weight >= 0)) {
        throw new BadRowException(
            "the weight " + weight.name() + " is " + into.weight + ": 0 or more is needed");
      }
      sum += RowHash.of(weightSeed, into.weight);
    }
    for (int f = 0; f < into.numbers.length; f++) {
      FeatureReader reader = features.get(f);
      if (reader.feature().type().isText()) {
        String text = reader.text(row);
        into.texts[f] = text;
        sum += RowHash.mix(featureSeeds[f] ^ RowHash.ofText(text));
      } else {
        double number = reader.number(row);
        into.numbers[f] = number;
        sum += RowHash.of(featureSeeds[f], number);
      }
    }
    into.hash = RowHash.mix(sum ^ RowHash.ofText(keyText));
    into.order = order(row);
  }

  private long readLabel(Row row, Buffer into) throws BadRowException {
    if (labelType == LabelType.CLASS) {
      String text = label.key(row);
      if (text == null) {
        throw new BadRowException("the label " + label.name() + " is NULL, not a class");
      }
      into.labelText = text;
      return RowHash.mix(labelSeed ^ RowHash.ofText(text));
    }
    double value = label.number(row);
    if (Double.isNaN(value)) {
      String found = label.value(row) == null ? "NULL" : "\"" + label.value(row) + "\"";
      throw new BadRowException("the label " + label.name() + " is " + found + ", not a number");
    }
    into.label = value;
    return RowHash.of(labelSeed, value);
  }

  /** Where the holdout's rule puts the row: its rank by order, 1 or 0 for `where`, else 0. */
  private long order(Row row) {
    if (holdoutColumn == null) {
      return 0;
    }
    Object value = holdoutColumn.value(row);
    if (holdoutPredicate != null) {
      return holdoutPredicate.test(value) ? 1 : 0;
    }
    return RowOrder.orderOf(value, holdoutColumn.kind().orElseThrow());
  }

  /** One row as it was read. */
  static final class Buffer {
    private final double[] numbers;
    private final @Nullable String[] texts;
    private double label;
    private @Nullable String labelText;
    private double weight = 1;
    private long hash;
    private long order;

    private Buffer(int features) {
      numbers = new double[features];
      texts = new String[features];
    }

    /**
     * Writes the row: its features, of text the code, label and weight; and its hash and order.
     *
     * @param dictionaries for each feature, which get the texts
     * @param classes gets the label's text if it is a class
     */
    void copyTo(
        double[] numbers,
        int from,
        long[] ranks,
        int at,
        Dictionary[] dictionaries,
        Dictionary classes) {
      int features = this.numbers.length;
      for (int f = 0; f < features; f++) {
        String text = texts[f];
        if (text == null) {
          numbers[from + f] = this.numbers[f];
        } else {
          numbers[from + f] = text.isEmpty() ? Double.NaN : dictionaries[f].code(text);
        }
      }
      numbers[from + features] = labelText == null ? label : classes.code(labelText);
      numbers[from + features + 1] = weight;
      ranks[at] = hash;
      ranks[at + 1] = order;
    }
  }
}
