package dev.sheaf.models.table;

import static dev.sheaf.models.table.CalendarPart.DAY_OF_MONTH;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_WEEK;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_YEAR;
import static dev.sheaf.models.table.CalendarPart.HOUR;
import static dev.sheaf.models.table.CalendarPart.MONTH;
import static dev.sheaf.models.table.CalendarPart.YEAR;

import java.io.Serializable;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;

/**
 * One feature column.
 *
 * @param name its exact name, which is also the name of the model's input
 * @param type how its values enter the model
 * @param parts for points in time, what the model reads off them: at least one, each once; for
 *     other types none
 */
public record Feature(String name, FeatureType type, List<CalendarPart> parts)
    implements Serializable {
  private static final List<CalendarPart> OF_A_DATE =
      List.of(YEAR, MONTH, DAY_OF_MONTH, DAY_OF_WEEK, DAY_OF_YEAR);
  private static final List<CalendarPart> OF_A_TIME =
      List.of(YEAR, MONTH, DAY_OF_MONTH, DAY_OF_WEEK, DAY_OF_YEAR, HOUR);

  public Feature {
    Objects.requireNonNull(type, "type");
    parts = List.copyOf(parts);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("cannot use a feature with an empty name");
    }
    if (type.isCalendar() == parts.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot read the calendar parts %s off feature '%s': its type is %s, and %s"
              .formatted(
                  parts,
                  name,
                  type,
                  type.isCalendar()
                      ? "at least one part is needed"
                      : "only DATE and DATE_TIME have parts"));
    }
    if (!parts.isEmpty() && EnumSet.copyOf(parts).size() < parts.size()) {
      throw new IllegalArgumentException(
          "cannot read the calendar parts " + parts + " off feature '" + name + "': one is twice");
    }
  }

  /** A feature; of a point in time the usual parts: year, month, days of month, week and year. */
  public Feature(String name, FeatureType type) {
    this(name, type, usualParts(type));
  }

  private static List<CalendarPart> usualParts(FeatureType type) {
    return switch (type) {
      case DATE -> OF_A_DATE;
      case DATE_TIME -> OF_A_TIME;
      default -> List.of();
    };
  }
}
