package dev.sheaf.transforms.snowflake;

import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.io.snowflake.SnowflakeIO;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Turns the text that {@link RowProjection} made of a row into the row again. */
final class RowDecoder implements SnowflakeIO.CsvMapper<Row> {
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

  @Override
  public Row mapRow(String[] parts) {
    if (parts.length != 1) {
      throw new IllegalArgumentException(
          "Cannot read a staged row: expected 1 column, found " + parts.length);
    }
    return decode(parts[0]);
  }

  Row decode(String line) {
    FieldDecoder[] fields = decoders();
    @Nullable Object[] values = new Object[fields.length];
    int position = 0;
    for (int i = 0; i < fields.length; i++) {
      if (position >= line.length() || line.charAt(position) != RowProjection.FIELD) {
        throw wrongCount(fields.length, line);
      }
      int start = position + 1;
      int end = line.indexOf(RowProjection.FIELD, start);
      position = end < 0 ? line.length() : end;
      values[i] = value(fields[i], columns.get(i), line, start, position);
    }
    if (position != line.length()) {
      throw wrongCount(fields.length, line);
    }
    return Row.withSchema(schema).attachValues(Arrays.asList(values));
  }

  private static IllegalArgumentException wrongCount(int count, String line) {
    return new IllegalArgumentException(
        "Cannot read a staged row: expected "
            + count
            + " fields that each follow a '|', found "
            + line.chars().filter(c -> c == RowProjection.FIELD).count());
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
