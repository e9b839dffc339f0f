package dev.sheaf.transforms.inference;

import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/** The rows of one key that wait to be scored together. */
final class Batch {
  /** A row and where it belongs. */
  record Pending(Row row, Instant timestamp, BoundedWindow window) {}

  private final String key;
  private final List<Pending> rows = new ArrayList<>();

  Batch(String key) {
    this.key = key;
  }

  String key() {
    return key;
  }

  void add(Pending pending) {
    rows.add(pending);
  }

  int size() {
    return rows.size();
  }

  List<Pending> rows() {
    return rows;
  }
}
