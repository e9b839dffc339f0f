package dev.sheaf.transforms;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The threads of Beam's direct runner, which outlive a pipeline that fails or is cancelled. */
public final class DirectWorkers {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private DirectWorkers() {}

  /** Waits until none is at work any more, so that what they write to can be deleted. */
  public static void awaitEnd() {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (areThere() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private static boolean areThere() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("direct-runner-worker"));
  }
}
