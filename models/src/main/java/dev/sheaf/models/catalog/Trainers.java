package dev.sheaf.models.catalog;

import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.lightgbm.Lightgbm;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The trainers by name, as they are chosen on a command line. */
public final class Trainers {
  private Trainers() {}

  /** The names of all trainers. */
  public static List<String> names() {
    return List.of(Linear.NAME, Xgboost.NAME, Lightgbm.NAME);
  }

  /**
   * Reads a trainer such as {@code linear}, {@code linear:ridge=0.1} or {@code
   * xgboost:rounds=50,max_depth=4}.
   *
   * @throws IllegalArgumentException if the name, a parameter or its value is not known
   */
  public static Trainer parse(String text) {
    String trimmed = text.strip();
    int colon = trimmed.indexOf(':');
    String name = colon < 0 ? trimmed : trimmed.substring(0, colon).strip();
    String rest = colon < 0 ? "" : trimmed.substring(colon + 1);
    Map<String, String> parameters = parameters(text, rest);
    if (name.equals(Linear.NAME)) {
      return Linear.parse(parameters);
    }
    if (name.equals(Xgboost.NAME)) {
      return Xgboost.parse(parameters);
    }
    if (name.equals(Lightgbm.NAME)) {
      return Lightgbm.parse(parameters);
    }
    throw new IllegalArgumentException(
        "cannot use trainer '" + text + "': known are " + String.join(", ", names()));
  }

  private static Map<String, String> parameters(String text, String rest) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (rest.isBlank()) {
      return parameters;
    }
    for (String part : rest.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1 || equals == part.length() - 1) {
        throw new IllegalArgumentException(
            "cannot read '"
                + part.strip()
                + "' of trainer '"
                + text
                + "': parameters are written as NAME=VALUE,NAME=VALUE");
      }
      String name = part.substring(0, equals).strip();
      if (parameters.put(name, part.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException(
            "cannot set parameter '" + name + "' of trainer '" + text + "' twice");
      }
    }
    return parameters;
  }
}
