package dev.sheaf.transforms.kafka;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.TypeName;

/** Columns that a transform is told by name. */
final class Columns {
  private Columns() {}

  static Field field(String caller, Schema schema, String column) {
    if (!schema.hasField(column)) {
      throw new IllegalArgumentException(
          caller
              + " names the column "
              + column
              + ", which is not there; valid are "
              + String.join(", ", schema.getFieldNames()));
    }
    return schema.getField(column);
  }

  /** The place of a column whose values are texts or whole numbers. */
  static int identifier(String caller, Schema schema, String column) {
    TypeName type = field(caller, schema, column).getType().getTypeName();
    return switch (type) {
      case STRING, BYTE, INT16, INT32, INT64 -> schema.indexOf(column);
      default ->
          throw new IllegalArgumentException(
              caller
                  + " needs a column of STRING, BYTE, INT16, INT32 or INT64, found "
                  + column
                  + " of "
                  + type);
    };
  }
}
