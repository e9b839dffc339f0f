package dev.sheaf.models.train.linear;

import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Few rows in which exactly given categories occur, so that an encoding fitted to them knows what
 * one fitted to the rows would that the categories come from.
 */
final class KnownCategories {
  /** Days in which every month has every day of the week. */
  private static final LocalDate FIRST_DAY = LocalDate.of(2001, 1, 1);

  private static final int DAYS = 365;
  private static final int SECONDS_OF_HOUR = 3600;
  private static final int HOURS = 24;

  private KnownCategories() {}

  /**
   * The rows.
   *
   * @param categories per column of categories those that occur; those of parts of one date do so
   *     together
   */
  static RowBlock rows(Columns layout, List<List<Category>> categories) {
    int features = layout.schema().features().size();
    double[][] values = new double[features][0];
    RowBlock.Builder rows = RowBlock.builder(layout.schema());
    Map<Integer, Map<CalendarPart, List<Category>>> dates = new LinkedHashMap<>();
    for (int c = 0; c < categories.size(); c++) {
      Columns.Column column = layout.categories().get(c);
      Feature feature = layout.feature(column);
      int f = column.feature();
      if (feature.type().isCalendar()) {
        CalendarPart part = feature.parts().get(column.from() - layout.firstOf(f));
        dates.computeIfAbsent(f, ignored -> new LinkedHashMap<>()).put(part, categories.get(c));
      } else if (feature.type().isText()) {
        values[f] =
            categories.get(c).stream().mapToDouble(known -> rows.code(f, known.text())).toArray();
      } else {
        values[f] = categories.get(c).stream().mapToDouble(Category::number).toArray();
      }
    }
    dates.forEach((f, parts) -> values[f] = dates(layout.schema().features().get(f), parts));
    int longest = Arrays.stream(values).mapToInt(column -> column.length).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      double[] row = new double[features];
      for (int f = 0; f < features; f++) {
        row[f] = i < values[f].length ? values[f][i] : Double.NaN;
      }
      rows.append(row, 0, i, 0);
    }
    return rows.build();
  }

  /** For every category a date that has it, and of the other parts only known ones, too. */
  private static double[] dates(Feature feature, Map<CalendarPart, List<Category>> parts) {
    boolean timed = feature.type() == FeatureType.DATE_TIME;
    List<Category> knownHours = parts.get(CalendarPart.HOUR);
    boolean[] hours = new boolean[timed ? HOURS : 1];
    for (int hour = 0; hour < hours.length; hour++) {
      hours[hour] = knownHours == null || knownHours.contains(Category.of(hour));
    }
    Set<String> open = new LinkedHashSet<>();
    parts.forEach((part, known) -> known.forEach(category -> open.add(name(part, category))));
    List<Double> dates = new ArrayList<>();
    for (int day = 0; day < DAYS && !open.isEmpty(); day++) {
      LocalDate date = FIRST_DAY.plusDays(day);
      if (!known(parts, date)) {
        continue;
      }
      for (int hour = 0; hour < hours.length; hour++) {
        if (hours[hour] && close(open, parts, date, hour)) {
          double days = date.toEpochDay();
          dates.add(timed ? (days * HOURS + hour) * SECONDS_OF_HOUR : days);
        }
      }
    }
    return dates.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static boolean known(Map<CalendarPart, List<Category>> parts, LocalDate date) {
    return parts.entrySet().stream()
        .filter(part -> part.getKey() != CalendarPart.HOUR)
        .allMatch(part -> part.getValue().contains(Category.of(value(part.getKey(), date, 0))));
  }

  /** Takes away the categories that this hour has; whether there were any. */
  private static boolean close(
      Set<String> open, Map<CalendarPart, List<Category>> parts, LocalDate date, int hour) {
    boolean any = false;
    for (CalendarPart part : parts.keySet()) {
      any |= open.remove(name(part, Category.of(value(part, date, hour))));
    }
    return any;
  }

  private static int value(CalendarPart part, LocalDate date, int hour) {
    return switch (part) {
      case MONTH -> date.getMonthValue();
      case QUARTER -> (date.getMonthValue() + 2) / 3;
      case HOUR -> hour;
      case DAY_OF_WEEK -> date.getDayOfWeek().getValue();
      default -> throw new IllegalArgumentException(part + " has no categories");
    };
  }

  private static String name(CalendarPart part, Category category) {
    return part + " " + category.number();
  }
}
