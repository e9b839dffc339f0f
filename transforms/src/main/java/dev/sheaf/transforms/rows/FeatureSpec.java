package dev.sheaf.transforms.rows;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A feature as a user asks for it: a column and, where the usual reading will not do, how it is to
 * be read.
 *
 * <pre>
 * STATE                            as usual for the column's kind
 * ZIP:category                     a category, of a column of text, whole numbers or booleans
 * PRICE:number                     a number, also of a column of text
 * SOLD_ON:year+month+day_of_week   parts of a date or time, also of a column of text
 * </pre>
 *
 * <p>Usually whole numbers are {@code INTEGER}, other numbers {@code FLOAT}, booleans {@code
 * BOOLEAN}, text {@code TEXT_CATEGORY}, dates {@code DATE} and points in time {@code DATE_TIME}
 * with their usual parts. Columns of times of day, bytes and nested values are refused.
 *
 * <pre>{@code
 * FeatureSpec.parse("ZIP:category");
 * FeatureSpec.column("ZIP").asCategory();
 * }</pre>
 */
public final class FeatureSpec implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String CATEGORY = "category";
  private static final String NUMBER = "number";

  /** How the column is read. */
  private enum Reading {
    USUAL,
    CATEGORY,
    NUMBER,
    PARTS,
    /** As the end of the name says, unless a column has the whole name. */
    WRITTEN
  }

  private final String column;
  private final Reading reading;
  private final List<CalendarPart> parts;

  private FeatureSpec(String column, Reading reading, List<CalendarPart> parts) {
    if (column.isBlank()) {
      throw new IllegalArgumentException("cannot use a feature without a column's name");
    }
    this.column = column;
    this.reading = reading;
    this.parts = List.copyOf(parts);
  }

  /**
   * A feature as it is written in options. Whether a colon belongs to the column's name or ends it
   * is decided by the schema, where a column of exactly that name comes first.
   */
  public static FeatureSpec parse(String text) {
    Reading reading = text.indexOf(':') < 0 ? Reading.USUAL : Reading.WRITTEN;
    return new FeatureSpec(text.strip(), reading, List.of());
  }

  /** A column, whatever its name, read as usual for its kind. */
  public static FeatureSpec column(String name) {
    return new FeatureSpec(name, Reading.USUAL, List.of());
  }

  /** Reads text, whole numbers or booleans as categories, without order or distance. */
  public FeatureSpec asCategory() {
    return new FeatureSpec(column, Reading.CATEGORY, List.of());
  }

  /** Reads text as numbers; numbers and booleans stay what they are. */
  public FeatureSpec asNumber() {
    return new FeatureSpec(column, Reading.NUMBER, List.of());
  }

  /**
   * Reads these parts off a date or point in time, at least one, each once. Text is a date or, with
   * {@code HOUR} or {@code MINUTE} among the parts, a date with a time of day, by ISO 8601.
   */
  public FeatureSpec withParts(CalendarPart... parts) {
    if (parts.length == 0 || Arrays.stream(parts).distinct().count() < parts.length) {
      throw new IllegalArgumentException(
          "cannot read the calendar parts "
              + Arrays.toString(parts)
              + " off column \""
              + column
              + "\": at least one is needed, and each once");
    }
    return new FeatureSpec(column, Reading.PARTS, List.of(parts));
  }

  /**
   * The feature as it is written in options, from which {@link #parse} makes it again.
   *
   * @return such as {@code ZIP:category}
   */
  public String text() {
    return switch (reading) {
      case USUAL, WRITTEN -> column;
      case CATEGORY -> column + ":" + CATEGORY;
      case NUMBER -> column + ":" + NUMBER;
      case PARTS ->
          parts.stream().map(CalendarPart::text).collect(Collectors.joining("+", column + ":", ""));
    };
  }

  /**
   * The feature that this is among the columns of a schema.
   *
   * @param option what the feature was given for, as the user knows it; begins the error message
   * @return named as the schema spells its column
   * @throws IllegalArgumentException if there is no such column, or it cannot be read so
   */
  public Feature resolve(Schema schema, String option) {
    if (reading == Reading.WRITTEN) {
      return schema.hasField(column)
          ? column(column).resolve(schema, option)
          : split(option).resolve(schema, option);
    }
    RowColumn found = RowColumn.find(schema, column, option);
    @Nullable ColumnKind kind = found.kind().orElse(null);
    FeatureType type =
        kind == null
            ? null
            : switch (reading) {
              case USUAL, WRITTEN -> usual(kind);
              case CATEGORY -> category(kind);
              case NUMBER -> number(kind);
              case PARTS -> calendar(kind);
            };
    if (type == null) {
      throw new IllegalArgumentException(
          String.format(
              "%s: \"%s\" holds %s; %s",
              option,
              found.name(),
              kind == null ? "bytes or nested values" : kind,
              needed(reading, kind)));
    }
    return parts.isEmpty()
        ? new Feature(found.name(), type)
        : new Feature(found.name(), type, parts);
  }

  private static @Nullable FeatureType usual(ColumnKind kind) {
    return switch (kind) {
      case INTEGER -> FeatureType.INTEGER;
      case DECIMAL, FLOAT -> FeatureType.FLOAT;
      case BOOLEAN -> FeatureType.BOOLEAN;
      case TEXT -> FeatureType.TEXT_CATEGORY;
      case DATE -> FeatureType.DATE;
      case DATE_TIME, INSTANT -> FeatureType.DATE_TIME;
      case TIME -> null;
    };
  }

  private static @Nullable FeatureType category(ColumnKind kind) {
    return switch (kind) {
      // Whole numbers often come as decimals: NUMBER(38,0) is none that a long holds.
      case INTEGER, DECIMAL, FLOAT -> FeatureType.INTEGER_CATEGORY;
      case BOOLEAN, TEXT -> FeatureType.TEXT_CATEGORY;
      default -> null;
    };
  }

  private static @Nullable FeatureType number(ColumnKind kind) {
    return switch (kind) {
      case INTEGER, DECIMAL, FLOAT, BOOLEAN -> usual(kind);
      case TEXT -> FeatureType.FLOAT;
      default -> null;
    };
  }

  private @Nullable FeatureType calendar(ColumnKind kind) {
    boolean timeOfDay = parts.contains(CalendarPart.HOUR) || parts.contains(CalendarPart.MINUTE);
    return switch (kind) {
      case DATE -> FeatureType.DATE;
      case DATE_TIME, INSTANT -> FeatureType.DATE_TIME;
      case TEXT -> timeOfDay ? FeatureType.DATE_TIME : FeatureType.DATE;
      default -> null;
    };
  }

  private static String needed(Reading reading, @Nullable ColumnKind kind) {
    return switch (reading) {
      case USUAL, WRITTEN ->
          "a number, boolean, text, date or timestamp is needed"
              + (kind == ColumnKind.TIME ? "; cast a time of day to a number in the query" : "");
      case CATEGORY -> "a category must be text, a whole number or a boolean";
      case NUMBER -> "a number, a boolean or text that is a number is needed";
      case PARTS -> "calendar parts are read off a date, a timestamp or text that is one";
    };
  }

  /** Takes the reading off the end of the name. */
  private FeatureSpec split(String option) {
    int colon = column.lastIndexOf(':');
    String name = column.substring(0, colon);
    String suffix = column.substring(colon + 1).strip();
    if (!name.isBlank() && suffix.equalsIgnoreCase(CATEGORY)) {
      return column(name).asCategory();
    } else if (!name.isBlank() && suffix.equalsIgnoreCase(NUMBER)) {
      return column(name).asNumber();
    }
    List<CalendarPart> asked = new ArrayList<>();
    for (String word : suffix.split("\\+", -1)) {
      Arrays.stream(CalendarPart.values())
          .filter(part -> part.text().equalsIgnoreCase(word.strip()))
          .forEach(asked::add);
    }
    boolean valid = asked.size() == suffix.split("\\+", -1).length;
    if (name.isBlank() || !valid || asked.stream().distinct().count() < asked.size()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: cannot read \"%s\" of \"%s\": there is no column of that name, and after the"
                  + " colon of a column stands category, number, or some of %s, each once, with a"
                  + " + between them",
              option,
              suffix,
              column,
              Arrays.stream(CalendarPart.values())
                  .map(CalendarPart::text)
                  .collect(Collectors.joining(", "))));
    }
    return column(name).withParts(asked.toArray(CalendarPart[]::new));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FeatureSpec that
        && column.equals(that.column)
        && reading == that.reading
        && parts.equals(that.parts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(column, reading, parts);
  }

  @Override
  public String toString() {
    return text();
  }
}
