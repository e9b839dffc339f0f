package dev.sheaf.models.table;

/** The rows of one key with their schema. */
public record TrainingTable(TableSchema schema, RowBlock rows) {
  public TrainingTable {
    if (schema.features().size() != rows.features()) {
      throw new IllegalArgumentException(
          "cannot read rows of "
              + rows.features()
              + " features with a schema of "
              + schema.features().size());
    }
  }
}
