package dev.sheaf.sandbox.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file that says which process a server is: its number, and when it started, as numbers are used
 * again.
 */
final class PidFile {
  /** The start that the system tells may differ a little from one question to the next. */
  private static final long TOLERANCE_MILLIS = 2_000;

  private final Path file;

  private PidFile(Path file) {
    this.file = file;
  }

  static PidFile at(Path folder, String name) {
    return new PidFile(folder.resolve(name + ".pid"));
  }

  void write(ProcessHandle handle) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(unfinished, handle.pid() + "\n" + started(handle) + "\n");
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The process, if it is alive. */
  Optional<ProcessHandle> read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new SandboxException("cannot read " + file + ": " + e, e);
    }
    if (lines.size() < 2 || !lines.stream().allMatch(line -> line.matches("\\d{1,18}"))) {
      throw new SandboxException(
          "cannot read "
              + file
              + ": a pid file is a process number and a start time, found "
              + lines
              + "; delete it once no such server runs");
    }
    long start = Long.parseLong(lines.get(1));
    return ProcessHandle.of(Long.parseLong(lines.get(0)))
        .filter(PidFile::isAlive)
        .filter(handle -> Math.abs(started(handle) - start) <= TOLERANCE_MILLIS);
  }

  void deleteIf(ProcessHandle handle) {
    try {
      if (Files.exists(file)
          && Files.readAllLines(file).get(0).equals(Long.toString(handle.pid()))) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new SandboxException("cannot delete " + file + ": " + e, e);
    }
  }

  /** Whether it runs; a process that ended and that nobody has asked about is not alive. */
  static boolean isAlive(ProcessHandle handle) {
    return handle.isAlive() && !isZombie(handle.pid());
  }

  /**
   * Whether it has ended and only its entry is left; while a thread is on its way out, the ports
   * and locks of the process are still held.
   */
  private static boolean isZombie(long pid) {
    Path entry = Path.of("/proc/" + pid);
    try (Stream<Path> threads = Files.list(entry.resolve("task"))) {
      String stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2) && threads.count() <= 1;
    } catch (IOException e) {
      return false; // Not Linux, or it has just gone: the handle knows.
    }
  }

  private static long started(ProcessHandle handle) {
    return handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
