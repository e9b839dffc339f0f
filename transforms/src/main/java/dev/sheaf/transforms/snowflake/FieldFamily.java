package dev.sheaf.transforms.snowflake;

import dev.sheaf.transforms.snowflake.ColumnType.Kind;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.Date;
import org.apache.beam.sdk.schemas.logicaltypes.DateTime;
import org.apache.beam.sdk.schemas.logicaltypes.MicrosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.PassThroughLogicalType;
import org.apache.beam.sdk.schemas.logicaltypes.Time;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.jspecify.annotations.Nullable;

/** The schema types that are written alike, and the columns that hold each of them exactly. */
enum FieldFamily {
  INTEGER(Kind.NUMBER),
  DECIMAL(Kind.NUMBER),
  FLOAT(Kind.FLOAT),
  TEXT(Kind.VARCHAR),
  BOOLEAN(Kind.BOOLEAN),
  BYTES(Kind.BINARY),
  DATE(Kind.DATE),
  TIME(Kind.TIME),
  LOCAL_TIMESTAMP(Kind.TIMESTAMP_NTZ),
  INSTANT(Kind.TIMESTAMP_LTZ),
  OFFSET_TIMESTAMP(Kind.TIMESTAMP_TZ);

  private static final Map<String, FieldFamily> LOGICAL =
      Map.of(
          Date.IDENTIFIER, DATE,
          Time.IDENTIFIER, TIME,
          DateTime.IDENTIFIER, LOCAL_TIMESTAMP,
          MicrosInstant.IDENTIFIER, INSTANT,
          NanosInstant.IDENTIFIER, INSTANT,
          Timestamp.IDENTIFIER, INSTANT,
          OffsetTimestamp.IDENTIFIER, OFFSET_TIMESTAMP);

  /** The scale of a DECIMAL whose field names no column type. */
  private static final int DEFAULT_SCALE = 9;

  private final Kind natural;

  FieldFamily(Kind natural) {
    this.natural = natural;
  }

  /**
   * The family of a field.
   *
   * @throws IllegalArgumentException if no column holds such a field
   */
  static FieldFamily of(Schema.Field field) {
    return of(field, field.getType());
  }

  private static FieldFamily of(Schema.Field field, FieldType type) {
    return switch (type.getTypeName()) {
      case BYTE, INT16, INT32, INT64 -> INTEGER;
      case DECIMAL -> DECIMAL;
      case FLOAT, DOUBLE -> FLOAT;
      case STRING -> TEXT;
      case BOOLEAN -> BOOLEAN;
      case BYTES -> BYTES;
      case DATETIME -> INSTANT;
      case LOGICAL_TYPE -> ofLogical(field, type);
      default -> throw refusal(field, type);
    };
  }

  private static FieldFamily ofLogical(Schema.Field field, FieldType type) {
    Schema.@Nullable LogicalType<?, ?> logical = type.getLogicalType();
    if (logical == null) {
      throw refusal(field, type);
    }
    if (logical instanceof PassThroughLogicalType) {
      return of(field, logical.getBaseType());
    }
    @Nullable FieldFamily family = LOGICAL.get(logical.getIdentifier());
    if (family == null) {
      throw refusal(field, type);
    }
    return family;
  }

  private static IllegalArgumentException refusal(Schema.Field field, FieldType type) {
    return new IllegalArgumentException(
        "Cannot write field "
            + field.getName()
            + ": no column type holds "
            + type
            + "; valid are integers, DECIMAL, FLOAT, DOUBLE, STRING, BOOLEAN, BYTES, DATETIME and"
            + " the logical types of date, time and timestamp (others as JSON text).");
  }

  boolean fits(ColumnType type) {
    return kinds().contains(type.kind());
  }

  Set<Kind> kinds() {
    return switch (this) {
      case INTEGER -> EnumSet.of(Kind.NUMBER, Kind.FLOAT);
      case TEXT -> EnumSet.of(Kind.VARCHAR, Kind.VARIANT, Kind.OBJECT, Kind.ARRAY);
      case INSTANT -> EnumSet.of(Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ);
      default -> EnumSet.of(natural);
    };
  }

  /** The column that a new table gets for a field. */
  static ColumnType columnType(Schema.Field field) {
    FieldFamily family = of(field);
    if (field.getOptions().hasOption(ColumnType.OPTION)) {
      @Nullable String sql = field.getOptions().getValue(ColumnType.OPTION, String.class);
      ColumnType named = ColumnType.parse(String.valueOf(sql));
      if (!family.fits(named)) {
        throw new IllegalArgumentException(
            "Cannot write field "
                + field.getName()
                + " of type "
                + field.getType().getTypeName()
                + " to a column "
                + named
                + ", which its option "
                + ColumnType.OPTION
                + " names; valid are "
                + family.kinds()
                + ".");
      }
      return named;
    }
    return switch (family) {
      case INTEGER -> ColumnType.number(integerDigits(field.getType()), 0);
      case DECIMAL -> ColumnType.number(ColumnType.MAX_PRECISION, DEFAULT_SCALE);
      default -> ColumnType.of(family.natural);
    };
  }

  private static int integerDigits(FieldType type) {
    return switch (type.getTypeName()) {
      case BYTE -> 3;
      case INT16 -> 5;
      case INT32 -> 10;
      default -> 19;
    };
  }
}
