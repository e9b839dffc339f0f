package dev.sheaf.transforms.snowflake;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The SQL that turns each row of a query into text that survives SnowflakeIO's CSV files.
 *
 * <p>SnowflakeIO reads the files line by line and parses them with the quote {@code '} and the
 * escape {@code \}. A row becomes one text in which each field follows a {@code |}. In texts and
 * JSON the characters {@code % ' \ |} and both line breaks are percent-encoded, and NULL is {@code
 * %N}, which no encoded text is; in BINARY it is {@code -}; in all other types the empty field.
 *
 * <p>A FLOAT is sent as its text where that reads back as the same number, else as the text and the
 * difference, {@code t+d}: Snowflake documents its conversion of FLOAT to text as inexact (<a
 * href="https://docs.snowflake.com/en/sql-reference/functions/to_double">TO_DOUBLE</a>), and the
 * difference of two near doubles is exact and has few digits, so that the sum of the two parsed
 * numbers is the number itself.
 */
final class RowProjection {
  static final char FIELD = '|';
  static final char ESCAPE = '%';
  static final char NULL = 'N';
  static final char NO_BYTES = '-';
  private static final String DATE_TIME = "'YYYY-MM-DD HH24:MI:SS.FF9";

  private RowProjection() {}

  /** A query of one text column. */
  static String sql(SelectQuery query, List<Column> columns) {
    return columns.stream()
        .map(column -> "'" + FIELD + "' || " + field(column))
        .collect(Collectors.joining(" || ", "SELECT ", " AS R FROM " + query.from()));
  }

  private static String field(Column column) {
    String text = text(column);
    if (!column.nullable()) {
      return text;
    }
    String absent =
        switch (column.type().kind()) {
          case VARCHAR, VARIANT, OBJECT, ARRAY -> "'" + ESCAPE + NULL + "'";
          case BINARY -> "'" + NO_BYTES + "'";
          default -> "''";
        };
    return "COALESCE(" + text + ", " + absent + ")";
  }

  private static String text(Column column) {
    String x = column.quoted();
    return switch (column.type().kind()) {
      case NUMBER, BOOLEAN -> x + "::VARCHAR";
      case FLOAT -> exactFloat(x);
      case VARCHAR -> encoded(x);
      case VARIANT, OBJECT, ARRAY -> encoded("TO_JSON(" + x + ")");
      case BINARY -> "HEX_ENCODE(" + x + ")";
      case DATE -> "(" + x + " - '1970-01-01'::DATE)::VARCHAR";
      case TIME -> "TO_VARCHAR(" + x + ", 'HH24:MI:SS.FF9')";
      case TIMESTAMP_NTZ -> "TO_VARCHAR(" + x + ", " + DATE_TIME + "')";
      case TIMESTAMP_LTZ -> "TO_VARCHAR(CONVERT_TIMEZONE('UTC', " + x + "), " + DATE_TIME + "')";
      case TIMESTAMP_TZ -> "TO_VARCHAR(" + x + ", " + DATE_TIME + " TZH:TZM')";
    };
  }

  private static String exactFloat(String x) {
    String text = x + "::VARCHAR";
    return String.format(
        "CASE WHEN TRY_CAST(%2$s AS FLOAT) = %1$s THEN %2$s"
            + " ELSE %2$s || '+' || (%1$s - %2$s::FLOAT)::VARCHAR END",
        x, text);
  }

  private static String encoded(String x) {
    String sql = "REPLACE(" + x + ", '%', '%25')";
    for (int character : new int[] {'\'', '\\', '\n', '\r'}) {
      sql = String.format("REPLACE(%s, CHR(%d), '%%%02X')", sql, character, character);
    }
    return "REPLACE(" + sql + ", '|', '%7C')";
  }
}
