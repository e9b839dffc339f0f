package dev.sheaf.models.runs;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is, as its parts tell it.
 *
 * @param start the run and its last attempt
 * @param end the end of the last attempt; null while it works, and if it never came to its end
 * @param statuses keys by the status that each has now, whichever attempt finished it
 * @param finished keys that the last attempt finished
 * @param models those of them that have a model
 * @param skipped keys that the last attempt skipped: they were finished by an earlier one
 * @param rows rows of all keys
 * @param seconds time that all keys took, added up
 * @param from when the last attempt began its first key; null before one is finished
 * @param lastFinished when the last attempt finished or skipped its last key; null before it did
 * @param parts parts that were read
 * @param unreadable parts that could not be read: their keys count as not finished
 */
public record RunProgress(
    RunStart start,
    @Nullable RunEnd end,
    SortedMap<String, Long> statuses,
    long finished,
    long models,
    long skipped,
    long rows,
    double seconds,
    @Nullable Instant from,
    @Nullable Instant lastFinished,
    int parts,
    int unreadable) {

  /** Copies the counts. */
  public RunProgress {
    statuses = Collections.unmodifiableSortedMap(new TreeMap<>(statuses));
  }

  /** Keys that are finished, whichever attempt did it. */
  public long keys() {
    return statuses.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Models per second of the last attempt, from its first key's begin to its last key's end. */
  public OptionalDouble modelsPerSecond() {
    if (from == null || lastFinished == null || models == 0) {
      return OptionalDouble.empty();
    }
    double passed = Duration.between(from, lastFinished).toMillis() / 1e3;
    return passed > 0 ? OptionalDouble.of(models / passed) : OptionalDouble.empty();
  }
}
