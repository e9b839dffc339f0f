package dev.sheaf.models.table;

import java.io.Serializable;
import java.util.Objects;

/**
 * One feature column: its exact name, which is also the name of the model's input, and its type.
 */
public record Feature(String name, FeatureType type) implements Serializable {
  public Feature {
    Objects.requireNonNull(type, "type");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("cannot use a feature with an empty name");
    }
  }
}
