package dev.sheaf.models.train.xgboost;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The parameters of XGBoost that a user may set, with their ranges. */
final class XgboostParameters {
  static final String ROUNDS = "rounds";

  static final Map<String, String> DEFAULTS =
      Map.of(
          ROUNDS,
          "100",
          "objective",
          "reg:squarederror",
          "max_depth",
          "6",
          "eta",
          "0.3",
          "tree_method",
          "hist",
          "seed",
          "0");

  private static final Map<String, String> ALIASES =
      Map.of(
          "num_round", ROUNDS,
          "n_estimators", ROUNDS,
          "learning_rate", "eta",
          "min_split_loss", "gamma",
          "reg_lambda", "lambda",
          "reg_alpha", "alpha",
          "random_state", "seed");

  private static final Map<String, Range> RANGES = new TreeMap<>();
  private static final Map<String, Set<String>> CHOICES = new TreeMap<>();

  static {
    whole(ROUNDS, 1, 100_000);
    whole("max_depth", 0, 20);
    whole("max_leaves", 0, 1 << 20);
    whole("max_bin", 2, 65_535);
    whole("seed", 0, Integer.MAX_VALUE);
    whole("num_parallel_tree", 1, 10_000);
    real("eta", 0, Bound.OPEN, 1);
    real("min_child_weight", 0, Bound.CLOSED, Double.MAX_VALUE);
    real("subsample", 0, Bound.OPEN, 1);
    real("colsample_bytree", 0, Bound.OPEN, 1);
    real("colsample_bylevel", 0, Bound.OPEN, 1);
    real("colsample_bynode", 0, Bound.OPEN, 1);
    real("lambda", 0, Bound.CLOSED, Double.MAX_VALUE);
    real("alpha", 0, Bound.CLOSED, Double.MAX_VALUE);
    real("gamma", 0, Bound.CLOSED, Double.MAX_VALUE);
    real("max_delta_step", 0, Bound.CLOSED, Double.MAX_VALUE);
    real("base_score", -Float.MAX_VALUE, Bound.CLOSED, Float.MAX_VALUE);
    real("huber_slope", 0, Bound.OPEN, Double.MAX_VALUE);
    real("rate_drop", 0, Bound.CLOSED, 1);
    real("skip_drop", 0, Bound.CLOSED, 1);
    CHOICES.put("tree_method", Set.of("hist", "approx", "exact"));
    CHOICES.put("booster", Set.of("gbtree", "dart"));
    CHOICES.put("grow_policy", Set.of("depthwise", "lossguide"));
    CHOICES.put(
        "objective", Set.of("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror"));
  }

  private XgboostParameters() {}

  /** XGBoost's first name for a parameter that has several. */
  static String canonical(String name) {
    return ALIASES.getOrDefault(name, name);
  }

  static void check(String name, String value) {
    String canonical = canonical(name);
    Range range = RANGES.get(canonical);
    if (range != null) {
      require(range.contains(value), name, value, range.toString());
      return;
    }
    Set<String> choices = CHOICES.get(canonical);
    if (choices == null) {
      TreeSet<String> known = new TreeSet<>(RANGES.keySet());
      known.addAll(CHOICES.keySet());
      throw new IllegalArgumentException(
          "cannot set parameter '" + name + "' of xgboost: known are " + String.join(", ", known));
    }
    require(
        choices.contains(value),
        name,
        value,
        "one of " + String.join(", ", new TreeSet<>(choices)));
  }

  private static void require(boolean valid, String name, String value, String rule) {
    if (!valid) {
      throw new IllegalArgumentException(
          "cannot set parameter '" + name + "' of xgboost to '" + value + "': it must be " + rule);
    }
  }

  private static void whole(String name, double low, double high) {
    RANGES.put(name, new Range(low, Bound.CLOSED, high, Numbers.WHOLE));
  }

  private static void real(String name, double low, Bound bound, double high) {
    RANGES.put(name, new Range(low, bound, high, Numbers.REAL));
  }

  private enum Bound {
    OPEN,
    CLOSED
  }

  private enum Numbers {
    WHOLE,
    REAL
  }

  private record Range(double low, Bound lowBound, double high, Numbers numbers) {
    boolean contains(String text) {
      double value;
      try {
        value = numbers == Numbers.WHOLE ? Integer.parseInt(text) : Double.parseDouble(text);
      } catch (NumberFormatException e) {
        return false;
      }
      return (lowBound == Bound.OPEN ? value > low : value >= low) && value <= high;
    }

    @Override
    public String toString() {
      String what = numbers == Numbers.WHOLE ? "a whole number" : "a number";
      String from = (lowBound == Bound.OPEN ? " above " : " from ") + plain(low);
      return what + from + (high >= Double.MAX_VALUE ? "" : " to " + plain(high));
    }

    private static String plain(double value) {
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }
}
