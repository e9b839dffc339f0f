package dev.sheaf.transforms.inference;

import java.util.Arrays;
import java.util.Objects;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** Rows that wait to be scored, and where they belong. */
final class HeldRows {
  private static final int FIRST_CAPACITY = 4;

  private @Nullable Row[] rows = new Row[FIRST_CAPACITY];
  private @Nullable Object[] @Nullable [] columns = new Object[FIRST_CAPACITY][];
  private @Nullable Instant[] timestamps = new Instant[FIRST_CAPACITY];
  private @Nullable BoundedWindow[] windows = new BoundedWindow[FIRST_CAPACITY];
  private long[] byteSizes = new long[FIRST_CAPACITY];
  private int size;
  private long byteSize;

  /** Adds a row behind the others, whose bytes are not known yet. */
  void add(Row row, Instant timestamp, BoundedWindow window) {
    if (size == rows.length) {
      rows = Arrays.copyOf(rows, 2 * size);
      columns = Arrays.copyOf(columns, 2 * size);
      timestamps = Arrays.copyOf(timestamps, 2 * size);
      windows = Arrays.copyOf(windows, 2 * size);
      byteSizes = Arrays.copyOf(byteSizes, 2 * size);
    }
    rows[size] = row;
    timestamps[size] = timestamp;
    windows[size] = window;
    byteSizes[size++] = 0;
  }

  /**
   * Sets, once, the values of a row.
   *
   * @param values its columns, with room for those of a prediction
   * @param bytes what the row takes, estimated
   */
  void setColumns(int place, @Nullable Object[] values, long bytes) {
    columns[place] = values;
    byteSizes[place] = bytes;
    byteSize += bytes;
  }

  /** Adds a row that others hold; its columns are left to them. */
  void add(HeldRows others, int place) {
    add(others.row(place), others.timestamp(place), others.window(place));
    byteSizes[size - 1] = others.byteSizes[place];
    byteSize += others.byteSizes[place];
  }

  int size() {
    return size;
  }

  /** What the rows take, estimated. */
  long byteSize() {
    return byteSize;
  }

  /** What a row takes, estimated. */
  long byteSize(int place) {
    return byteSizes[place];
  }

  Row row(int place) {
    return Objects.requireNonNull(rows[place]);
  }

  /** The columns of a row, with room for those of a prediction; null if they are not set. */
  @Nullable Object @Nullable [] columns(int place) {
    return columns[place];
  }

  Instant timestamp(int place) {
    return Objects.requireNonNull(timestamps[place]);
  }

  BoundedWindow window(int place) {
    return Objects.requireNonNull(windows[place]);
  }

  /** Forgets the rows and keeps the room. */
  void clear() {
    Arrays.fill(rows, 0, size, null);
    Arrays.fill(columns, 0, size, null);
    Arrays.fill(timestamps, 0, size, null);
    Arrays.fill(windows, 0, size, null);
    size = 0;
    byteSize = 0;
  }
}
