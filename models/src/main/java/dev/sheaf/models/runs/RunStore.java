package dev.sheaf.models.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.models.store.Keys;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training runs that a model store keeps, each with what came of every key so far.
 *
 * <pre>
 * &lt;store&gt;/runs/&lt;percent-encoded run id&gt;/run.json       written when the run starts, again by a re-run
 *                                        /parts/...zip   what one worker finished since its last part
 *                                        /finished.json  written when the run came to its end
 * </pre>
 *
 * <p>It is a location and nothing else, and may be sent to other machines. Every file is written
 * whole or not at all and parts never change, so a run can be read while it works, and whatever was
 * written survives the end of the process that wrote it.
 *
 * <pre>{@code
 * TrainingRun run = RunStore.at("/models/sales").start("nightly", Instant.now(), Map.of());
 * RunLedger before = run.ledger();
 * try (RunWriter writer = run.writer(Clock.systemUTC())) {
 *   Optional<FinishedKey> done = before.reuse("store-7", fingerprint);
 *   if (done.isPresent()) {
 *     writer.skip("store-7");
 *   } else {
 *     writer.add(train("store-7"));
 *   }
 * }
 * run.finish(Instant.now(), Map.of());
 * }</pre>
 */
public final class RunStore implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(RunStore.class);
  private static final String START = "run.json";
  private static final String END = "finished.json";
  private static final int JSON_LIMIT = 1 << 24;

  private final String location;
  private transient @Nullable StoreFiles files;

  private RunStore(String location) {
    this.location = location;
  }

  /**
   * The runs of the model store at a location: a local path, or a URI such as {@code
   * s3://models/sales}.
   *
   * @throws IllegalArgumentException if the location is empty or no valid {@code file:} URI
   */
  public static RunStore at(String storeLocation) {
    return new RunStore(ModelStore.at(storeLocation).location());
  }

  /** The runs on given files; they do not travel with it. */
  static RunStore over(String storeLocation, StoreFiles files) {
    RunStore store = at(storeLocation);
    store.files = files;
    return store;
  }

  /** The location of the model store, with no slash at its end. */
  public String location() {
    return location;
  }

  /**
   * The runs there are, by the start of their last attempt, the latest last; a run whose {@code
   * run.json} cannot be read is left out with a warning.
   *
   * @throws StoreException if they cannot be listed
   */
  public List<RunStart> runs() {
    String folder = location + "/runs";
    List<RunStart> runs = new ArrayList<>();
    List<String> names;
    try {
      names = files().foldersHolding(folder, START);
    } catch (IOException e) {
      throw failure("list the runs in", folder, e);
    }
    for (String name : names) {
      try {
        readStart(folder + "/" + name).ifPresent(runs::add);
      } catch (StoreException e) {
        LOG.warn("A run is left out of the list: {}", e.getMessage());
      }
    }
    runs.sort(Comparator.comparing(RunStart::attemptStartedAt).thenComparing(RunStart::runId));
    return List.copyOf(runs);
  }

  /**
   * Starts a run, or another attempt of a run that was started before.
   *
   * @param runId any text but the empty one
   * @param properties what the attempt does: trainer, label, key column, number of keys, ...
   * @throws StoreException if it cannot be written down
   */
  public TrainingRun start(String runId, Instant now, Map<String, String> properties) {
    String folder = folderOf(runId);
    Optional<RunStart> before = readStart(folder);
    RunStart start =
        new RunStart(
            runId,
            before.map(RunStart::startedAt).orElse(now),
            before.map(earlier -> earlier.attempt() + 1).orElse(1),
            now,
            new TreeMap<>(properties));
    JsonNode json =
        Json.document()
            .put("run", runId)
            .put("startedAt", start.startedAt().toString())
            .put("attempt", start.attempt())
            .put("attemptStartedAt", now.toString())
            .set("properties", Json.texts(start.properties()));
    write(folder + "/" + START, json);
    return new TrainingRun(this, start);
  }

  /**
   * The last attempt of a run; empty if there is no run of that name.
   *
   * @throws StoreException if its {@code run.json} cannot be read
   */
  public Optional<TrainingRun> find(String runId) {
    return readStart(folderOf(runId)).map(start -> new TrainingRun(this, start));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RunStore that && location.equals(that.location);
  }

  @Override
  public int hashCode() {
    return location.hashCode();
  }

  @Override
  public String toString() {
    return location;
  }

  StoreFiles files() {
    StoreFiles found = files;
    if (found == null) {
      found = StoreFiles.at(location);
      files = found;
    }
    return found;
  }

  String folderOf(String runId) {
    Keys.check(runId);
    if (runId.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot use an empty text as a run's name; valid is any other, such as nightly-2026-11");
    }
    return location + "/runs/" + Keys.fileName(runId);
  }

  void writeEnd(String runId, RunEnd end) {
    JsonNode json =
        Json.document()
            .put("attempt", end.attempt())
            .put("finishedAt", end.finishedAt().toString())
            .set("properties", Json.texts(end.properties()));
    write(folderOf(runId) + "/" + END, json);
  }

  Optional<RunEnd> readEnd(String runId) {
    String file = folderOf(runId) + "/" + END;
    try {
      Optional<JsonNode> json = read(file);
      if (json.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new RunEnd(
              Math.toIntExact(Json.number(json.get(), "attempt")),
              Json.instant(json.get(), "finishedAt"),
              new TreeMap<>(Json.texts(json.get(), "properties"))));
    } catch (IOException | RuntimeException e) {
      throw failure("read the end of a run from", file, e);
    }
  }

  static StoreException failure(String what, String file, Exception cause) {
    return new StoreException("cannot " + what + " " + file + ": " + cause.getMessage(), cause);
  }

  private Optional<RunStart> readStart(String folder) {
    String file = folder + "/" + START;
    try {
      Optional<JsonNode> json = read(file);
      if (json.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new RunStart(
              Json.text(json.get(), "run"),
              Json.instant(json.get(), "startedAt"),
              Math.toIntExact(Json.number(json.get(), "attempt")),
              Json.instant(json.get(), "attemptStartedAt"),
              new TreeMap<>(Json.texts(json.get(), "properties"))));
    } catch (IOException | RuntimeException e) {
      throw failure("read the start of a run from", file, e);
    }
  }

  private Optional<JsonNode> read(String file) throws IOException {
    try {
      byte[] bytes = files().read(file, JSON_LIMIT);
      return Optional.of(Json.parseDocument(bytes, 0, bytes.length));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void write(String file, JsonNode json) {
    byte[] bytes = Json.pretty(json);
    try {
      files().write(file, out -> out.write(bytes));
    } catch (IOException e) {
      throw failure("write", file, e);
    }
  }
}
