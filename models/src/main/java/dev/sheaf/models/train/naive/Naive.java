package dev.sheaf.models.train.naive;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Task;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Predictions that take no learning, which a model worth having must beat.
 *
 * <p>Their models have the same inputs as any other model of the table, most of them unused. Rows
 * count by their weights.
 *
 * <pre>{@code
 * TrainPerKey.on("STORE_ID").withTrainer(Naive.seasonal("DAY", 7))
 * }</pre>
 */
public final class Naive implements Trainer {
  /** The names of the trainers, as {@link #parse} takes them. */
  public static final List<String> NAMES =
      List.of("mean", "last", "seasonal", "quantile", "frequencies");

  private static final long serialVersionUID = 1;
  private static final String COLUMN = "column";
  private static final String PERIOD = "period";
  private static final String LEVEL = "level";
  private static final int WEEK = 7;

  private final Rule rule;

  private Naive(Rule rule) {
    this.rule = rule;
  }

  /**
   * The constant that does best by a task's own loss: {@link #mean}, {@link #quantile} or {@link
   * #frequencies}.
   */
  public static Naive constant(Task task) {
    if (task instanceof Task.Quantile quantile) {
      return quantile(quantile.level());
    }
    return task.isClassification() ? frequencies() : mean();
  }

  /** Predicts the mean label of the training rows. */
  public static Naive mean() {
    return new Naive(new Rule.Mean());
  }

  /** Gives each class the part of the training rows that it has. */
  public static Naive frequencies() {
    return new Naive(new Rule.Frequencies());
  }

  /**
   * Predicts the smallest label that is not exceeded in a given part of the training rows.
   *
   * @param level the part, above 0 and below 1
   */
  public static Naive quantile(double level) {
    return new Naive(new Rule.Quantile(Task.quantile(level)));
  }

  /** As {@link #last(String)}, by the first feature that is a date, with or without time. */
  public static Naive last() {
    return new Naive(new Rule.Last(""));
  }

  /**
   * Predicts the label of the latest training row; of several at the same time their mean, and
   * where no row has a time the mean of all.
   *
   * @param column a feature that is a date, with or without time
   */
  public static Naive last(String column) {
    return new Naive(new Rule.Last(named(column)));
  }

  /** As {@link #seasonal(String, int)}, by the first feature that is a date. */
  public static Naive seasonal(int days) {
    return new Naive(new Rule.Seasonal("", days));
  }

  /**
   * Predicts the mean label of the latest training day that is a whole number of periods away. The
   * mean of all rows is predicted where no training day is, or the day is missing.
   *
   * @param column a feature that is a date, with or without time
   * @param days the period, at least 1 and at most 3660; 7 compares with the same day of the week
   */
  public static Naive seasonal(String column, int days) {
    return new Naive(new Rule.Seasonal(named(column), days));
  }

  private static String named(String column) {
    if (column.isEmpty()) {
      throw new IllegalArgumentException("cannot go by a column with an empty name");
    }
    return column;
  }

  /**
   * Reads the parameters of a command line.
   *
   * @param name one of {@link #NAMES}
   * @param parameters {@code column} of last and seasonal (the first date unless given), {@code
   *     period} of seasonal (7 days unless given), {@code level} of quantile
   */
  public static Naive parse(String name, Map<String, String> parameters) {
    Map<String, String> open = new TreeMap<>(parameters);
    Naive naive =
        switch (name) {
          case "mean" -> mean();
          case "frequencies" -> frequencies();
          case "quantile" -> quantile(level(open.remove(LEVEL)));
          case "last" -> new Naive(new Rule.Last(open.getOrDefault(COLUMN, "")));
          case "seasonal" ->
              new Naive(
                  new Rule.Seasonal(
                      open.getOrDefault(COLUMN, ""),
                      period(open.getOrDefault(PERIOD, Integer.toString(WEEK)))));
          default ->
              throw new IllegalArgumentException(
                  "cannot use naive trainer '" + name + "': known are " + String.join(", ", NAMES));
        };
    open.keySet().removeAll(naive.parameters().keySet());
    if (!open.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot set parameter '"
              + open.keySet().iterator().next()
              + "' of "
              + name
              + ": known are "
              + naive.parameters().keySet());
    }
    return naive;
  }

  private static int period(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "cannot set period to '" + text + "': it must be a whole number of days, 1 or more", e);
    }
  }

  private static double level(@Nullable String text) {
    try {
      return Double.parseDouble(String.valueOf(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "cannot set level to '" + text + "': it must be a number above 0 and below 1", e);
    }
  }

  @Override
  public String name() {
    return rule.name();
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public Map<String, String> parameters() {
    if (rule instanceof Rule.Last last) {
      return Map.of(COLUMN, last.column());
    }
    if (rule instanceof Rule.Seasonal seasonal) {
      return Map.of(COLUMN, seasonal.column(), PERIOD, Integer.toString(seasonal.days()));
    }
    return rule instanceof Rule.Quantile quantile
        ? Map.of(LEVEL, Double.toString(quantile.level()))
        : Map.of();
  }

  @Override
  public Task task() {
    return rule.task();
  }

  /**
   * One.
   *
   * @throws IllegalArgumentException if the table has no date to go by
   */
  @Override
  public int minimumRows(TableSchema schema) {
    if (rule instanceof Rule.Last last) {
      dateColumn(schema, last.column());
    }
    if (rule instanceof Rule.Seasonal seasonal) {
      dateColumn(schema, seasonal.column());
    }
    return 1;
  }

  /** The number of the named feature, or of the first date. */
  static int dateColumn(TableSchema schema, String column) {
    for (int f = 0; f < schema.features().size(); f++) {
      Feature feature = schema.features().get(f);
      if (feature.type().isCalendar() && (column.isEmpty() || feature.name().equals(column))) {
        return f;
      }
    }
    throw new IllegalArgumentException(
        "cannot go by "
            + (column.isEmpty() ? "the first date" : "column '" + column + "'")
            + ": it must be a feature of type DATE or DATE_TIME; the features are "
            + schema.features().stream()
                .map(feature -> feature.name() + " " + feature.type())
                .toList());
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    return rule.fit(table);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Naive that && rule.equals(that.rule);
  }

  @Override
  public int hashCode() {
    return rule.hashCode();
  }

  /** The text that gives this trainer. */
  @Override
  public String toString() {
    String set =
        new TreeMap<>(parameters())
            .entrySet().stream()
                .filter(parameter -> !parameter.getValue().isEmpty())
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .collect(Collectors.joining(","));
    return set.isEmpty() ? name() : name() + ":" + set;
  }
}
