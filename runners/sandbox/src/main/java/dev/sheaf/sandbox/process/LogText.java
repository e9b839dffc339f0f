package dev.sheaf.sandbox.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What a server wrote since it started. */
final class LogText {
  private static final int LAST_LINES = 8;
  private static final Pattern ERROR =
      Pattern.compile("\\bERROR\\b|^Caused by:|^[\\w.]+(Exception|Error)\\b|OutOfMemoryError");

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

  /** What matters of it as the end of an error: the lines that tell of one, else the last ones. */
  static String end(Path log, long start) {
    List<String> lines = since(log, start).lines().toList();
    List<String> errors = lines.stream().filter(line -> ERROR.matcher(line).find()).toList();
    List<String> shown = errors.isEmpty() ? lines : errors;
    return (errors.isEmpty() ? "the last lines of " : "the errors in ")
        + log
        + ":\n"
        + String.join("\n", shown.subList(Math.max(0, shown.size() - LAST_LINES), shown.size()));
  }
}
