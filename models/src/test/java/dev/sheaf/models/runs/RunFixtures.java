package dev.sheaf.models.runs;

import dev.sheaf.models.store.StoreFiles;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Outcomes to put into runs, a clock that is set by hand, and files that watch their writes. */
final class RunFixtures {
  static final Instant START = Instant.parse("2026-11-21T03:04:05.006Z");

  /** Nothing is ever due. */
  static final FlushRule NEVER =
      new FlushRule(
          Duration.ofDays(1000), 0, Duration.ofDays(1000), Integer.MAX_VALUE, Long.MAX_VALUE);

  private RunFixtures() {}

  /** A trained key whose fingerprint is {@code f-<version>} and whose model is the version. */
  static FinishedKey trained(String key, String version) {
    return new FinishedKey(
        key,
        "TRAINED",
        "f-" + version,
        Map.of(FinishedKey.ROWS, "100", FinishedKey.SECONDS, "0.5", "RMSE", "1.25"),
        version.getBytes(StandardCharsets.UTF_8));
  }

  static FinishedKey failed(String key, String version, String reason) {
    return new FinishedKey(
        key,
        FinishedKey.FAILED,
        "f-" + version,
        Map.of(FinishedKey.REASON, reason, FinishedKey.ROWS, "7", FinishedKey.SECONDS, "0.25"),
        null);
  }

  /** A writer that writes nothing but when it is told to. */
  static RunWriter manual(TrainingRun run, Clock clock) {
    return new RunWriter(run, clock, NEVER);
  }

  static void write(TrainingRun run, Clock clock, FinishedKey... keys) {
    try (RunWriter writer = manual(run, clock)) {
      for (FinishedKey key : keys) {
        writer.add(key);
      }
    }
  }

  /** The parts of a run, in the order of their names. */
  static List<Path> parts(TrainingRun run) throws IOException {
    Path folder = Path.of(run.partsFolder());
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Shows the time it was set to. */
  static final class SetClock extends Clock {
    private volatile Instant now = START;

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** Local files whose writes can be watched and made to fail. */
  static class WatchedFiles implements StoreFiles {
    private final StoreFiles files = StoreFiles.local();

    /** Called before each write. */
    void writing(String file) throws IOException {}

    /** Called after each write. */
    void written(String file) {}

    @Override
    public final void write(String file, Content content) throws IOException {
      writing(file);
      files.write(file, content);
      written(file);
    }

    @Override
    public final SeekableByteChannel open(String file) throws IOException {
      return files.open(file);
    }

    @Override
    public final OptionalLong size(String file) throws IOException {
      return files.size(file);
    }

    @Override
    public final List<String> foldersHolding(String folder, String name) throws IOException {
      return files.foldersHolding(folder, name);
    }

    @Override
    public final List<String> filesIn(String folder) throws IOException {
      return files.filesIn(folder);
    }

    @Override
    public final void checkWritable(String folder) throws IOException {
      files.checkWritable(folder);
    }
  }
}
