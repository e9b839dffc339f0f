package dev.sheaf.models.train;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes calls one after the other on another thread, each for no longer than a limit. */
final class LimitedCalls implements AutoCloseable {
  /** How long an interrupted call may take to end before its thread is left behind. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final String name;
  private final Duration limit;
  private volatile ExecutorService thread;
  private volatile boolean closed;

  /** How a call ended. */
  sealed interface Result<T> {}

  /** It returned. */
  record Done<T>(T value) implements Result<T> {}

  /** It threw. */
  record Failed<T>(Throwable cause) implements Result<T> {}

  /** It did not end in time; {@code ended} says whether it did once it was interrupted. */
  record TimedOut<T>(Duration limit, boolean ended) implements Result<T> {}

  LimitedCalls(String name, Duration limit) {
    this.name = name;
    this.limit = limit;
    this.thread = newThread();
  }

  private ExecutorService newThread() {
    return Executors.newSingleThreadExecutor(
        work -> {
          Thread made = new Thread(work, name);
          made.setDaemon(true);
          return made;
        });
  }

  /**
   * Makes a call, unless this thread is interrupted already.
   *
   * @throws CancellationException if this thread is interrupted before it knows how the call ended,
   *     or if another one closes this meanwhile, as a runner does that cancels a pipeline
   */
  <T> Result<T> call(Callable<T> work) {
    if (closed) {
      throw cancelled("closed", null);
    }
    try {
      // a Future gives the result of a call that ended quickly to an interrupted thread as well
      if (Thread.interrupted()) {
        throw new InterruptedException("before " + name);
      }
      Result<T> result = await(thread.submit(work));
      if (closed) {
        throw cancelled("closed", null);
      }
      return result;
    } catch (RejectedExecutionException e) {
      throw cancelled("closed", e);
    } catch (InterruptedException e) {
      thread.shutdownNow();
      thread = newThread();
      Thread.currentThread().interrupt();
      throw cancelled("interrupted", e);
    }
  }

  private CancellationException cancelled(String what, @Nullable Exception cause) {
    CancellationException cancelled =
        new CancellationException(what + " while waiting for " + name);
    cancelled.initCause(cause);
    return cancelled;
  }

  private <T> Result<T> await(Future<T> call) throws InterruptedException {
    try {
      return new Done<>(call.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      return new Failed<>(cause == null ? e : cause);
    } catch (TimeoutException e) {
      thread.shutdownNow();
      boolean ended = thread.awaitTermination(GRACE.toNanos(), TimeUnit.NANOSECONDS);
      thread = newThread();
      return new TimedOut<>(limit, ended);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }
}
