package dev.sheaf.transforms.kafka;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.LogicalType;
import org.jspecify.annotations.Nullable;

/** The inner parts of field types, which Beam declares as possibly missing. */
final class NestedForms {
  private NestedForms() {}

  static Schema schemaOf(FieldType row) {
    return present(row.getRowSchema(), row);
  }

  static FieldType elementOf(FieldType array) {
    return present(array.getCollectionElementType(), array);
  }

  static LogicalType<?, ?> logicalTypeOf(FieldType type) {
    return present(type.getLogicalType(), type);
  }

  private static <T> T present(@Nullable T part, FieldType type) {
    if (part == null) {
      throw new IllegalArgumentException("Cannot use the incomplete type " + type + ".");
    }
    return part;
  }
}
