package dev.sheaf.models.runs;

import java.io.Serializable;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a run when it starts.
 *
 * @param runId its name: any text but the empty one
 * @param startedAt when it started for the first time
 * @param attempt 1 for the first time, one more for each re-run
 * @param attemptStartedAt when this attempt started
 * @param properties what this attempt does: trainer, label, key column, number of keys, ...
 */
public record RunStart(
    String runId,
    Instant startedAt,
    int attempt,
    Instant attemptStartedAt,
    SortedMap<String, String> properties)
    implements Serializable {

  /** Copies the properties. */
  public RunStart {
    if (attempt < 1 || attempt > PartName.LAST_ATTEMPT) {
      throw new IllegalArgumentException(
          "cannot start attempt "
              + attempt
              + " of run \""
              + runId
              + "\": valid are 1 to "
              + PartName.LAST_ATTEMPT);
    }
    properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
  }
}
