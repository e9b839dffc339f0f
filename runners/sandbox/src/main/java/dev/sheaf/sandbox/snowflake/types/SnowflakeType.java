package dev.sheaf.sandbox.snowflake.types;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column type as Snowflake declares and describes it.
 *
 * <p>How DuckDB stores each: NUMBER is DECIMAL of the same precision and scale; FLOAT is DOUBLE;
 * TIME is TIME_NS. A TIMESTAMP_NTZ of precision 7 to 9 is TIMESTAMP_NS (years 1677 to 2262), of
 * precision up to 6 TIMESTAMP (all years). A TIMESTAMP_LTZ or TIMESTAMP_TZ is a struct of the UTC
 * time in microseconds, the nanoseconds below it and, for TZ, the offset in minutes: all years,
 * nothing lost. VARIANT, OBJECT and ARRAY are JSON.
 *
 * @param precision digits of a NUMBER, fraction digits of a time; 0 where it has no meaning
 * @param scale digits after the point of a NUMBER, fraction digits of a time; else 0
 * @param length characters of a VARCHAR, bytes of a BINARY; else 0
 */
public record SnowflakeType(Kind kind, int precision, int scale, int length) {
  /** The families of types. */
  public enum Kind {
    FIXED,
    REAL,
    TEXT,
    BOOLEAN,
    DATE,
    TIME,
    TIMESTAMP_NTZ,
    TIMESTAMP_LTZ,
    TIMESTAMP_TZ,
    BINARY,
    VARIANT,
    OBJECT,
    ARRAY
  }

  /** How DuckDB writes the type of a stored TIMESTAMP_LTZ. */
  public static final String LTZ_STRUCT = "STRUCT(utc TIMESTAMP, nanos SMALLINT)";

  /** How DuckDB writes the type of a stored TIMESTAMP_TZ. */
  public static final String TZ_STRUCT =
      "STRUCT(utc TIMESTAMP, nanos SMALLINT, \"minutes\" SMALLINT)";

  public static final int MAX_TEXT = 16_777_216;
  public static final int MAX_BINARY = 8_388_608;

  public static final SnowflakeType TEXT = new SnowflakeType(Kind.TEXT, 0, 0, MAX_TEXT);
  public static final SnowflakeType REAL = new SnowflakeType(Kind.REAL, 0, 0, 0);
  public static final SnowflakeType BOOLEAN = new SnowflakeType(Kind.BOOLEAN, 0, 0, 0);
  public static final SnowflakeType DATE = new SnowflakeType(Kind.DATE, 0, 0, 0);
  public static final SnowflakeType TIME = new SnowflakeType(Kind.TIME, 9, 9, 0);
  public static final SnowflakeType NTZ = new SnowflakeType(Kind.TIMESTAMP_NTZ, 9, 9, 0);
  public static final SnowflakeType LTZ = new SnowflakeType(Kind.TIMESTAMP_LTZ, 9, 9, 0);
  public static final SnowflakeType TZ = new SnowflakeType(Kind.TIMESTAMP_TZ, 9, 9, 0);
  public static final SnowflakeType VARIANT = new SnowflakeType(Kind.VARIANT, 0, 0, 0);
  public static final SnowflakeType OBJECT = new SnowflakeType(Kind.OBJECT, 0, 0, 0);
  public static final SnowflakeType ARRAY = new SnowflakeType(Kind.ARRAY, 0, 0, 0);
  public static final SnowflakeType BINARY = new SnowflakeType(Kind.BINARY, 0, 0, MAX_BINARY);

  private static final Pattern DECIMAL = Pattern.compile("DECIMAL\\((\\d+),(\\d+)\\)");
  private static final Pattern DECLARED =
      Pattern.compile("([A-Z_ ]+?)\\s*(?:\\(\\s*(\\d+)\\s*(?:,\\s*(\\d+)\\s*)?\\))?");

  /** NUMBER(precision, scale). */
  public static SnowflakeType number(int precision, int scale) {
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
      throw SnowflakeException.compilation(
          "Invalid data type NUMBER("
              + precision
              + ","
              + scale
              + "): the precision must be 1 to 38 and the scale 0 to the precision.");
    }
    return new SnowflakeType(Kind.FIXED, precision, scale, 0);
  }

  /** VARCHAR of at most {@code length} characters. */
  public static SnowflakeType text(int length) {
    return new SnowflakeType(Kind.TEXT, 0, 0, length);
  }

  /** Reads a declared type such as {@code NUMBER(10, 2)} or {@code timestamp_tz}. */
  public static SnowflakeType declared(String text) {
    Matcher matcher = DECLARED.matcher(text.trim().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw unknown(text);
    }
    String name = matcher.group(1).replaceAll("\\s+", " ");
    int first = matcher.group(2) == null ? -1 : Integer.parseInt(matcher.group(2));
    int second = matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3));
    return switch (name) {
      case "NUMBER", "DECIMAL", "NUMERIC", "DEC" ->
          number(first < 0 ? 38 : first, Math.max(second, 0));
      case "INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT" -> number(38, 0);
      case "FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL" -> REAL;
      case "VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING" ->
          first < 0 ? TEXT : text(first);
      case "CHAR", "CHARACTER", "NCHAR" -> text(first < 0 ? 1 : first);
      case "BOOLEAN", "BOOL" -> BOOLEAN;
      case "DATE" -> DATE;
      case "TIME" -> time(Kind.TIME, first);
      case "TIMESTAMP",
          "DATETIME",
          "TIMESTAMP_NTZ",
          "TIMESTAMPNTZ",
          "TIMESTAMP WITHOUT TIME ZONE" ->
          time(Kind.TIMESTAMP_NTZ, first);
      case "TIMESTAMP_LTZ", "TIMESTAMPLTZ", "TIMESTAMP WITH LOCAL TIME ZONE" ->
          time(Kind.TIMESTAMP_LTZ, first);
      case "TIMESTAMP_TZ", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE" ->
          time(Kind.TIMESTAMP_TZ, first);
      case "BINARY", "VARBINARY" ->
          new SnowflakeType(Kind.BINARY, 0, 0, first < 0 ? MAX_BINARY : first);
      case "VARIANT" -> VARIANT;
      case "OBJECT" -> OBJECT;
      case "ARRAY" -> ARRAY;
      default -> throw unknown(text);
    };
  }

  private static SnowflakeType time(Kind kind, int digits) {
    int precision = digits < 0 ? 9 : digits;
    if (precision > 9) {
      throw SnowflakeException.compilation(
          "Invalid data type " + kind + "(" + precision + "): the precision must be 0 to 9.");
    }
    return new SnowflakeType(kind, precision, precision, 0);
  }

  private static SnowflakeException unknown(String text) {
    return new SnowflakeException(
        2040, "42601", "SQL compilation error:\nUnsupported data type '" + text + "'.");
  }

  /** The type that a DuckDB column or expression of the named type is described as. */
  public static SnowflakeType ofDuck(String name) {
    Matcher decimal = DECIMAL.matcher(name);
    if (decimal.matches()) {
      return number(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    return switch (name) {
      case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT" -> number(38, 0);
      case "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT" -> number(38, 0);
      case "FLOAT", "DOUBLE" -> REAL;
      case "BOOLEAN" -> BOOLEAN;
      case "DATE" -> DATE;
      case "TIME", "TIME_NS" -> TIME;
      case "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS" -> NTZ;
      case "TIMESTAMP WITH TIME ZONE", LTZ_STRUCT -> LTZ;
      case TZ_STRUCT -> TZ;
      case "BLOB" -> BINARY;
      case "JSON", "VARIANT" -> VARIANT;
      default -> {
        if (name.endsWith("[]")) {
          yield ARRAY;
        }
        yield name.startsWith("STRUCT(") || name.startsWith("MAP(") ? OBJECT : TEXT;
      }
    };
  }

  /** The DuckDB type that stores this one. */
  public String duckType() {
    return switch (kind) {
      case FIXED -> "DECIMAL(" + precision + "," + scale + ")";
      case REAL -> "DOUBLE";
      case TEXT -> "VARCHAR";
      case BOOLEAN -> "BOOLEAN";
      case DATE -> "DATE";
      case TIME -> "TIME_NS";
      case TIMESTAMP_NTZ -> precision > 6 ? "TIMESTAMP_NS" : "TIMESTAMP";
      case TIMESTAMP_LTZ -> LTZ_STRUCT;
      case TIMESTAMP_TZ -> TZ_STRUCT;
      case BINARY -> "BLOB";
      case VARIANT, OBJECT, ARRAY -> "JSON";
    };
  }

  /** Whether a DuckDB column of this type's storage could have been declared otherwise. */
  public boolean needsRecord() {
    return !equals(ofDuck(duckType()));
  }

  /** The name on the wire, as in {@code rowtype[].type}. */
  public String wireName() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** The type as SHOW and DESCRIBE print it, and as {@link #declared} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case FIXED -> "NUMBER(" + precision + "," + scale + ")";
      case REAL -> "FLOAT";
      case TEXT -> "VARCHAR(" + length + ")";
      case BINARY -> "BINARY(" + length + ")";
      case TIME, TIMESTAMP_NTZ, TIMESTAMP_LTZ, TIMESTAMP_TZ -> kind + "(" + precision + ")";
      default -> kind.name();
    };
  }

  /** The bare name, as information_schema gives it in DATA_TYPE. */
  public String name() {
    return switch (kind) {
      case FIXED -> "NUMBER";
      case REAL -> "FLOAT";
      case TEXT -> "TEXT";
      default -> kind.name();
    };
  }
}
