package dev.sheaf.models.store;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Copies of metric maps, sorted by name so that they are written the same way every time. */
final class Metrics {
  private Metrics() {}

  static SortedMap<String, Double> copyOf(Map<String, Double> metrics) {
    SortedMap<String, Double> sorted = new TreeMap<>();
    metrics.forEach(
        (name, value) -> {
          if (name.isEmpty()) {
            throw new IllegalArgumentException("cannot keep a metric with an empty name: " + value);
          }
          sorted.put(name, value);
        });
    return Collections.unmodifiableSortedMap(sorted);
  }
}
