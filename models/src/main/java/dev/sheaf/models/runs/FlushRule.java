package dev.sheaf.models.runs;

import java.time.Duration;

/**
 * When a writer writes what it holds: when it holds much, or when losing it would cost a certain
 * share of the work done so far.
 *
 * <p>By a fixed age alone a long run would leave tens of thousands of parts, which all have to be
 * listed and opened again; by the share, their number grows with the logarithm of the time.
 *
 * @param soonest held so long at least
 * @param share of the time that the writer has worked
 * @param latest held so long at most
 * @param keys held at most
 * @param bytes held at most
 */
record FlushRule(Duration soonest, double share, Duration latest, int keys, long bytes) {
  static final FlushRule USUAL =
      new FlushRule(Duration.ofSeconds(2), 0.05, Duration.ofMinutes(1), 20_000, 32L << 20);

  boolean isDue(Duration held, Duration worked, int heldKeys, long heldBytes) {
    if (heldKeys >= keys || heldBytes >= bytes) {
      return true;
    }
    long wait = Math.max((long) (worked.toMillis() * share), soonest.toMillis());
    return held.toMillis() >= Math.min(wait, latest.toMillis());
  }
}
