package dev.sheaf.transforms.inference;

import java.util.Collection;
import java.util.Map;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Estimates what a row takes in memory: its texts, bytes and lists, the rest at a flat rate. */
final class RowBytes {
  private static final int ROW = 64;
  private static final int VALUE = 24;

  private RowBytes() {}

  static long of(Row row) {
    long sum = ROW;
    for (int i = 0; i < row.getFieldCount(); i++) {
      sum += ofValue(row.getValue(i));
    }
    return sum;
  }

  private static long ofValue(@Nullable Object value) {
    if (value instanceof CharSequence text) {
      return (long) VALUE + text.length();
    } else if (value instanceof byte[] bytes) {
      return (long) VALUE + bytes.length;
    } else if (value instanceof Row row) {
      return of(row);
    } else if (value instanceof Collection<?> values) {
      long sum = VALUE;
      for (Object one : values) {
        sum += ofValue(one);
      }
      return sum;
    } else if (value instanceof Map<?, ?> map) {
      return VALUE + ofValue(map.keySet()) + ofValue(map.values());
    }
    return VALUE;
  }
}
