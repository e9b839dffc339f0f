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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The demo's output folder. A run works in a hidden folder inside it and moves what it made into
 * place once all of it is whole; what an earlier run left stays until then. Only the model store is
 * written in place: it shows nothing that is half written.
 */
final class Workspace implements AutoCloseable {
  private static final String PREFIX = ".run-";

  private final Path out;
  private final Path work;
  private final Thread onExit = new Thread(this::removeWork);
  private final LocalWarehouse warehouse;

  private Workspace(Path out, Path work) {
    this.out = out;
    this.work = work;
    Runtime.getRuntime().addShutdownHook(onExit);
    this.warehouse = LocalWarehouse.start(work.resolve("warehouse.duckdb"), work);
  }

  /** Makes the folder where there is none, and starts a warehouse in it. */
  static Workspace in(Path folder) throws DemoException {
    Path out = folder.toAbsolutePath().normalize();
    Path work;
    try {
      Files.createDirectories(out);
      work = Files.createTempDirectory(out, PREFIX);
      Files.createDirectory(work.resolve("staging"));
    } catch (FileAlreadyExistsException e) {
      throw DemoException.wrongOption("--out: " + folder + " is not a folder");
    } catch (IOException e) {
      throw DemoException.wrongOption("--out: cannot write to the folder " + folder);
    }
    return new Workspace(out, work);
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

  /** Stops the warehouse and moves the results into place, the summary last. */
  void keep(RunSummary summary) {
    warehouse.close();
    try {
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
    warehouse.close();
    Runtime.getRuntime().removeShutdownHook(onExit);
    removeWork();
  }

  private void removeWork() {
    try (Stream<Path> files = Files.walk(work)) {
      List<Path> deepestFirst =
          files.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + work, e);
    }
  }
}
