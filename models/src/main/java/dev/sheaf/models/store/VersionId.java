package dev.sheaf.models.store;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names one version of a model store; versions sort by time, as text too.
 *
 * <p>The text is a UTC time in milliseconds, {@code 20261120T235110.123Z}, and optionally {@code -}
 * and a suffix of 1 to 40 letters, digits and underscores: {@code 20261120T235110.123Z-canary}. It
 * is safe as the name of a folder on any file system. Years run from 1970 to 9999.
 */
public record VersionId(String text) implements Comparable<VersionId>, Serializable {
  private static final Pattern SUFFIX = Pattern.compile("[A-Za-z0-9_]{1,40}");
  private static final int TIME_LENGTH = "20261120T235110.123Z".length();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC)
          .withResolverStyle(java.time.format.ResolverStyle.SMART);

  /** Checks the text: a time as in {@code 20261120T235110.123Z} and an optional suffix. */
  public VersionId {
    String fault = fault(text);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot use \""
              + text
              + "\" as a version: "
              + fault
              + "; a version reads like 20261120T235110.123Z or 20261120T235110.123Z-canary");
    }
  }

  /** The version of a moment, cut to milliseconds. */
  public static VersionId at(Instant time) {
    int year = time.atOffset(ZoneOffset.UTC).getYear();
    if (year < 1970 || year > 9999) {
      throw new IllegalArgumentException(
          "cannot make a version of the time " + time + ": its year must be 1970 to 9999");
    }
    return new VersionId(TIME.format(time));
  }

  /** The version of a moment with a suffix of 1 to 40 letters, digits and underscores. */
  public static VersionId at(Instant time, String suffix) {
    return new VersionId(at(time).text() + "-" + suffix);
  }

  /** Reads a version back from its text. */
  public static VersionId ofText(String text) {
    return new VersionId(text);
  }

  /** Whether the text is a version's. */
  public static boolean isValid(String text) {
    return fault(text).isEmpty();
  }

  /** The moment in the version's name, in milliseconds. */
  public Instant time() {
    return Instant.from(TIME.parse(text.substring(0, TIME_LENGTH)));
  }

  /** Earlier versions come first; of one moment, the one with no suffix, then by suffix. */
  @Override
  public int compareTo(VersionId other) {
    return text.compareTo(other.text);
  }

  /** Returns the text. */
  @Override
  public String toString() {
    return text;
  }

  private static String fault(String text) {
    if (text.length() < TIME_LENGTH) {
      return "it is too short";
    }
    try {
      Instant time = Instant.from(TIME.parse(text.substring(0, TIME_LENGTH)));
      if (!TIME.format(time).equals(text.substring(0, TIME_LENGTH))) {
        return "its time does not exist";
      }
    } catch (DateTimeException e) {
      return "its first " + TIME_LENGTH + " characters are not a time";
    }
    if (text.length() == TIME_LENGTH) {
      return "";
    }
    if (text.charAt(TIME_LENGTH) != '-'
        || !SUFFIX.matcher(text.substring(TIME_LENGTH + 1)).matches()) {
      return "after the time only - and 1 to 40 letters, digits and underscores may follow";
    }
    return "";
  }
}
