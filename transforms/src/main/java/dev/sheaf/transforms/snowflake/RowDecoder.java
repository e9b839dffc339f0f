package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Turns the text that {@link RowProjection} made of rows into rows again. */
final class RowDecoder implements Serializable {
  private final List<Column> columns;
  private final Schema schema;
  private transient FieldDecoder @Nullable [] decoders;

  RowDecoder(List<Column> columns) {
    this.columns = columns;
    this.schema = Column.schema(columns);
  }

  Schema schema() {
    return schema;
  }

  /** Gives each row of a line to {@code output}. */
  void decode(String line, Consumer<Row> output) {
    FieldDecoder[] fields = decoders();
    int position = 0;
    while (position < line.length()) {
      @Nullable Object[] values = new Object[fields.length];
      for (int i = 0; i < fields.length; i++) {
        if (position >= line.length() || line.charAt(position) != RowProjection.FIELD) {
          throw new IllegalArgumentException(
              "Cannot read a staged row: expected "
                  + fields.length
                  + " fields that each follow a '|', found another text at character "
                  + position);
        }
        int start = position + 1;
        int end = line.indexOf(RowProjection.FIELD, start);
        position = end < 0 ? line.length() : end;
        values[i] = value(fields[i], columns.get(i), line, start, position);
      }
      output.accept(Row.withSchema(schema).attachValues(Arrays.asList(values)));
    }
  }

  private static @Nullable Object value(
      FieldDecoder field, Column column, String line, int start, int end) {
    if (field.absent(line, start, end)) {
      if (!column.nullable()) {
        throw new IllegalArgumentException(
            "Cannot read column " + column.name() + ": found NULL, but the column is NOT NULL.");
      }
      return null;
    }
    try {
      return field.decode(line, start, end);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "Cannot read column "
              + column.name()
              + " of type "
              + column.type()
              + ": found "
              + line.substring(start, Math.min(end, start + 100)),
          e);
    }
  }

  private FieldDecoder[] decoders() {
    FieldDecoder[] ready = decoders;
    if (ready == null) {
      ready = columns.stream().map(c -> FieldDecoder.of(c.type())).toArray(FieldDecoder[]::new);
      decoders = ready;
    }
    return ready;
  }
}
