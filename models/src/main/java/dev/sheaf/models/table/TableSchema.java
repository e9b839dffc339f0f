package dev.sheaf.models.table;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which columns a model is trained on: the features in order, and the label.
 *
 * @param features at least one; no name twice
 * @param label the column to predict; never one of the features
 * @param labelType what the label is
 */
public record TableSchema(List<Feature> features, String label, LabelType labelType)
    implements Serializable {
  /** A table whose label is a number. */
  public TableSchema(List<Feature> features, String label) {
    this(features, label, LabelType.NUMBER);
  }

  public TableSchema {
    features = List.copyOf(features);
    if (features.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot train on a table without features: at least one is needed");
    }
    if (label.isEmpty()) {
      throw new IllegalArgumentException("cannot train on a table whose label has an empty name");
    }
    Set<String> names = new HashSet<>();
    for (Feature feature : features) {
      if (!names.add(feature.name())) {
        throw new IllegalArgumentException(
            "cannot use feature '" + feature.name() + "' twice: names must be unique");
      }
    }
    if (names.contains(label)) {
      throw new IllegalArgumentException(
          "cannot use label '" + label + "' as a feature: a model may not see what it predicts");
    }
  }

  /** The same columns with another type of label. */
  public TableSchema withLabelType(LabelType type) {
    return new TableSchema(features, label, type);
  }

  /** The features' names, in order. */
  public List<String> featureNames() {
    return features.stream().map(Feature::name).toList();
  }
}
