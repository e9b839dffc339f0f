package dev.sheaf.transforms.inference;

import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** What becomes of threads that a runner stops. */
final class Interrupts {
  private Interrupts() {}

  /**
   * Takes a lock under which another thread may read a store or open a model for minutes.
   *
   * @throws IllegalStateException if this thread is interrupted before
   */
  static void lock(Lock lock, String what) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + what, e);
    }
  }

  /** Whether something failed because its thread was stopped, as when a pipeline is cancelled. */
  static boolean stopped(Exception failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return Thread.currentThread().isInterrupted();
  }
}
