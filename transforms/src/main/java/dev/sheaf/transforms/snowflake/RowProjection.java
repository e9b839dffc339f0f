package dev.sheaf.transforms.snowflake;

import dev.sheaf.transforms.snowflake.ColumnType.Kind;
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
    List<Column> floats =
        columns.stream().filter(column -> column.type().kind() == Kind.FLOAT).toList();
    String from = query.from();
    if (!floats.isEmpty()) {
      // In steps, so that no expression holds another one twice.
      String texts =
          floats.stream()
              .map(column -> ", '' || " + column.quoted() + " AS " + textOf(column))
              .collect(Collectors.joining());
      String rests =
          floats.stream()
              .map(
                  column ->
                      ", "
                          + column.quoted()
                          + " - "
                          + textOf(column)
                          + "::FLOAT AS "
                          + restOf(column))
              .collect(Collectors.joining());
      from = "(SELECT *" + texts + " FROM " + from + ") T";
      from = "(SELECT *" + rests + " FROM " + from + ") D";
    }
    return columns.stream()
        .map(RowProjection::field)
        .collect(Collectors.joining(" || ", "SELECT ", " AS R FROM " + from));
  }

  private static String textOf(Column column) {
    return TableName.quote("sheaf text of " + column.name());
  }

  private static String restOf(Column column) {
    return TableName.quote("sheaf rest of " + column.name());
  }

  private static String field(Column column) {
    String field = "'" + FIELD + "' || " + text(column);
    if (!column.nullable()) {
      return field;
    }
    String absent =
        switch (column.type().kind()) {
          case VARCHAR, VARIANT, OBJECT, ARRAY -> "" + FIELD + ESCAPE + NULL;
          case BINARY -> "" + FIELD + NO_BYTES;
          default -> "" + FIELD;
        };
    return "COALESCE(" + field + ", '" + absent + "')";
  }

  private static String text(Column column) {
    String x = column.quoted();
    return switch (column.type().kind()) {
      // Numbers become text by the concatenation.
      case NUMBER -> x;
      case FLOAT -> exactFloat(column);
      case VARCHAR -> encoded(x);
      case BOOLEAN -> "CASE WHEN " + x + " THEN '1' WHEN NOT " + x + " THEN '0' END";
      case VARIANT, OBJECT, ARRAY -> encoded("TO_JSON(" + x + ")");
      case BINARY -> "HEX_ENCODE(" + x + ")";
      case DATE -> "(" + x + " - '1970-01-01'::DATE)";
      case TIME -> "TO_VARCHAR(" + x + ", 'HH24:MI:SS.FF9')";
      case TIMESTAMP_NTZ -> "TO_VARCHAR(" + x + ", " + DATE_TIME + "')";
      case TIMESTAMP_LTZ -> "DATE_PART(EPOCH_NANOSECOND, " + x + ")";
      case TIMESTAMP_TZ -> "TO_VARCHAR(" + x + ", " + DATE_TIME + " TZH:TZM')";
    };
  }

  private static String exactFloat(Column column) {
    String text = textOf(column);
    String rest = restOf(column);
    return String.format("CASE WHEN %2$s = 0 THEN %1$s ELSE %1$s || '+' || %2$s END", text, rest);
  }

  private static String encoded(String x) {
    String sql = "REPLACE(" + x + ", '%', '%25')";
    for (int character : new int[] {'\'', '\\', '\n', '\r'}) {
      sql = String.format("REPLACE(%s, CHR(%d), '%%%02X')", sql, character, character);
    }
    return "REPLACE(" + sql + ", '|', '%7C')";
  }
}
