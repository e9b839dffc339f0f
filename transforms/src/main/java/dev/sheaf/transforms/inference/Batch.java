package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/** The rows that wait to be scored together by one model. */
final class Batch {
  /** A row and where it belongs. */
  record Pending(Row row, Instant timestamp, BoundedWindow window) {}

  private final ModelRef model;
  private final List<Pending> rows = new ArrayList<>();

  Batch(ModelRef model) {
    this.model = model;
  }

  ModelRef model() {
    return model;
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
