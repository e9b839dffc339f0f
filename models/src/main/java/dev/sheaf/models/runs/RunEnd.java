package dev.sheaf.models.runs;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says that an attempt of a run came to its end.
 *
 * @param attempt which one, from 1
 * @param finishedAt when
 * @param properties what it left: the published version, counts, ...
 */
public record RunEnd(int attempt, Instant finishedAt, SortedMap<String, String> properties) {

  /** Copies the properties. */
  public RunEnd {
    properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
  }
}
