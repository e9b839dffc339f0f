package dev.sheaf.models.trees;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an objective of LightGBM means for predictions (LightGBM's {@code src/objective}: {@code
 * ConvertOutput}), read from a line such as {@code binary sigmoid:1}.
 *
 * @param link turns margins into predictions
 * @param slope the factor within a sigmoid
 * @param outcome what is predicted
 */
record LightgbmObjective(Link link, double slope, Outcome outcome) {
  private static final Set<String> PLAIN =
      Set.of(
          "",
          "custom",
          "none",
          "regression",
          "regression_l1",
          "huber",
          "fair",
          "quantile",
          "mape",
          "lambdarank",
          "rank_xendcg");
  private static final Set<String> POSITIVE = Set.of("poisson", "gamma", "tweedie");

  static LightgbmObjective parse(String line) {
    List<String> words = List.of(line.strip().split("\\s+", -1));
    String name = words.get(0);
    if (PLAIN.contains(name)) {
      return number(words.contains("sqrt") ? Link.SQUARE : Link.IDENTITY);
    }
    if (POSITIVE.contains(name)) {
      return number(Link.EXP);
    }
    return switch (name) {
      case "binary" -> new LightgbmObjective(Link.SIGMOID, sigmoid(words), Outcome.CLASS);
      case "cross_entropy", "xentropy" -> number(Link.SIGMOID);
      case "cross_entropy_lambda", "xentlambda" -> number(Link.SOFTPLUS);
      case "multiclass" -> new LightgbmObjective(Link.SOFTMAX, 1, Outcome.CLASS);
      case "multiclassova" -> new LightgbmObjective(Link.ONE_VS_ALL, sigmoid(words), Outcome.CLASS);
      default ->
          throw new UnreadableModelException(
              "cannot convert LightGBM's objective '" + name + "': known are " + known());
    };
  }

  private static Set<String> known() {
    Set<String> known = new TreeSet<>(PLAIN);
    known.remove("");
    known.addAll(POSITIVE);
    known.addAll(
        List.of("binary", "cross_entropy", "cross_entropy_lambda", "multiclass", "multiclassova"));
    return known;
  }

  private static LightgbmObjective number(Link link) {
    return new LightgbmObjective(link, 1, Outcome.NUMBER);
  }

  private static double sigmoid(List<String> words) {
    for (String word : words) {
      if (word.startsWith("sigmoid:")) {
        return Double.parseDouble(word.substring("sigmoid:".length()));
      }
    }
    return 1;
  }
}
