package dev.sheaf.sandbox.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What a server wrote since it started. */
final class LogText {
  private static final int LAST_LINES = 15;

  private LogText() {}

  /** The text after the first {@code start} bytes. */
  static String since(Path log, long start) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      byte[] bytes = new byte[Math.toIntExact(Math.max(0, file.length() - start))];
      file.seek(start);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SandboxException("cannot read " + log + ": " + e, e);
    }
  }

  /** The last lines, as the end of an error. */
  static String end(Path log, long start) {
    List<String> lines = since(log, start).lines().toList();
    return "the last lines of "
        + log
        + ":\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }
}
