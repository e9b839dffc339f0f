package dev.sheaf.models.runs;

import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run has finished, in all its attempts: for each key the latest outcome; may be used by
 * many threads.
 *
 * <p>In memory are a key's status, its fingerprint and where the rest lies, some 300 bytes; ledger
 * columns and models are read when they are asked for. It is what was there at the last {@link
 * #refresh}.
 *
 * <p>A part that is damaged is passed over with a warning and counted in {@link
 * RunProgress#unreadable}; its keys count as not finished.
 */
public final class RunLedger {
  private static final Logger LOG = LoggerFactory.getLogger(RunLedger.class);

  private final PartIndex index;
  private TrainingRun run;
  private @Nullable RunEnd end;

  RunLedger(TrainingRun run) {
    this.run = run;
    this.index = new PartIndex(run.store().files(), run.partsFolder(), run.start().runId());
  }

  /**
   * Reads what was written since the last time, of this attempt and of later ones.
   *
   * @return this ledger
   * @throws StoreException if the run's files cannot be listed
   */
  public synchronized RunLedger refresh() {
    run = run.store().find(run.start().runId()).orElse(run);
    // The end is written after the last part: read first, it vouches for all parts.
    end = run.end().orElse(null);
    index.refresh();
    return this;
  }

  /** The number of keys that are finished. */
  public int size() {
    return index.places().size();
  }

  /**
   * The latest outcome of a key, with its model; empty if there is none, or if it cannot be read
   * any more, which is logged.
   */
  public Optional<FinishedKey> find(String key) {
    return load(key, index.place(key));
  }

  /**
   * The latest outcome of a key, with its model, if training it again could not change it: its
   * fingerprint is equal and its status is not {@link FinishedKey#FAILED}.
   *
   * @return empty if the key has to be trained; so it has if its outcome cannot be read any more,
   *     which is logged
   */
  public Optional<FinishedKey> reuse(String key, String fingerprint) {
    Place place = index.place(key);
    boolean same =
        place != null
            && place.fingerprint().equals(fingerprint)
            && !place.status().equals(FinishedKey.FAILED);
    return same ? load(key, place) : Optional.empty();
  }

  /** Counts what is finished. */
  public synchronized RunProgress progress() {
    int attempt = run.start().attempt();
    SortedMap<String, Long> statuses = new TreeMap<>();
    long finished = 0;
    long models = 0;
    long rows = 0;
    double seconds = 0;
    double from = Double.POSITIVE_INFINITY;
    for (Place place : index.places().values()) {
      statuses.merge(place.status(), 1L, Long::sum);
      rows += place.rows();
      seconds += place.seconds();
      if (place.part().attempt() == attempt) {
        finished++;
        models += place.model() ? 1 : 0;
        from = Math.min(from, place.finishedMillis() - place.seconds() * 1e3);
      }
    }
    return new RunProgress(
        run.start(),
        end,
        statuses,
        finished,
        models,
        index.skipped(attempt),
        rows,
        seconds,
        Double.isInfinite(from) ? null : Instant.ofEpochMilli((long) from),
        index.lastLine(attempt),
        index.parts(),
        index.unreadable());
  }

  /** Passes on every key's latest outcome, without its model, in the order they were written. */
  public void forEach(Consumer<FinishedKey> action) {
    index.visit(index.places(), action);
  }

  /** The outcomes of failed keys, the latest first. */
  public List<FinishedKey> failures(int most) {
    Map<String, Place> failed = new LinkedHashMap<>();
    index.places().entrySet().stream()
        .filter(entry -> entry.getValue().status().equals(FinishedKey.FAILED))
        .sorted(
            Comparator.comparing(
                    (Map.Entry<String, Place> entry) -> entry.getValue().finishedMillis())
                .reversed()
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .forEach(entry -> failed.put(entry.getKey(), entry.getValue()));
    Map<String, FinishedKey> found = new HashMap<>();
    index.visit(failed, key -> found.put(key.key(), key));
    return failed.keySet().stream().map(found::get).filter(Objects::nonNull).toList();
  }

  private Optional<FinishedKey> load(String key, @Nullable Place place) {
    if (place == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(index.load(place));
    } catch (IOException e) {
      LOG.warn(
          "What run {} has of key \"{}\" cannot be read from {}; it counts as not finished: {}",
          run,
          key,
          place.part(),
          e.getMessage());
      return Optional.empty();
    }
  }
}
