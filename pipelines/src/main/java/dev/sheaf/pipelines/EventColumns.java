package dev.sheaf.pipelines;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;

/**
 * Reads the columns of an event as a person writes them: {@code STORE_ID:integer!,PRICE:number}.
 */
final class EventColumns {
  private static final Map<String, FieldType> TYPES =
      new TreeMap<>(
          Map.of(
              "text", FieldType.STRING,
              "integer", FieldType.INT64,
              "number", FieldType.DOUBLE,
              "boolean", FieldType.BOOLEAN,
              "date", FieldType.logicalType(SqlTypes.DATE),
              "timestamp", FieldType.logicalType(SqlTypes.TIMESTAMP)));
  private static final String REQUIRED = "!";

  private EventColumns() {}

  /**
   * The schema that they make.
   *
   * @throws OptionException naming the column that is wrong
   */
  static Schema parse(List<String> columns) {
    Schema.Builder schema = Schema.builder();
    for (String text : columns) {
      String column = text.strip();
      int colon = column.lastIndexOf(':');
      String type = column.substring(colon + 1).toLowerCase(Locale.ROOT);
      boolean required = type.endsWith(REQUIRED);
      FieldType found = TYPES.get(required ? type.substring(0, type.length() - 1) : type);
      if (colon < 1 || found == null) {
        throw new OptionException(
            "--columns: NAME:TYPE is needed, with a type of "
                + String.join(", ", TYPES.keySet())
                + ", found '"
                + column
                + "'");
      }
      schema.addField(column.substring(0, colon), found.withNullable(!required));
    }
    try {
      return schema.build();
    } catch (IllegalArgumentException e) {
      throw new OptionException("--columns: each name once is needed, found " + columns, e);
    }
  }
}
