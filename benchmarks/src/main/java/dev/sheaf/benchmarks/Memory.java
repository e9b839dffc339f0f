package dev.sheaf.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory that this process has of the operating system, everything included. */
final class Memory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final String NOW = "VmRSS:";

  private Memory() {}

  /** The most resident memory that there has been, in MiB; -1 if not known. */
  static long peakMebibytes() {
    return Math.round(mebibytes(PEAK));
  }

  /** The resident memory now, in MiB; -1 if not known. */
  static double residentMebibytes() {
    return mebibytes(NOW);
  }

  private static double mebibytes(String line) {
    if (!Files.isReadable(STATUS)) {
      return -1;
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(text -> text.startsWith(line))
          .mapToDouble(text -> Long.parseLong(text.replaceAll("[^0-9]", "")) / 1024.0)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
