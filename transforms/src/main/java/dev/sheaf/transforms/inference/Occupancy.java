package dev.sheaf.transforms.inference;

/**
 * Keeps what a DoFn instance holds outside the heap from being freed under a call.
 *
 * <p>A runner may tear an instance down from another thread while its bundle still runs. Then the
 * thread that runs frees when its method ends; nobody waits. Later methods fail.
 */
final class Occupancy {
  private final Runnable free;
  private boolean busy;
  private boolean closed;

  Occupancy(Runnable free) {
    this.free = free;
  }

  /** Begins a method; {@link #leave} must follow whatever happens. */
  synchronized void enter() {
    if (closed) {
      throw new IllegalStateException("the instance was torn down while its bundle ran");
    }
    busy = true;
  }

  /** Ends a method. */
  void leave() {
    synchronized (this) {
      busy = false;
      if (!closed) {
        return;
      }
    }
    free.run();
  }

  /** Frees, now or when the running method ends; a second time does nothing. */
  void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (busy) {
        return;
      }
    }
    free.run();
  }
}
