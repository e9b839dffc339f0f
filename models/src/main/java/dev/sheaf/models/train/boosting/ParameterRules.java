package dev.sheaf.models.train.boosting;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What may be set of a boosting library's parameters: its first names for those that have several,
 * the ranges that are known, and those that Sheaf sets itself. A parameter that no rule names goes
 * to the library as it is, whose own refusal ends the training of a key.
 *
 * <p>Beside the library's parameters there are {@link #ROUNDS}, {@link #SEED}, {@link
 * #EARLY_STOPPING} and {@link #EARLY_STOPPING_FRACTION}.
 */
public final class ParameterRules {
  /** The number of rounds: trees, or trees per class. */
  public static final String ROUNDS = "rounds";

  /** The seed of all random numbers. */
  public static final String SEED = "seed";

  /** How many rounds without improvement end training; 0 is never. */
  public static final String EARLY_STOPPING = "early_stopping";

  /** The part of the training rows that early stopping goes by. */
  public static final String EARLY_STOPPING_FRACTION = "early_stopping_fraction";

  /** What is minimized. */
  public static final String OBJECTIVE = "objective";

  /** Whether the ends of a range belong to it. */
  public enum Bound {
    /** Both do. */
    CLOSED,
    /** The upper one does. */
    ABOVE,
    /** Neither does. */
    BETWEEN
  }

  private final String library;
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, String> refused = new HashMap<>();
  private final Map<String, Range> ranges = new HashMap<>();
  private final Map<String, Set<String>> choices = new HashMap<>();
  private final Map<String, String> objectives = new HashMap<>();

  /**
   * Starts with the rules that hold for every library.
   *
   * @param library the name of the trainer
   */
  public ParameterRules(String library) {
    this.library = library;
    whole(ROUNDS, 1, 100_000);
    whole(SEED, 0, Integer.MAX_VALUE);
    whole(EARLY_STOPPING, 0, 100_000);
    real(EARLY_STOPPING_FRACTION, 0, Bound.BETWEEN, 1);
  }

  /** Other names of a parameter. */
  public ParameterRules alias(String first, String... others) {
    for (String other : others) {
      aliases.put(other, first);
    }
    return this;
  }

  /** Parameters that may not be set, and why. */
  public ParameterRules refuse(String reason, String... names) {
    for (String name : names) {
      refused.put(name, reason);
    }
    return this;
  }

  /** A parameter that must be a whole number within a closed range. */
  public ParameterRules whole(String name, double low, double high) {
    ranges.put(name, new Range(low, Bound.CLOSED, high, Range.Numbers.WHOLE));
    return this;
  }

  /** A parameter that must be a number within a range. */
  public ParameterRules real(String name, double low, Bound bound, double high) {
    ranges.put(name, new Range(low, bound, high, Range.Numbers.REAL));
    return this;
  }

  /** A parameter that must be one of some words. */
  public ParameterRules choice(String name, String... values) {
    choices.put(name, new TreeSet<>(Arrays.asList(values)));
    return this;
  }

  /** Other words for an objective. */
  public ParameterRules objective(String first, String... others) {
    for (String other : others) {
      objectives.put(other, first);
    }
    return this;
  }

  /**
   * Parameters with one more or another value.
   *
   * @throws IllegalArgumentException if it may not be set, or not to this value
   */
  public Map<String, String> set(Map<String, String> parameters, String name, String value) {
    String first = aliases.getOrDefault(name, name);
    String reason = refused.get(first);
    if (reason != null) {
      throw new IllegalArgumentException(
          "cannot set parameter '" + name + "' of " + library + ": " + reason);
    }
    if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
      throw refused(name, value, "named by letters, digits and _");
    }
    if (!value.matches("[!-~]+")) {
      throw refused(name, value, "printable ASCII text without spaces");
    }
    String meant = first.equals(OBJECTIVE) ? objectives.getOrDefault(value, value) : value;
    Range range = ranges.get(first);
    if (range != null && !range.contains(meant)) {
      throw refused(name, value, range.toString());
    }
    Set<String> choice = choices.get(first);
    if (choice != null && !choice.contains(meant)) {
      throw refused(name, value, "one of " + String.join(", ", choice));
    }
    TreeMap<String, String> changed = new TreeMap<>(parameters);
    changed.put(first, meant);
    return changed;
  }

  /**
   * As {@link #set}, but refuses the seed, which has a setter of its own.
   *
   * @throws IllegalArgumentException as {@link #set} does
   */
  public Map<String, String> with(Map<String, String> parameters, String name, String value) {
    if (aliases.getOrDefault(name, name).equals(SEED)) {
      throw new IllegalArgumentException(
          "cannot set parameter '" + name + "' of " + library + ": it is set by withSeed");
    }
    return set(parameters, name, value);
  }

  private IllegalArgumentException refused(String name, String value, String rule) {
    return new IllegalArgumentException(
        "cannot set parameter '%s' of %s to '%s': it must be %s"
            .formatted(name, library, value, rule));
  }
}
