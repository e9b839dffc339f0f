package dev.sheaf.transforms.rows;

import dev.sheaf.models.evaluate.ColumnKind;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.LogicalType;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.joda.time.ReadableInstant;
import org.jspecify.annotations.Nullable;

/**
 * One column of a row schema, read as a number or as a key.
 *
 * <p>A name matches without regard to case where that is unambiguous; an exact match comes first.
 */
public final class RowColumn implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Map<Class<?>, ColumnKind> KIND_OF_CLASS =
      Map.of(
          LocalDate.class, ColumnKind.DATE,
          LocalTime.class, ColumnKind.TIME,
          LocalDateTime.class, ColumnKind.DATE_TIME,
          Instant.class, ColumnKind.INSTANT,
          OffsetDateTime.class, ColumnKind.INSTANT,
          String.class, ColumnKind.TEXT,
          BigDecimal.class, ColumnKind.DECIMAL);
  private static final double FIRST_WHOLE_NUMBER_NOT_EXACT = 9.007199254740992e15;

  private final String name;
  private final int index;
  private final @Nullable ColumnKind kind;

  private RowColumn(String name, int index, @Nullable ColumnKind kind) {
    this.name = name;
    this.index = index;
    this.kind = kind;
  }

  /**
   * Finds {@code name} in {@code schema}.
   *
   * @param option what the name was given for, as the user knows it; begins the error message
   * @throws IllegalArgumentException when there is no such column, or several that differ in case
   */
  public static RowColumn find(Schema schema, String name, String option) {
    List<Field> exact = fieldsWhere(schema, name::equals);
    List<Field> found = exact.isEmpty() ? fieldsWhere(schema, name::equalsIgnoreCase) : exact;
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s column named \"%s\"; the columns are %s",
              option,
              found.isEmpty() ? "there is no" : "there is more than one",
              name,
              String.join(", ", schema.getFieldNames())));
    }
    Field field = found.get(0);
    return new RowColumn(
        field.getName(), schema.indexOf(field.getName()), kindOf(field.getType()).orElse(null));
  }

  /**
   * Finds {@code name} in {@code schema} as a key: a number, boolean, text, date or time.
   *
   * @param option what the name was given for, as the user knows it; begins the error message
   * @throws IllegalArgumentException when there is no such column, when there are several that
   *     differ in case, or when equal values of it are not one text: bytes and nested values
   */
  public static RowColumn findKey(Schema schema, String name, String option) {
    RowColumn column = find(schema, name, option);
    if (column.kind == null) {
      FieldType type = schema.getField(column.index).getType();
      throw new IllegalArgumentException(
          String.format(
              "%s: \"%s\" holds %s; a key must be a number, boolean, text, date or time",
              option, column.name, describe(type)));
    }
    return column;
  }

  private static String describe(FieldType type) {
    LogicalType<?, ?> logical = type.getLogicalType();
    return logical == null ? type.getTypeName().name() : logical.getIdentifier();
  }

  private static List<Field> fieldsWhere(Schema schema, Predicate<String> matches) {
    return schema.getFields().stream()
        .filter(field -> matches.test(field.getName()))
        .collect(Collectors.toList());
  }

  /** What kind of value a field of this type holds; empty for bytes and nested values. */
  public static Optional<ColumnKind> kindOf(FieldType type) {
    return switch (type.getTypeName()) {
      case BYTE, INT16, INT32, INT64 -> Optional.of(ColumnKind.INTEGER);
      case DECIMAL -> Optional.of(ColumnKind.DECIMAL);
      case FLOAT, DOUBLE -> Optional.of(ColumnKind.FLOAT);
      case BOOLEAN -> Optional.of(ColumnKind.BOOLEAN);
      case STRING -> Optional.of(ColumnKind.TEXT);
      case DATETIME -> Optional.of(ColumnKind.INSTANT);
      case LOGICAL_TYPE ->
          Optional.ofNullable(
              KIND_OF_CLASS.get(inputClass(Objects.requireNonNull(type.getLogicalType()))));
      default -> Optional.empty();
    };
  }

  /** The Java class that values of a logical type have in a row. */
  private static Class<?> inputClass(LogicalType<?, ?> type) {
    return TypeDescriptor.of(type.getClass())
        .resolveType(LogicalType.class.getTypeParameters()[0])
        .getRawType();
  }

  /** The column's place in rows. */
  public int index() {
    return index;
  }

  /** The column's name as the schema spells it. */
  public String name() {
    return name;
  }

  /** What the column holds; empty for bytes and nested values. */
  public Optional<ColumnKind> kind() {
    return Optional.ofNullable(kind);
  }

  /** Whether {@link #number} can read the column: numbers, booleans, and text that is a number. */
  public boolean isReadableAsNumber() {
    return isNumber() || kind == ColumnKind.TEXT;
  }

  /** Whether the column's type is a number or a boolean. */
  public boolean isNumber() {
    return kind == ColumnKind.INTEGER
        || kind == ColumnKind.DECIMAL
        || kind == ColumnKind.FLOAT
        || kind == ColumnKind.BOOLEAN;
  }

  /** The value as it stands in the row; Joda's instants as those of {@code java.time}. */
  public @Nullable Object value(Row row) {
    return valueOf(row.<@Nullable Object>getValue(index));
  }

  /** As {@link #value}, of a value of the column. */
  static @Nullable Object valueOf(@Nullable Object value) {
    return value instanceof ReadableInstant joda ? Instant.ofEpochMilli(joda.getMillis()) : value;
  }

  /**
   * The value as a double: a boolean as 0 or 1, text parsed, NULL and blank text as NaN.
   *
   * @throws BadRowException when text is not a number, or the number is infinite
   */
  public double number(Row row) throws BadRowException {
    return numberOf(row.<@Nullable Object>getValue(index));
  }

  /** As {@link #number}, of a value of the column. */
  double numberOf(@Nullable Object value) throws BadRowException {
    if (value == null) {
      return Double.NaN;
    }
    double number;
    if (value instanceof Number any) {
      number = any.doubleValue();
    } else if (value instanceof Boolean flag) {
      number = flag ? 1 : 0;
    } else {
      number = parse(value.toString().strip());
    }
    if (Double.isInfinite(number)) {
      throw new BadRowException(name + " is infinite");
    }
    return number;
  }

  private double parse(String text) throws BadRowException {
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new BadRowException(name + " is not a number: \"" + text + "\"", e);
    }
  }

  /**
   * The value of a column found by {@link #findKey} as a key's text, the same for equal values of
   * any type: whole numbers without a decimal point, other numbers in plain decimal notation, text
   * as it is; null for NULL.
   *
   * @throws BadRowException if text is no valid Unicode: UTF-8 cannot hold half of a surrogate
   *     pair, so that two such keys would become one
   */
  public @Nullable String key(Row row) throws BadRowException {
    return keyOf(row.<@Nullable Object>getValue(index));
  }

  /** As {@link #key}, of a value of the column. */
  public @Nullable String keyOf(@Nullable Object value) throws BadRowException {
    if (value == null) {
      return null;
    } else if (value instanceof String text) {
      checkUnicode(text);
      return text;
    } else if (value instanceof BigDecimal decimal) {
      return plain(decimal);
    } else if (value instanceof Double || value instanceof Float) {
      return plain(((Number) value).doubleValue());
    }
    return value.toString();
  }

  private void checkUnicode(String text) throws BadRowException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          throw new BadRowException(
              name + " is not valid Unicode text: half of a surrogate pair at " + i);
        }
        i++;
      }
    }
  }

  private static String plain(double number) {
    if (number == Math.rint(number) && Math.abs(number) < FIRST_WHOLE_NUMBER_NOT_EXACT) {
      return Long.toString((long) number);
    }
    return Double.isFinite(number) ? plain(BigDecimal.valueOf(number)) : Double.toString(number);
  }

  private static String plain(BigDecimal number) {
    if (number.scale() == 0) {
      return number.toString();
    }
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  @Override
  public String toString() {
    return name;
  }
}
