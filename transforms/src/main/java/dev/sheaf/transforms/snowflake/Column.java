package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;

/** A column of a table or of a query's result. */
record Column(String name, ColumnType type, boolean nullable) implements Serializable {

  static List<Column> of(ResultSetMetaData metadata) throws SQLException {
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i <= metadata.getColumnCount(); i++) {
      columns.add(
          new Column(
              metadata.getColumnName(i),
              ColumnType.of(metadata, i),
              metadata.isNullable(i) != ResultSetMetaData.columnNoNulls));
    }
    return List.copyOf(columns);
  }

  static Schema schema(List<Column> columns) {
    Schema.Builder schema = Schema.builder();
    for (Column column : columns) {
      schema.addField(
          Schema.Field.of(column.name, column.type.fieldType())
              .withNullable(column.nullable)
              .withOptions(column.type.options()));
    }
    return schema.build();
  }

  String quoted() {
    return TableName.quote(name);
  }
}
