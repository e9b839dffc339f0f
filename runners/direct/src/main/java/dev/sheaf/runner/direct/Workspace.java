package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.report.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo's output folder. A run works in a hidden folder inside it and moves what it made into
 * place once all of it is whole; what an earlier run left stays until then. Only the model store is
 * written in place: it shows nothing that is half written.
 */
final class Workspace implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);
  private static final String PREFIX = ".run-";
  private static final Pattern RUN = Pattern.compile("\\.run-(\\d+)-.*");
  private static final Pattern UNUSABLE = Pattern.compile("[*?\\[\\]{}'\\\\]");

  private final Path out;
  private final Path work;
  private final Thread onExit = new Thread(this::closeQuietly);
  private final LocalWarehouse warehouse;

  private Workspace(Path out, Path work) {
    this.out = out;
    this.work = work;
    this.warehouse = LocalWarehouse.start(work.resolve("warehouse.duckdb"), work);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /** Makes the folder where there is none, and starts a warehouse in it. */
  static Workspace in(Path folder) throws DemoException {
    Path out = folder.toAbsolutePath().normalize();
    if (UNUSABLE.matcher(out.toString()).find()) {
      throw DemoException.wrongOption(
          "--out: the path " + out + " may have none of the characters * ? [ ] { } ' \\");
    }
    Path work;
    try {
      Files.createDirectories(out);
      removeDeadRuns(out);
      work = Files.createTempDirectory(out, PREFIX + ProcessHandle.current().pid() + "-");
      Files.createDirectory(work.resolve("staging"));
    } catch (FileAlreadyExistsException e) {
      throw DemoException.wrongOption("--out: " + folder + " is not a folder");
    } catch (IOException e) {
      throw DemoException.wrongOption("--out: cannot write to the folder " + folder);
    }
    return new Workspace(out, work);
  }

  /** Removes what runs left that were killed. */
  private static void removeDeadRuns(Path out) throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      for (Path file : files.toList()) {
        Matcher run = RUN.matcher(file.getFileName().toString());
        if (run.matches() && ProcessHandle.of(Long.parseLong(run.group(1))).isEmpty()) {
          remove(file);
        }
      }
    }
  }

  LocalWarehouse warehouse() {
    return warehouse;
  }

  Path modelStore() {
    return out.resolve("models");
  }

  Path scratch(String name) {
    return work.resolve(name);
  }

  void exportPredictions() {
    warehouse.exportPredictions(work.resolve("predictions.csv"));
  }

  /**
   * Stops the warehouse and moves the results into place. The summary of an earlier run goes first
   * and the new one comes last, so that a summary always belongs to what lies beside it.
   */
  void keep(RunSummary summary) {
    warehouse.close();
    try {
      Files.deleteIfExists(out.resolve("summary.json"));
      Files.writeString(work.resolve("summary.json"), summary.json());
      for (String name : List.of("warehouse.duckdb", "predictions.csv", "summary.json")) {
        move(work.resolve(name), out.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot move the results to " + out, e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {
    closeQuietly();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      LOG.debug("the JVM is ending already", e);
    }
  }

  /** Stops the warehouse and removes the work folder; what cannot be removed, the next run does. */
  private void closeQuietly() {
    warehouse.close();
    try {
      remove(work);
    } catch (IOException e) {
      LOG.warn("cannot remove {}: {}", work, e.toString());
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
