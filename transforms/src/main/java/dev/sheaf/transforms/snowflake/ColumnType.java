package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;

/** A column's type in Snowflake: its kind, and precision and scale where the kind has them. */
record ColumnType(Kind kind, int precision, int scale) implements Serializable {
  /** The option of a schema field that names its column's type where the field's type does not. */
  static final String OPTION = "sheaf:snowflake:type";

  static final int MAX_PRECISION = 38;
  static final int MAX_LONG_PRECISION = 18;
  static final int NANOS_SCALE = 9;

  private static final Pattern SQL =
      Pattern.compile("([A-Z_]+)(?:\\((\\d{1,2})(?:,\\s*(\\d{1,2}))?\\))?");

  /** Snowflake's kinds of values. */
  enum Kind {
    NUMBER,
    FLOAT,
    VARCHAR,
    BOOLEAN,
    BINARY,
    DATE,
    TIME,
    TIMESTAMP_NTZ,
    TIMESTAMP_LTZ,
    TIMESTAMP_TZ,
    VARIANT,
    OBJECT,
    ARRAY;

    private static final Set<Kind> JSON = Set.of(VARIANT, OBJECT, ARRAY);

    /** Whether values are JSON. */
    boolean json() {
      return JSON.contains(this);
    }

    /** Whether values have a fraction of a second. */
    boolean fractional() {
      return this == TIME || this == TIMESTAMP_NTZ || this == TIMESTAMP_LTZ || this == TIMESTAMP_TZ;
    }
  }

  static ColumnType of(Kind kind) {
    return new ColumnType(kind, 0, kind.fractional() ? NANOS_SCALE : 0);
  }

  static ColumnType number(int precision, int scale) {
    return new ColumnType(Kind.NUMBER, precision, scale);
  }

  /** The type that the driver reports for a column of a result. */
  static ColumnType of(ResultSetMetaData metadata, int column) throws SQLException {
    String name = metadata.getColumnTypeName(column).toUpperCase(Locale.ROOT);
    return switch (name) {
      case "NUMBER", "DECIMAL", "NUMERIC", "BIGINT", "INTEGER" ->
          number(metadata.getPrecision(column), metadata.getScale(column));
      case "DOUBLE", "FLOAT", "REAL" -> of(Kind.FLOAT);
      case "VARCHAR", "STRING", "TEXT", "CHAR" -> of(Kind.VARCHAR);
      case "BOOLEAN" -> of(Kind.BOOLEAN);
      case "BINARY" -> of(Kind.BINARY);
      case "DATE" -> of(Kind.DATE);
      case "TIME" -> new ColumnType(Kind.TIME, 0, metadata.getScale(column));
      case "TIMESTAMPNTZ", "TIMESTAMP_NTZ" ->
          new ColumnType(Kind.TIMESTAMP_NTZ, 0, metadata.getScale(column));
      case "TIMESTAMPLTZ", "TIMESTAMP_LTZ" ->
          new ColumnType(Kind.TIMESTAMP_LTZ, 0, metadata.getScale(column));
      case "TIMESTAMPTZ", "TIMESTAMP_TZ" ->
          new ColumnType(Kind.TIMESTAMP_TZ, 0, metadata.getScale(column));
      case "VARIANT" -> of(Kind.VARIANT);
      case "OBJECT" -> of(Kind.OBJECT);
      case "ARRAY" -> of(Kind.ARRAY);
      default ->
          throw new IllegalArgumentException(
              "Cannot read column "
                  + metadata.getColumnName(column)
                  + " of type "
                  + name
                  + ": cast it in the query to one of NUMBER, FLOAT, VARCHAR, BOOLEAN, BINARY, DATE,"
                  + " TIME, TIMESTAMP_NTZ, TIMESTAMP_LTZ, TIMESTAMP_TZ, VARIANT, OBJECT, ARRAY.");
    };
  }

  /** Parses what {@link #sql} wrote. */
  static ColumnType parse(String sql) {
    Matcher matcher = SQL.matcher(sql.strip().toUpperCase(Locale.ROOT));
    try {
      if (matcher.matches()) {
        Kind kind = Kind.valueOf(matcher.group(1));
        int first = matcher.group(2) == null ? -1 : Integer.parseInt(matcher.group(2));
        int second = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        if (kind == Kind.NUMBER) {
          return number(first < 0 ? MAX_PRECISION : first, second);
        }
        return kind.fractional() && first >= 0 ? new ColumnType(kind, 0, first) : of(kind);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(unknown(sql), e);
    }
    throw new IllegalArgumentException(unknown(sql));
  }

  private static String unknown(String sql) {
    return "The field option "
        + OPTION
        + " takes a column type such as NUMBER(38,2), VARIANT or TIMESTAMP_NTZ(9); found: "
        + sql;
  }

  /** The type in a CREATE TABLE. */
  String sql() {
    if (kind == Kind.NUMBER) {
      return "NUMBER(" + precision + "," + scale + ")";
    }
    return kind.fractional() ? kind + "(" + scale + ")" : kind.name();
  }

  boolean fitsLong() {
    return kind == Kind.NUMBER && scale == 0 && precision <= MAX_LONG_PRECISION;
  }

  /** The schema type that holds every value exactly. */
  FieldType fieldType() {
    return switch (kind) {
      case NUMBER -> fitsLong() ? FieldType.INT64 : FieldType.DECIMAL;
      case FLOAT -> FieldType.DOUBLE;
      case VARCHAR, VARIANT, OBJECT, ARRAY -> FieldType.STRING;
      case BOOLEAN -> FieldType.BOOLEAN;
      case BINARY -> FieldType.BYTES;
      case DATE -> FieldType.logicalType(SqlTypes.DATE);
      case TIME -> FieldType.logicalType(SqlTypes.TIME);
      case TIMESTAMP_NTZ -> FieldType.logicalType(SqlTypes.DATETIME);
      case TIMESTAMP_LTZ -> FieldType.logicalType(new NanosInstant());
      case TIMESTAMP_TZ -> OffsetTimestamp.FIELD_TYPE;
    };
  }

  /** Options that a copy of the column needs. */
  Schema.Options options() {
    boolean silent =
        switch (kind) {
          case NUMBER -> fitsLong();
          case TIME, TIMESTAMP_NTZ, TIMESTAMP_LTZ, TIMESTAMP_TZ -> scale == NANOS_SCALE;
          default -> !kind.json();
        };
    return silent
        ? Schema.Options.none()
        : Schema.Options.builder().setOption(OPTION, FieldType.STRING, sql()).build();
  }

  @Override
  public String toString() {
    return sql();
  }
}
