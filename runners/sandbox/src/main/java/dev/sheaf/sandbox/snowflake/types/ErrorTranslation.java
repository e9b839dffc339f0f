package dev.sheaf.sandbox.snowflake.types;

import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns DuckDB's errors into Snowflake's. */
public final class ErrorTranslation {
  /** Written by this server's own SQL: {@code error('[100038/22018] text')}. */
  private static final Pattern OWN =
      Pattern.compile("\\[(\\d{6})/(\\w{5})\\] (.*)", Pattern.DOTALL);

  private static final Pattern OBJECT_MISSING =
      Pattern.compile(
          "(Table|View|Schema|Type|Sequence|Index) with name \"?(.+?)\"? does not exist");
  private static final Pattern FUNCTION_MISSING =
      Pattern.compile(
          "(?:Scalar |Aggregate |Table |Macro )*Function with name \"?(.+?)\"? does not exist");
  private static final Pattern ALREADY =
      Pattern.compile("(?:Table|View|Schema|Type|Sequence) with name \"?(.+?)\"? already exists");
  private static final Pattern COLUMN_MISSING =
      Pattern.compile("Referenced column \"(.+?)\" (?:was )?not found");
  private static final Pattern VALUE_MISSING =
      Pattern.compile("(?:does not have a column named|column with name) \"?(\\w+)");
  private static final Pattern NOT_NULL =
      Pattern.compile("NOT NULL constraint failed: (?:.*\\.)?(.+)");
  private static final Pattern NUMBER_TEXT =
      Pattern.compile(
          "[Cc]ould not convert string [\"'](.*?)[\"'] to (?:DECIMAL|DOUBLE|INT|FLOAT|HUGEINT)",
          Pattern.DOTALL);
  private static final Pattern BOOLEAN_TEXT =
      Pattern.compile("[Cc]ould not convert string [\"'](.*?)[\"'] to BOOL", Pattern.DOTALL);
  private static final Pattern DATE_TEXT =
      Pattern.compile("invalid date field format: \"(.*?)\"", Pattern.DOTALL);
  private static final Pattern TIMESTAMP_TEXT =
      Pattern.compile(
          "(?:invalid timestamp field format|timestamp field value out of range): \"(.*?)\"",
          Pattern.DOTALL);
  private static final Pattern RANGE =
      Pattern.compile(
          "(?:Could not cast value (\\S+) to DECIMAL|with value (\\S+) can't be cast|[Oo]verflow|out of range)");
  private static final Pattern NEAR =
      Pattern.compile("syntax error at or near \"(.*?)\"", Pattern.DOTALL);
  private static final Pattern LINE = Pattern.compile("LINE (\\d+): ");

  private ErrorTranslation() {}

  /** The Snowflake error for an exception that DuckDB's driver threw. */
  public static SnowflakeException of(SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    Matcher own = OWN.matcher(message);
    if (own.find()) {
      return new SnowflakeException(
          Integer.parseInt(own.group(1)),
          own.group(2),
          firstParagraph(own.group(3)).replaceFirst("\\s*' to INT32$", ""),
          cause);
    }
    if (message.contains("INTERRUPT")) {
      return SnowflakeException.cancelled("SQL execution canceled");
    }
    SnowflakeException known = catalog(message, cause);
    if (known == null) {
      known = value(message, cause);
    }
    return known != null ? known : general(message, cause);
  }

  private static @Nullable SnowflakeException catalog(String message, SQLException cause) {
    Matcher matcher = FUNCTION_MISSING.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          2140,
          "42601",
          "SQL compilation error:\nUnknown function "
              + matcher.group(1).toUpperCase(Locale.ROOT)
              + ".",
          cause);
    }
    matcher = OBJECT_MISSING.matcher(message);
    if (matcher.find()) {
      String kind = matcher.group(1).equals("Schema") ? "Schema" : "Object";
      return new SnowflakeException(
          2003,
          "42S02",
          "SQL compilation error:\n"
              + kind
              + " '"
              + matcher.group(2)
              + "' does not exist or not authorized.",
          cause);
    }
    matcher = ALREADY.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          2002,
          "42710",
          "SQL compilation error:\nObject '" + matcher.group(1) + "' already exists.",
          cause);
    }
    if ((message.contains("Catalog \"") && message.contains("does not exist"))
        || message.contains("No catalog + schema named")) {
      return new SnowflakeException(
          2003,
          "02000",
          "SQL compilation error:\nDatabase or schema does not exist or not authorized: "
              + firstParagraph(message),
          cause);
    }
    matcher = COLUMN_MISSING.matcher(message);
    if (!matcher.find()) {
      matcher = VALUE_MISSING.matcher(message);
      if (!matcher.find()) {
        return null;
      }
    }
    return new SnowflakeException(
        904,
        "42000",
        "SQL compilation error: error line "
            + line(message)
            + "\ninvalid identifier '"
            + matcher.group(1)
            + "'",
        cause);
  }

  private static @Nullable SnowflakeException value(String message, SQLException cause) {
    Matcher matcher = NOT_NULL.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          100072,
          "22000",
          "NULL result in a non-nullable column: " + firstParagraph(matcher.group(1)),
          cause);
    }
    matcher = NUMBER_TEXT.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          100038, "22018", "Numeric value '" + matcher.group(1) + "' is not recognized", cause);
    }
    matcher = BOOLEAN_TEXT.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          100037, "22018", "Boolean value '" + matcher.group(1) + "' is not recognized", cause);
    }
    matcher = DATE_TEXT.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          100040, "22007", "Date '" + matcher.group(1) + "' is not recognized", cause);
    }
    matcher = TIMESTAMP_TEXT.matcher(message);
    if (matcher.find()) {
      return new SnowflakeException(
          100035, "22007", "Timestamp '" + matcher.group(1) + "' is not recognized", cause);
    }
    if (message.contains("Malformed JSON")) {
      return new SnowflakeException(
          100069, "22P02", "Error parsing JSON: " + firstParagraph(message), cause);
    }
    matcher = RANGE.matcher(message);
    if (matcher.find()) {
      String found = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      return new SnowflakeException(
          100039,
          "22003",
          found == null
              ? "Number out of representable range: " + firstParagraph(message)
              : "Numeric value '" + found + "' is out of range",
          cause);
    }
    return null;
  }

  private static SnowflakeException general(String message, SQLException cause) {
    Matcher near = NEAR.matcher(message);
    if (near.find() || message.contains("Parser Error")) {
      String unexpected =
          message.contains("end of input")
              ? "unexpected '<EOF>'"
              : near.reset().find()
                  ? "unexpected '" + near.group(1) + "'"
                  : firstParagraph(message);
      return new SnowflakeException(
          1003,
          "42000",
          "SQL compilation error:\nsyntax error line " + line(message) + " " + unexpected + ".",
          cause);
    }
    if (message.contains("Binder Error") || message.contains("Catalog Error")) {
      String text = firstParagraph(message).replaceFirst("(?s)\n\\s*Candidate .*", "");
      return new SnowflakeException(2000, "42000", "SQL compilation error:\n" + text, cause);
    }
    if (message.contains("Conversion Error")) {
      return new SnowflakeException(100038, "22018", firstParagraph(message), cause);
    }
    if (message.contains("Out of Memory")) {
      return new SnowflakeException(
          300005,
          "53200",
          "Not enough memory for the statement: " + firstParagraph(message),
          cause);
    }
    return new SnowflakeException(603, "XX000", firstParagraph(message), cause);
  }

  /** Whether the statement lost against a concurrent one and may be run again. */
  public static boolean isConflict(SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("Conflict on ")
        || message.contains("write-write conflict")
        || message.contains("Catalog write-write")
        || message.contains("another transaction");
  }

  private static String line(String message) {
    Matcher matcher = LINE.matcher(message);
    return matcher.find() ? matcher.group(1) : "1";
  }

  private static String firstParagraph(String message) {
    String text = message.strip();
    int nested = text.indexOf("\nError: ");
    if (nested >= 0 && text.startsWith("Invalid Input Error: Attempting")) {
      text = text.substring(nested + 8);
    }
    int end = text.indexOf("\n\n");
    text = end < 0 ? text : text.substring(0, end);
    return text.replaceFirst("^(?:[A-Z][A-Za-z ]+ Error: )+", "");
  }
}
