package dev.sheaf.pipelines;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.Task;
import dev.sheaf.transforms.rows.FeatureSpec;
import dev.sheaf.transforms.rows.RowColumn;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The columns that training reads, as the table spells them.
 *
 * @param weight the column of weights, or null
 * @param groups the columns with a model per value
 * @param specs how each feature is read
 * @param features the same, resolved
 * @param holdout the column that the holdout goes by, or null
 */
record TrainColumns(
    String key,
    String label,
    @Nullable String weight,
    List<String> groups,
    List<FeatureSpec> specs,
    List<Feature> features,
    @Nullable String holdout) {

  /**
   * Finds the columns.
   *
   * @param eventTime the column with the time of events, which is no feature unless it is named;
   *     null if there is none
   * @throws IllegalArgumentException naming the option, if one is missing or of a wrong kind
   */
  static TrainColumns of(
      TrainingOptions options, TrainPlan plan, Schema schema, @Nullable String eventTime) {
    String key = RowColumn.findKey(schema, options.getKey(), "--key").name();
    String label = label(options, plan, schema);
    String weight = null;
    if (options.getWeight() != null) {
      weight = number(schema, options.getWeight(), "--weight");
    }
    List<String> groups = new ArrayList<>();
    for (String group : orNone(options.getGroupModels())) {
      String name = RowColumn.findKey(schema, group.strip(), "--groupModels").name();
      if (name.equals(key) || name.equals(label) || groups.contains(name)) {
        throw new OptionException(
            String.format(
                "--groupModels: \"%s\" %s; valid are other columns, each once",
                name, groups.contains(name) ? "is given twice" : "is the key or the label"));
      }
      groups.add(name);
    }
    List<String> taken = new ArrayList<>(groups);
    taken.add(key);
    taken.add(label);
    if (weight != null) {
      taken.add(weight);
    }
    if (eventTime != null) {
      taken.add(eventTime);
    }
    List<FeatureSpec> specs = specs(options, schema, taken);
    List<Feature> features =
        specs.stream().map(spec -> spec.resolve(schema, "--features")).toList();
    checkOnce(features, label);
    String holdout =
        plan.holdout()
            .column()
            .map(column -> RowColumn.find(schema, column, "--holdout").name())
            .orElse(null);
    return new TrainColumns(key, label, weight, groups, specs, features, holdout);
  }

  private static String label(TrainingOptions options, TrainPlan plan, Schema schema) {
    return plan.trainer().task().isClassification()
        ? RowColumn.findKey(schema, options.getLabel(), "--label").name()
        : number(schema, options.getLabel(), "--label");
  }

  private static String number(Schema schema, String name, String option) {
    RowColumn column = RowColumn.find(schema, name, option);
    if (!column.isReadableAsNumber()) {
      throw new OptionException(
          String.format(
              "%s: \"%s\" holds %s; a number, a boolean or text that is a number is needed",
              option,
              column.name(),
              column.kind().map(Enum::name).orElse("bytes or nested values")));
    }
    return column.name();
  }

  private static List<String> orNone(@Nullable List<String> names) {
    return names == null ? List.of() : names;
  }

  /** The features asked for, or every number and boolean that has no other part to play. */
  private static List<FeatureSpec> specs(
      TrainingOptions options, Schema schema, List<String> taken) {
    List<String> asked = orNone(options.getFeatures());
    if (!asked.isEmpty()) {
      return asked.stream().map(FeatureSpec::parse).distinct().toList();
    }
    List<FeatureSpec> numbers =
        schema.getFields().stream()
            .map(Schema.Field::getName)
            .filter(name -> !taken.contains(name))
            .filter(name -> RowColumn.find(schema, name, "--features").isNumber())
            .map(FeatureSpec::column)
            .toList();
    if (numbers.isEmpty()) {
      throw new OptionException(
          "--features: no number or boolean column is left beside "
              + String.join(", ", taken)
              + "; text, dates and times are features if they are named; the columns are "
              + String.join(", ", schema.getFieldNames()));
    }
    return numbers;
  }

  private static void checkOnce(List<Feature> features, String label) {
    List<String> names = new ArrayList<>();
    for (Feature feature : features) {
      if (feature.name().equals(label) || names.contains(feature.name())) {
        throw new OptionException(
            String.format(
                "--features: \"%s\" %s; valid are other columns, each once",
                feature.name(), feature.name().equals(label) ? "is the label" : "is given twice"));
      }
      names.add(feature.name());
    }
  }

  /** The columns to read; some may be named twice. */
  List<String> all() {
    List<String> all = new ArrayList<>(List.of(key, label));
    features.forEach(feature -> all.add(feature.name()));
    all.addAll(groups);
    if (weight != null) {
      all.add(weight);
    }
    if (holdout != null) {
      all.add(holdout);
    }
    return all;
  }

  /** What the trainers are told of the table. */
  TableSchema table(Task task) {
    return new TableSchema(
        features, label, task.isClassification() ? LabelType.CLASS : LabelType.NUMBER);
  }

  /** The features that are read as numbers, whatever their column holds. */
  List<String> numbers() {
    return features.stream()
        .filter(feature -> feature.type() == FeatureType.FLOAT)
        .map(Feature::name)
        .toList();
  }

  /** The features that are read as dates, or as points in time. */
  List<String> calendar(FeatureType type) {
    return features.stream().filter(f -> f.type() == type).map(Feature::name).toList();
  }
}
