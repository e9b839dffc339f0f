package dev.sheaf.models.catalog;

import dev.sheaf.models.train.BestOf;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.lightgbm.Lightgbm;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.linear.Logistic;
import dev.sheaf.models.train.mlp.Mlp;
import dev.sheaf.models.train.naive.Naive;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The trainers by name, as they are chosen on a command line. */
public final class Trainers {
  private static final Map<String, Function<Map<String, String>, Trainer>> PARSERS = parsers();

  private Trainers() {}

  private static Map<String, Function<Map<String, String>, Trainer>> parsers() {
    Map<String, Function<Map<String, String>, Trainer>> parsers = new LinkedHashMap<>();
    parsers.put(Linear.NAME, Linear::parse);
    parsers.put(Logistic.NAME, Logistic::parse);
    parsers.put(Xgboost.NAME, Xgboost::parse);
    parsers.put(Lightgbm.NAME, Lightgbm::parse);
    parsers.put(Mlp.NAME, Mlp::parse);
    for (String name : Naive.NAMES) {
      parsers.put(name, parameters -> Naive.parse(name, parameters));
    }
    return parsers;
  }

  /** The names of all trainers. */
  public static List<String> names() {
    return List.copyOf(PARSERS.keySet());
  }

  /**
   * Reads a trainer such as {@code linear}, {@code linear:ridge=0.1} or {@code
   * xgboost:rounds=50,max_depth=4}, or several with {@code |} between them, of which each key gets
   * the {@linkplain BestOf best}: {@code linear|lightgbm:rounds=50}.
   *
   * @throws IllegalArgumentException if the name, a parameter or its value is not known
   */
  public static Trainer parse(String text) {
    String[] several = text.split("\\|", -1);
    return several.length == 1
        ? parseOne(text)
        : BestOf.of(Arrays.stream(several).map(Trainers::parseOne).toList());
  }

  private static Trainer parseOne(String text) {
    String trimmed = text.strip();
    int colon = trimmed.indexOf(':');
    String name = colon < 0 ? trimmed : trimmed.substring(0, colon).strip();
    String rest = colon < 0 ? "" : trimmed.substring(colon + 1);
    Map<String, String> parameters = parameters(text, rest);
    Function<Map<String, String>, Trainer> parser = PARSERS.get(name);
    if (parser == null) {
      throw new IllegalArgumentException(
          "cannot use trainer '" + text + "': known are " + String.join(", ", names()));
    }
    return parser.apply(parameters);
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
