package dev.sheaf.models.runs;

import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a run and where in them each key's latest outcome lies. */
final class PartIndex {
  private static final Logger LOG = LoggerFactory.getLogger(PartIndex.class);
  private static final int READERS = 8;

  private final StoreFiles files;
  private final String folder;
  private final String runId;
  private final Map<String, Place> places = new ConcurrentHashMap<>();
  private final Map<String, Integer> skips = new ConcurrentHashMap<>();
  private final Map<Integer, Instant> lastLines = new ConcurrentHashMap<>();
  private final Map<String, PartName> read = new ConcurrentHashMap<>();
  private final Map<String, String> unreadable = new ConcurrentHashMap<>();

  PartIndex(StoreFiles files, String folder, String runId) {
    this.files = files;
    this.folder = folder;
    this.runId = runId;
  }

  /** Reads the parts that are new, and again those that could not be read. */
  void refresh() {
    List<PartName> news = new ArrayList<>();
    try {
      for (String file : files.filesIn(folder)) {
        PartName.parse(file).filter(part -> !read.containsKey(part.text())).ifPresent(news::add);
      }
    } catch (IOException e) {
      throw RunStore.failure("list what was finished in", folder, e);
    }
    if (news.size() <= 1) {
      news.forEach(this::read);
      return;
    }
    ExecutorService readers =
        Executors.newFixedThreadPool(
            Math.min(READERS, news.size()),
            task -> {
              Thread daemon = new Thread(task, "run-parts");
              daemon.setDaemon(true);
              return daemon;
            });
    try {
      List<Future<?>> reading = new ArrayList<>();
      news.forEach(part -> reading.add(readers.submit(() -> read(part))));
      for (Future<?> each : reading) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new StoreException("cannot read what was finished in " + folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("cannot read what was finished in " + folder + ": interrupted", e);
    } finally {
      readers.shutdownNow();
    }
  }

  @Nullable Place place(String key) {
    return places.get(key);
  }

  Map<String, Place> places() {
    return places;
  }

  int parts() {
    return read.size();
  }

  int unreadable() {
    return unreadable.size();
  }

  /** When an attempt finished or skipped its last key. */
  @Nullable Instant lastLine(int attempt) {
    return lastLines.get(attempt);
  }

  /** Keys that an attempt skipped and did not finish all the same. */
  long skipped(int attempt) {
    return skips.entrySet().stream()
        .filter(skip -> skip.getValue() == attempt)
        .filter(
            skip -> {
              Place place = places.get(skip.getKey());
              return place == null || place.part().attempt() != attempt;
            })
        .count();
  }

  /** Reads a key's outcome with its model. */
  FinishedKey load(Place place) throws IOException {
    return PartLedger.finished(files, folder + "/" + place.part(), place);
  }

  /** Passes on the outcomes of these places, without models, each part being read once. */
  void visit(Map<String, Place> wanted, Consumer<FinishedKey> action) {
    SortedMap<PartName, Map<Long, Place>> byPart = new TreeMap<>();
    for (Place place : wanted.values()) {
      byPart.computeIfAbsent(place.part(), part -> new HashMap<>()).put(place.lineAt(), place);
    }
    byPart.forEach(
        (part, lines) -> {
          try {
            for (PartLedger.Line line : PartLedger.read(files, file(part), runId).lines()) {
              FinishedKey key = line.line().finished();
              if (key != null && lines.containsKey(line.at())) {
                action.accept(key);
              }
            }
          } catch (IOException e) {
            warn(part, e);
          }
        });
  }

  private String file(PartName part) {
    return folder + "/" + part;
  }

  private void read(PartName part) {
    PartLedger ledger;
    try {
      ledger = PartLedger.read(files, file(part), runId);
    } catch (IOException | RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new StoreException("cannot read " + file(part) + ": interrupted", e);
      }
      warn(part, e);
      return;
    }
    for (PartLedger.Line line : ledger.lines()) {
      String key = line.line().key();
      FinishedKey finished = line.line().finished();
      if (finished == null) {
        skips.merge(key, part.attempt(), Math::max);
      } else {
        // A part that was long on its way is older than what is there already.
        places.merge(
            key,
            Place.of(part, line, finished, ledger.end()),
            (known, found) -> found.part().compareTo(known.part()) >= 0 ? found : known);
      }
      lastLines.merge(
          part.attempt(), line.line().at(), (known, found) -> found.isAfter(known) ? found : known);
    }
    unreadable.remove(part.text());
    read.put(part.text(), part);
  }

  private void warn(PartName part, Exception e) {
    if (unreadable.put(part.text(), String.valueOf(e.getMessage())) == null) {
      LOG.warn("{} cannot be read; its keys count as not finished: {}", file(part), e.getMessage());
    }
  }
}
