package dev.sheaf.transforms.inference;

import java.util.Collection;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what rows of a schema take in memory: their texts, bytes and lists, the rest at a flat
 * rate.
 */
final class RowBytes {
  private static final int ROW = 64;
  private static final int VALUE = 24;

  /** The columns whose values may be large. */
  private final int[] sized;

  /** What a row takes without them. */
  private final long flat;

  RowBytes(Schema schema) {
    this.sized =
        IntStream.range(0, schema.getFieldCount())
            .filter(i -> isSized(schema.getField(i).getType()))
            .toArray();
    this.flat = ROW + (long) VALUE * (schema.getFieldCount() - sized.length);
  }

  private static boolean isSized(FieldType type) {
    return switch (type.getTypeName()) {
      case BYTE, INT16, INT32, INT64, FLOAT, DOUBLE, BOOLEAN, DATETIME -> false;
      default -> true;
    };
  }

  /** A row by its columns; there may be others behind them. */
  long of(@Nullable Object[] row) {
    long sum = flat;
    for (int i : sized) {
      sum += ofValue(row[i]);
    }
    return sum;
  }

  private static long ofValue(@Nullable Object value) {
    if (value instanceof String text) {
      return (long) VALUE + text.length();
    } else if (value instanceof byte[] bytes) {
      return (long) VALUE + bytes.length;
    } else if (value instanceof Row row) {
      return ROW + ofAll(row.getValues());
    } else if (value instanceof Collection<?> values) {
      return ofAll(values);
    } else if (value instanceof Map<?, ?> map) {
      return ofAll(map.keySet()) + ofAll(map.values());
    }
    return VALUE;
  }

  private static long ofAll(Collection<?> values) {
    long sum = VALUE;
    for (Object one : values) {
      sum += ofValue(one);
    }
    return sum;
  }
}
