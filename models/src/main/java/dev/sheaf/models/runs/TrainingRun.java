package dev.sheaf.models.runs;

import dev.sheaf.models.store.StoreException;
import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a run: writes what its keys come to and reads what was written; it may be sent to
 * the machines that train.
 */
public final class TrainingRun implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Ledgers by attempt, for the many workers of one JVM: each would read the same files and keep
   * the same index. Soft: what nobody holds goes when memory is short.
   */
  private static final ConcurrentHashMap<TrainingRun, SoftReference<RunLedger>> SHARED =
      new ConcurrentHashMap<>();

  private final RunStore store;
  private final RunStart start;

  TrainingRun(RunStore store, RunStart start) {
    this.store = store;
    this.start = start;
  }

  /** Its name, its start and what was said about it then. */
  public RunStart start() {
    return start;
  }

  /** The store that keeps it. */
  public RunStore store() {
    return store;
  }

  /**
   * A writer for one worker, which also writes on its own while nothing is added; close it.
   *
   * @param clock tells when keys were finished and when a part is due
   */
  public RunWriter writer(Clock clock) {
    return RunWriter.started(this, clock);
  }

  /**
   * Reads what is there now, of this attempt and of all before it.
   *
   * @throws StoreException if the run's files cannot be listed
   */
  public RunLedger ledger() {
    return new RunLedger(this).refresh();
  }

  /**
   * As {@link #ledger()}, but read once per JVM and attempt, by whoever asks first; the others wait
   * for it and get the same. A worker that may have been restarted in the middle of an attempt
   * calls {@link RunLedger#refresh} on it to see what the attempt has finished meanwhile; only new
   * parts are read then.
   */
  public RunLedger sharedLedger() {
    RunLedger[] held = new RunLedger[1];
    SHARED.compute(
        this,
        (run, known) -> {
          RunLedger ledger = known == null ? null : known.get();
          held[0] = ledger == null ? run.ledger() : ledger;
          return ledger == null ? new SoftReference<>(held[0]) : known;
        });
    return held[0];
  }

  /**
   * Writes down that this attempt came to its end.
   *
   * @param properties what it left: the published version, counts, ...
   */
  public void finish(Instant now, Map<String, String> properties) {
    store.writeEnd(start.runId(), new RunEnd(start.attempt(), now, new TreeMap<>(properties)));
  }

  /** The end of this attempt; empty while it works, and if it never came to its end. */
  public Optional<RunEnd> end() {
    return store.readEnd(start.runId()).filter(end -> end.attempt() == start.attempt());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TrainingRun that
        && store.equals(that.store)
        && start.equals(that.start);
  }

  @Override
  public int hashCode() {
    return store.hashCode() * 31 + start.hashCode();
  }

  @Override
  public String toString() {
    return start.runId() + " (attempt " + start.attempt() + ") in " + store;
  }

  String partsFolder() {
    return store.folderOf(start.runId()) + "/parts";
  }
}
