package dev.sheaf.models.table;

import java.util.Locale;

/** A number that is read off a date or a time of day, in the proleptic Gregorian calendar. */
public enum CalendarPart {
  /** The year, such as 2026. */
  YEAR,
  /** 1 to 4. */
  QUARTER,
  /** 1 to 12. */
  MONTH,
  /** The week of the year by ISO 8601, 1 to 53. */
  WEEK,
  /** 1 to 31. */
  DAY_OF_MONTH,
  /** 1 (Monday) to 7 (Sunday). */
  DAY_OF_WEEK,
  /** 1 to 366. */
  DAY_OF_YEAR,
  /** 0 to 23; of a date alone 0. */
  HOUR,
  /** 0 to 59; of a date alone 0. */
  MINUTE,
  /** Whole days since 1970-01-01: a trend. */
  DAYS;

  /** The part's name as it is written in options: {@code day_of_week}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
