package dev.sheaf.models.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of this machine that ONNX Runtime reads weights from.
 *
 * @param temporary whether closing deletes it
 */
record WeightsFolder(Path path, boolean temporary) implements AutoCloseable {
  static WeightsFolder existing(Path path) {
    return new WeightsFolder(path, false);
  }

  static WeightsFolder ofCopies() throws IOException {
    return new WeightsFolder(Files.createTempDirectory("sheaf-weights"), true);
  }

  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (Stream<Path> paths = Files.walk(path)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the copied weights in " + path, e);
    }
  }
}
