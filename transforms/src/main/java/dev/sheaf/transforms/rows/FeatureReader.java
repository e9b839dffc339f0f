package dev.sheaf.transforms.rows;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Reads one feature of a model out of rows, whatever kind of column holds it there.
 *
 * <p>Training and inference both read features here, so that a row means the same to both, even if
 * one has it from a table and the other from an event with fewer types: numbers and dates may come
 * as text, dates as timestamps and the other way round.
 */
public final class FeatureReader implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double SECONDS_PER_DAY = 86_400;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double LARGEST_CATEGORY = 9.007199254740992e15;

  /** 2015-06-01, 2015-06-01T09:30, 2015-06-01T09:30:00.5, 2015-06-01T09:30:00+02:00. */
  private static final DateTimeFormatter DATE_AND_PERHAPS_TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffsetId()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private final Feature feature;
  private final RowColumn column;

  private FeatureReader(Feature feature, RowColumn column) {
    this.feature = feature;
    this.column = column;
  }

  /**
   * Finds the column of a feature by its name.
   *
   * @param option what the feature is for, as the user knows it; begins the error message
   * @throws IllegalArgumentException if there is no such column, or the feature cannot be read off
   *     its kind of values
   */
  public static FeatureReader of(Feature feature, Schema schema, String option) {
    RowColumn column = RowColumn.find(schema, feature.name(), option);
    boolean readable =
        switch (feature.type()) {
          case INTEGER, FLOAT, BOOLEAN, INTEGER_CATEGORY -> column.isReadableAsNumber();
          case TEXT_CATEGORY -> column.kind().isPresent();
          case DATE, DATE_TIME -> column.kind().filter(FeatureReader::isCalendar).isPresent();
        };
    if (!readable) {
      throw new IllegalArgumentException(
          String.format(
              "%s: \"%s\" holds %s; for %s %s is needed",
              option,
              column.name(),
              column.kind().map(Enum::name).orElse("bytes or nested values"),
              feature.type(),
              needed(feature)));
    }
    return new FeatureReader(feature, column);
  }

  private static boolean isCalendar(ColumnKind kind) {
    return switch (kind) {
      case DATE, DATE_TIME, INSTANT, TEXT -> true;
      default -> false;
    };
  }

  private static String needed(Feature feature) {
    return switch (feature.type()) {
      case INTEGER, FLOAT, BOOLEAN, INTEGER_CATEGORY ->
          "a number, a boolean or text that is a number";
      case TEXT_CATEGORY -> "a number, boolean, text, date or time";
      case DATE, DATE_TIME -> "a date, a timestamp or text that is one";
    };
  }

  /** What is read. */
  public Feature feature() {
    return feature;
  }

  /** Where it is read. */
  public RowColumn column() {
    return column;
  }

  /** Whether {@link #number} gives a finite DOUBLE of the column as it is. */
  public boolean isPlain() {
    return switch (feature.type()) {
      case INTEGER, FLOAT, BOOLEAN -> true;
      case INTEGER_CATEGORY, TEXT_CATEGORY, DATE, DATE_TIME -> false;
    };
  }

  /**
   * The value of a feature that is not text, as {@link dev.sheaf.models.table.FeatureType}
   * describes it.
   *
   * @return NaN for NULL, blank text and NaN
   * @throws BadRowException if text cannot be read, a number is infinite, or a category is no whole
   *     number up to 2^53
   */
  public double number(Row row) throws BadRowException {
    return numberOf(row.<@Nullable Object>getValue(column.index()));
  }

  /** As {@link #number}, of a value of the {@link #column}. */
  public double numberOf(@Nullable Object value) throws BadRowException {
    return switch (feature.type()) {
      case INTEGER, FLOAT, BOOLEAN -> column.numberOf(value);
      case INTEGER_CATEGORY -> category(column.numberOf(value));
      case DATE -> Math.floor(seconds(value) / SECONDS_PER_DAY);
      case DATE_TIME -> seconds(value);
      case TEXT_CATEGORY ->
          throw new IllegalStateException("feature " + feature.name() + " is text, not a number");
    };
  }

  private double category(double number) throws BadRowException {
    if (Double.isNaN(number)) {
      return number;
    }
    if (number != Math.rint(number) || Math.abs(number) > LARGEST_CATEGORY) {
      throw new BadRowException(
          column.name() + " is no category: a whole number up to 2^53 is needed, found " + number);
    }
    return number + 0.0; // makes -0.0 the category that it equals
  }

  /**
   * The value of a feature that is text: the same text for equal values of any type, as {@link
   * RowColumn#key} gives it.
   *
   * @return "" for NULL
   * @throws BadRowException if it is no valid Unicode text, which no model can hold
   */
  public String text(Row row) throws BadRowException {
    return textOf(row.<@Nullable Object>getValue(column.index()));
  }

  /** As {@link #text}, of a value of the {@link #column}. */
  public String textOf(@Nullable Object value) throws BadRowException {
    if (!feature.type().isText()) {
      throw new IllegalStateException("feature " + feature.name() + " is a number, not text");
    }
    String text = column.keyOf(value);
    return text == null ? "" : text;
  }

  private double seconds(@Nullable Object held) throws BadRowException {
    Object value = RowColumn.valueOf(held);
    if (value == null) {
      return Double.NaN;
    } else if (value instanceof String text) {
      return parse(text.strip());
    }
    return secondsOf(value);
  }

  private static double secondsOf(Object value) {
    if (value instanceof LocalDate date) {
      return date.toEpochDay() * SECONDS_PER_DAY;
    } else if (value instanceof LocalDateTime time) {
      return secondsOf(time.toInstant(ZoneOffset.UTC));
    } else if (value instanceof Instant instant) {
      return seconds(instant.getEpochSecond(), instant.getNano());
    } else if (value instanceof OffsetDateTime time) {
      return seconds(time.toEpochSecond(), time.getNano());
    }
    throw new IllegalStateException("a " + value.getClass().getName() + " is no point in time");
  }

  /** Never rounded up to the next second: the last nanosecond of a day belongs to that day. */
  private static double seconds(long whole, int nanos) {
    return Math.min(whole + nanos / NANOS_PER_SECOND, Math.nextDown(whole + 1.0));
  }

  private double parse(String text) throws BadRowException {
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      TemporalAccessor parsed =
          DATE_AND_PERHAPS_TIME.parseBest(
              text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
      return secondsOf(parsed);
    } catch (DateTimeException e) {
      throw new BadRowException(
          column.name()
              + " is no date or timestamp such as 2015-06-01 or 2015-06-01T09:30:00: \""
              + text
              + "\"",
          e);
    }
  }
}
