package dev.sheaf.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder with the real data, which is not part of the project. */
final class RealData {
  private static final String VARIABLE = "SHEAF_DATA";

  private RealData() {}

  /** A file of the folder that the environment names. */
  static Path file(String name) {
    String folder = System.getenv(VARIABLE);
    if (folder == null || folder.isBlank()) {
      throw new IllegalArgumentException(
          "cannot run on real data: the environment variable "
              + VARIABLE
              + " must name the folder that has "
              + name
              + ", and it is not set");
    }
    Path file = Path.of(folder, name);
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "cannot read " + file + ": the folder that " + VARIABLE + " names must have " + name);
    }
    return file;
  }
}
