package dev.sheaf.models.features;

import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Reads calendar parts off days or seconds since 1970 by few operations on doubles: all parts of a
 * feature go through the same steps side by side, each with constants of its own.
 *
 * <p>After Neri and Schneider, "Euclidean affine functions and their application to calendar
 * algorithms" (2022), and Hinnant, "chrono-compatible low-level date algorithms" (2021): where the
 * leap day ends a cycle, years and months are quotients of a straight line. Years counted from
 * 0001-01-01 and from 0000-03-01 both are so: the first gives year and day of year, the second,
 * where the odd-length months come in a regular row, month and day of month.
 *
 * <ol>
 *   <li>Whole days (hours, minutes) since an origin; of a week's number, of the week's Thursday.
 *   <li>The days that the Gregorian calendar leaves out are put back, three in four centuries:
 *       every fourth year is a leap year now.
 *   <li>The day within the year by remainder of 365.25; from then on whole numbers.
 *   <li>The quotient or remainder that is the part, rounded up since parts count from 1.
 * </ol>
 *
 * <p>All roundings are far from a whole number (the constants end in .875, .7 or .5 for that), so
 * the parts are exact for the years 1 to 9999; NaN gives NaN. Before year 1 most of them mean
 * nothing, but mean the same in Java and in the graph.
 */
final class Calendar {
  private static final double DAYS_OF_CENTURY = 36524.25;
  private static final double DAYS_OF_YEAR = 365.25;

  /** Five months from March or August on have 153 days. */
  private static final double DAYS_OF_MONTH = 153 / 5.0;

  private static final double JANUARY = 719162;
  private static final double MARCH = 719468;
  private static final double LIFT = 0.875;

  /** Brings the day of the year from March on to where January begins at 0. */
  private static final double TO_JANUARY = 61.7;

  private static final double ALL = Double.POSITIVE_INFINITY;

  private Calendar() {}

  /**
   * The constants of a part.
   *
   * @param unit seconds of the unit that is counted
   * @param origin units from the origin to 1970, whole
   * @param week the days by whose multiples days are taken together: 7 or 1
   * @param lift added to the days
   * @param century the days left out per century, 0.75, or 0 where centuries are no matter
   * @param cycle where the remainder of the year is taken, its days
   * @param shift added to the whole number
   * @param divisor what that is divided by
   * @param period where a remainder is the part, by what
   */
  private record Line(
      double unit,
      double origin,
      double week,
      double lift,
      double century,
      double cycle,
      double shift,
      double divisor,
      double period) {
    static Line years(double origin, double cycle, double shift, double divisor, double period) {
      return new Line(86400, origin, 1, LIFT, 0.75, cycle, shift, divisor, period);
    }

    static Line months(double divisor, double period) {
      return years(MARCH, DAYS_OF_YEAR, TO_JANUARY, divisor, period);
    }

    static Line count(double unit, double origin, double period) {
      return new Line(unit, origin, 1, 0, 0, ALL, 0, 1, period);
    }

    static Line of(CalendarPart part, FeatureType type) {
      boolean timeless = type == FeatureType.DATE;
      return switch (part) {
        case YEAR -> years(JANUARY, ALL, LIFT, DAYS_OF_YEAR, ALL);
        case QUARTER -> months(3 * DAYS_OF_MONTH, 4);
        case MONTH -> months(DAYS_OF_MONTH, 12);
        case WEEK -> new Line(86400, JANUARY, 7, 3 + LIFT, 0.75, DAYS_OF_YEAR, 0.5, 7, ALL);
        case DAY_OF_MONTH -> months(1, DAYS_OF_MONTH);
        case DAY_OF_WEEK -> new Line(86400, JANUARY, 1, LIFT, 0, ALL, LIFT, 1, 7);
        case DAY_OF_YEAR -> years(JANUARY, DAYS_OF_YEAR, 1, 1, ALL);
        case HOUR -> timeless ? count(86400, JANUARY, 1) : count(3600, JANUARY * 24, 24);
        case MINUTE -> timeless ? count(86400, JANUARY, 1) : count(60, JANUARY * 1440, 60);
        case DAYS -> count(86400, 0, ALL);
      };
    }
  }

  /** A matrix with a column for each part of a feature, from the one column of its values. */
  static <M> M parts(Arithmetic<M> on, M values, Feature feature) {
    List<Line> lines = feature.parts().stream().map(part -> Line.of(part, feature.type())).toList();
    M matrix = values;
    if (feature.type() == FeatureType.DATE_TIME) {
      // Seconds lose their fraction first: else a quotient just below a day could round to it.
      matrix = on.floor(on.divide(on.floor(matrix), each(lines, Line::unit)));
    }
    if (any(lines, Line::week, 1)) {
      matrix = on.add(matrix, each(lines, Line::origin));
      matrix = on.subtract(matrix, on.remainder(matrix, each(lines, Line::week)));
      matrix = on.add(matrix, each(lines, Line::lift));
    } else {
      matrix = on.add(matrix, each(lines, line -> line.origin() + line.lift()));
    }
    if (any(lines, Line::century, 0)) {
      M centuries = on.floor(on.divide(matrix, each(lines, line -> DAYS_OF_CENTURY)));
      matrix = on.add(matrix, on.ceil(on.multiply(centuries, each(lines, Line::century))));
    }
    if (any(lines, Line::cycle, ALL)) {
      matrix = on.floor(on.remainder(matrix, each(lines, Line::cycle)));
      matrix = on.add(matrix, each(lines, Line::shift));
    }
    if (any(lines, Line::divisor, 1)) {
      matrix = on.divide(matrix, each(lines, Line::divisor));
    }
    if (any(lines, Line::period, ALL)) {
      matrix = on.remainder(matrix, each(lines, Line::period));
    }
    return on.ceil(matrix);
  }

  /** Whether a step does anything: whether a constant differs from the one that changes nothing. */
  private static boolean any(List<Line> lines, ToDoubleFunction<Line> constant, double idle) {
    return lines.stream().anyMatch(line -> constant.applyAsDouble(line) != idle);
  }

  private static double[] each(List<Line> lines, ToDoubleFunction<Line> constant) {
    return lines.stream().mapToDouble(constant).toArray();
  }

  /** How many values a part can take, if they are few and none is more than another; else 0. */
  static int domain(CalendarPart part, FeatureType type) {
    return switch (part) {
      case QUARTER -> 4;
      case MONTH -> 12;
      case DAY_OF_WEEK -> 7;
      case HOUR -> type == FeatureType.DATE ? 0 : 24;
      default -> 0;
    };
  }

  /** The smallest value of a part that has a domain. */
  static int first(CalendarPart part) {
    return part == CalendarPart.HOUR ? 0 : 1;
  }
}
