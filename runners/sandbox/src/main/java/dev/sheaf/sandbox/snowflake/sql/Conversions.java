package dev.sheaf.sandbox.snowflake.sql;

import dev.sheaf.sandbox.snowflake.types.SnowflakeType;
import java.util.List;

/** DuckDB expressions that convert a value to a Snowflake type. */
public final class Conversions {
  private Conversions() {}

  /** The function that an explicit cast calls. */
  static String before(SnowflakeType type) {
    return switch (type.kind()) {
      case FIXED, REAL -> "CAST";
      case TEXT -> type.length() < SnowflakeType.MAX_TEXT ? "sf_left" : "sf_text";
      case BOOLEAN -> "sf_boolean";
      case DATE -> "sf_date";
      case TIME -> "sf_time";
      case TIMESTAMP_NTZ -> type.precision() > 6 ? "sf_ntz" : "sf_ntz_micros";
      case TIMESTAMP_LTZ -> "sf_ltz";
      case TIMESTAMP_TZ -> "sf_tz";
      case BINARY -> "sf_to_binary";
      case VARIANT, OBJECT, ARRAY -> "sf_variant";
    };
  }

  /** What follows the value in that call. */
  static String after(SnowflakeType type) {
    return switch (type.kind()) {
      case FIXED, REAL -> "AS " + type.duckType();
      case TEXT -> type.length() < SnowflakeType.MAX_TEXT ? ", " + type.length() : "";
      default -> "";
    };
  }

  /** An assignment of an expression of any type to a column; not for NUMBER and FLOAT. */
  public static List<Token> assigned(List<Token> value, SnowflakeType type) {
    boolean sized =
        type.kind() == SnowflakeType.Kind.TEXT && type.length() < SnowflakeType.MAX_TEXT;
    if (!sized) {
      return Calls.of(before(type), value, after(type));
    }
    List<Token> text = Calls.of("sf_text", value, "");
    return Calls.of("sf_long_text", text, ", " + type.length());
  }

  /** An explicit cast of the expression. */
  public static String cast(String expression, SnowflakeType type) {
    return before(type) + "(" + expression + " " + after(type) + ")";
  }

  /**
   * What an assignment to a column does with an expression of a DuckDB type: nothing where the
   * types agree, else a conversion that fails rather than lose anything but the digits below a
   * NUMBER's scale.
   */
  public static String assign(String expression, String duckType, SnowflakeType target) {
    boolean same = duckType.equals(target.duckType());
    String value =
        same || (target.kind() == SnowflakeType.Kind.FIXED && !duckType.equals("VARCHAR"))
            ? expression
            : convert(expression, duckType, target);
    if (target.kind() == SnowflakeType.Kind.TEXT && target.length() < SnowflakeType.MAX_TEXT) {
      return "sf_long_text(" + value + ", " + target.length() + ")";
    }
    if (target.kind() == SnowflakeType.Kind.BINARY && target.length() < SnowflakeType.MAX_BINARY) {
      return "sf_long_binary(" + value + ", " + target.length() + ")";
    }
    return value;
  }

  private static String convert(String expression, String duckType, SnowflakeType target) {
    if (duckType.equals("VARCHAR")) {
      return fromText(expression, target);
    }
    if (target.kind() == SnowflakeType.Kind.REAL) {
      return "CAST(" + expression + " AS DOUBLE)";
    }
    return cast(expression, target);
  }

  /**
   * A cast to NUMBER. DuckDB reads a text as a DECIMAL of more than 18 digits a hundred times
   * slower than as one of 18, so that is tried first.
   */
  static String number(String value, SnowflakeType type) {
    String cast = "CAST(" + value + " AS " + type.duckType() + ")";
    if (type.precision() <= 18 || type.scale() > 17) {
      return cast;
    }
    String narrow = "TRY_CAST(" + value + " AS DECIMAL(18," + type.scale() + "))";
    return "COALESCE(CAST(" + narrow + " AS " + type.duckType() + "), " + cast + ")";
  }

  /** The value that a text stands for; a VARIANT becomes a JSON string. */
  public static String fromText(String text, SnowflakeType target) {
    return switch (target.kind()) {
      case FIXED -> number(text, target);
      case REAL -> "sf_double_of(" + text + ")";
      case DATE -> "sf_date_of(" + text + ")";
      case TIME -> "sf_time_of(" + text + ")";
      case TIMESTAMP_NTZ ->
          (target.precision() > 6 ? "sf_ntz_of(" : "sf_ntz_micros_of(") + text + ")";
      case TIMESTAMP_TZ -> "sf_tz_of_text(" + text + ")";
      case BINARY -> "sf_binary_of(" + text + ")";
      case TEXT -> text;
      default -> cast(text, target);
    };
  }
}
