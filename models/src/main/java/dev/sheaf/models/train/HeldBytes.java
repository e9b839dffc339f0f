package dev.sheaf.models.train;

/**
 * About how many bytes the training of one key holds, now and at most so far.
 *
 * <p>Counted by one thread at a time; read by any, as a training that is given up is reported by
 * another.
 */
final class HeldBytes {
  private volatile long now;
  private volatile long peak;

  void add(long bytes) {
    long held = now + bytes;
    now = held;
    peak = Math.max(peak, held);
  }

  void clear() {
    now = 0;
  }

  long peak() {
    return peak;
  }
}
