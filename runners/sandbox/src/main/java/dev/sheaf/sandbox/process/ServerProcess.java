package dev.sheaf.sandbox.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, known by a folder and a name: {@code NAME.log} holds all that
 * it says, {@code NAME.pid} which process it is, so that another JVM finds it again.
 *
 * <pre>{@code
 * ServerProcess broker = ServerProcess.start(folder, "broker", command, Lifetime.OF_THIS_JVM);
 * broker.await("started", () -> broker.says("Server started"), Duration.ofSeconds(60));
 * broker.stop(Duration.ofSeconds(20));
 * }</pre>
 */
public final class ServerProcess {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(20);

  private final Path folder;
  private final String name;
  private final ProcessHandle handle;
  private final long logStart;
  private final @Nullable Process guard;

  private ServerProcess(
      Path folder, String name, ProcessHandle handle, long logStart, @Nullable Process guard) {
    this.folder = folder;
    this.name = name;
    this.handle = handle;
    this.logStart = logStart;
    this.guard = guard;
  }

  /**
   * Starts a process and does not wait for what it does.
   *
   * @throws SandboxException if one of this name runs in the folder, or the process cannot be made
   */
  public static ServerProcess start(
      Path folder, String name, JavaCommand command, Lifetime lifetime) {
    find(folder, name)
        .ifPresent(
            running -> {
              throw new SandboxException(
                  "cannot start "
                      + name
                      + " in "
                      + folder
                      + ": process "
                      + running.pid()
                      + " is it");
            });
    Path log = folder.resolve(name + ".log");
    List<String> words = new ArrayList<>();
    if (lifetime == Lifetime.UNTIL_STOPPED) {
      words.add("nohup"); // The end of the terminal is no end of the server.
    }
    words.addAll(command.words());
    try {
      Files.createDirectories(folder);
      long logStart = Files.exists(log) ? Files.size(log) : 0;
      Process process =
          new ProcessBuilder(words)
              .directory(folder.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      PidFile.at(folder, name).write(process.toHandle());
      Process guard = lifetime == Lifetime.OF_THIS_JVM ? guard(process.pid()) : null;
      return new ServerProcess(folder, name, process.toHandle(), logStart, guard);
    } catch (IOException e) {
      throw new SandboxException("cannot start " + name + " in " + folder + ": " + e, e);
    }
  }

  /**
   * A shell that reads from this JVM until it is gone, however it went, and then ends the server; a
   * hook would not run if this JVM is killed.
   */
  private static Process guard(long pid) throws IOException {
    return new ProcessBuilder("sh", "-c", "read -r line; kill -9 " + pid)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** The process of this name that an earlier call started in the folder, if it is still there. */
  public static Optional<ServerProcess> find(Path folder, String name) {
    return PidFile.at(folder, name)
        .read()
        .map(handle -> new ServerProcess(folder, name, handle, 0, null));
  }

  public String name() {
    return name;
  }

  public long pid() {
    return handle.pid();
  }

  /** All that it wrote, this run's after those of earlier runs. */
  public Path log() {
    return folder.resolve(name + ".log");
  }

  public boolean isAlive() {
    return PidFile.isAlive(handle);
  }

  /** Whether this run's log holds a text. */
  public boolean says(String text) {
    return LogText.since(log(), logStart).contains(text);
  }

  /**
   * Waits until a condition holds.
   *
   * @param what the condition in words, for the error
   * @throws SandboxException if the process ends first or the time is over; with the log's end
   */
  public void await(String what, Condition condition, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (!isAlive()) {
        forget();
        throw new SandboxException(
            name + " ended before it was " + what + "; " + LogText.end(log(), logStart));
      }
      if (System.nanoTime() > end) {
        throw new SandboxException(
            name
                + " was not "
                + what
                + " within "
                + limit.toSeconds()
                + " s; "
                + LogText.end(log(), logStart));
      }
      pause();
    }
  }

  /** Waits until the process has ended by itself; false if it is there when the time is over. */
  public boolean awaitEnd(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (isAlive()) {
      if (System.nanoTime() > end) {
        return false;
      }
      pause();
    }
    forget();
    return true;
  }

  /**
   * Asks the process to end and, when the time is over, kills it. One that has ended is left alone.
   */
  public void stop(Duration limit) {
    handle.destroy();
    if (!isGone(limit)) {
      handle.destroyForcibly();
      requireEnd();
    }
  }

  /** Ends the process at once, as {@code kill -9} does, and waits until it is gone. */
  public void kill() {
    handle.destroyForcibly();
    requireEnd();
  }

  private void requireEnd() {
    if (!isGone(KILL_LIMIT)) {
      throw new SandboxException(
          "cannot end "
              + name
              + ": process "
              + pid()
              + " is there "
              + KILL_LIMIT.toSeconds()
              + " s after it was killed");
    }
  }

  /** As {@link #awaitEnd}, also in a thread that is interrupted: whatever happens it must end. */
  private boolean isGone(Duration limit) {
    boolean interrupted = Thread.interrupted();
    try {
      long end = System.nanoTime() + limit.toNanos();
      while (isAlive() && System.nanoTime() < end) {
        LockSupport.parkNanos(POLL.toNanos());
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (isAlive()) {
      return false;
    }
    forget();
    return true;
  }

  private void forget() {
    PidFile.at(folder, name).deleteIf(handle);
    if (guard != null) {
      guard.destroyForcibly();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for a server", e);
    }
  }

  /** Something to wait for. */
  @FunctionalInterface
  public interface Condition {
    boolean holds();
  }
}
