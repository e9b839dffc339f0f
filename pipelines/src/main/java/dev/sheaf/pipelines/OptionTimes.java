package dev.sheaf.pipelines;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Reads times as a person writes them among the options: {@code PT10M}, {@code P1D}. */
final class OptionTimes {
  private static final String ABOVE_ZERO = "a time above zero, such as PT10M";

  private static final String MILLISECONDS = "a time of 1 ms or more, such as P1D";

  private OptionTimes() {}

  /**
   * A time above zero.
   *
   * @throws OptionException naming the option, if it is none
   */
  static Duration positive(String option, String text) {
    Duration time = read(option, text, ABOVE_ZERO);
    if (time.isZero()) {
      throw new OptionException(message(option, text, ABOVE_ZERO));
    }
    return time;
  }

  /**
   * A time of a millisecond or more, as windows are counted in milliseconds.
   *
   * @throws OptionException naming the option, if it is none
   */
  static Duration millis(String option, String text) {
    Duration time = read(option, text, MILLISECONDS);
    if (time.toMillis() < 1) {
      throw new OptionException(message(option, text, MILLISECONDS));
    }
    return time;
  }

  /**
   * Zero or a time above it.
   *
   * @throws OptionException naming the option, if it is neither
   */
  static Duration zeroOrMore(String option, String text) {
    return read(option, text, "zero or a time above, such as PT0S and PT10M");
  }

  /**
   * A point in time.
   *
   * @throws OptionException naming the option, if it is none
   */
  static Instant moment(String option, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new OptionException(
          message(option, text, "a point in time, such as 2026-11-01T00:00:00Z"), e);
    }
  }

  private static Duration read(String option, String text, String rule) {
    Duration time;
    try {
      time = Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new OptionException(message(option, text, rule), e);
    }
    if (time.isNegative()) {
      throw new OptionException(message(option, text, rule));
    }
    return time;
  }

  private static String message(String option, String text, String rule) {
    return option + ": found \"" + text + "\"; valid is " + rule;
  }
}
