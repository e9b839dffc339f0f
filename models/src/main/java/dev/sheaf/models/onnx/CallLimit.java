package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends native calls that pass their time limit.
 *
 * <p>Each thread that calls models has a slot with its deadline, which costs a call two writes of
 * memory. One daemon thread for the JVM looks at all slots every few milliseconds and tells ONNX
 * Runtime to end what is past its deadline. ONNX Runtime does so at the next node of the graph: a
 * single slow node is not cut short.
 */
final class CallLimit {
  private static final Logger LOG = LoggerFactory.getLogger(CallLimit.class);

  /** How often the watchdog looks, and so about how far a call may outlast its limit. */
  private static final long TICK_NANOS = 5_000_000;

  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(1);
  private static final ThreadLocal<@Nullable Slot> SLOT = new ThreadLocal<>();

  private final Duration duration;
  private final long nanos;

  private CallLimit(Duration duration) {
    this.duration = duration;
    this.nanos = duration.toNanos();
  }

  /** A limit of 1 millisecond to 1 day. */
  static CallLimit of(Duration duration) {
    return new CallLimit(checked(duration));
  }

  static Duration checked(Duration limit) {
    if (limit.compareTo(LEAST) < 0 || limit.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          "cannot limit calls of a model to " + limit + "; valid are 1 millisecond to 1 day");
    }
    return limit;
  }

  /** A native call. */
  interface Call<T> {
    T run(RunOptions options) throws OrtException;
  }

  /**
   * Runs a call under this limit.
   *
   * @throws CallLimitException if it was ended
   */
  <T> T run(Call<T> call) throws OrtException {
    Slot slot = slot();
    slot.begin(System.nanoTime() + nanos);
    T result;
    try {
      result = call.run(slot.options);
    } catch (OrtException e) {
      if (slot.end()) {
        throw new CallLimitException(duration, e);
      }
      throw e;
    } catch (RuntimeException | Error e) {
      slot.end();
      throw e;
    }
    slot.end();
    return result;
  }

  private static Slot slot() throws OrtException {
    Slot slot = SLOT.get();
    if (slot == null) {
      slot = new Slot(Thread.currentThread());
      SLOT.set(slot);
      Watchdog.add(slot);
    }
    return slot;
  }

  /** What one thread is calling, and until when. */
  private static final class Slot {
    private static final long IDLE = Long.MIN_VALUE;
    private static final long ENDING = IDLE + 1;
    private static final long ENDED = IDLE + 2;

    private final Thread owner;
    private final RunOptions options;

    /** The deadline of the call that runs, or one of the states. */
    private final AtomicLong state = new AtomicLong(IDLE);

    Slot(Thread owner) throws OrtException {
      this.owner = owner;
      this.options = new RunOptions();
    }

    void begin(long deadline) {
      state.set(Math.max(deadline, ENDED + 1));
    }

    /** Ends the watch; true if the call was told to end. */
    boolean end() throws OrtException {
      long before = state.get();
      if (before > ENDED && state.compareAndSet(before, IDLE)) {
        return false;
      }
      while (state.get() != ENDED) {
        Thread.onSpinWait();
      }
      options.setTerminate(false);
      state.set(IDLE);
      return true;
    }

    /** Tells the call to end if it is past its deadline. */
    void look(long now) {
      long deadline = state.get();
      if (deadline <= ENDED || now - deadline < 0 || !state.compareAndSet(deadline, ENDING)) {
        return;
      }
      try {
        options.setTerminate(true);
      } catch (OrtException e) {
        LOG.error("cannot end a call of a model that passed its limit", e);
      } finally {
        state.set(ENDED);
      }
    }
  }

  /** The thread that looks at the slots; it ends when no thread is left that has one. */
  private static final class Watchdog {
    private static final List<Slot> SLOTS = new ArrayList<>();
    private static boolean watching;

    private Watchdog() {}

    static void add(Slot slot) {
      synchronized (SLOTS) {
        SLOTS.add(slot);
        if (!watching) {
          Thread thread = new Thread(Watchdog::watch, "sheaf-call-limit");
          thread.setDaemon(true);
          thread.start();
          watching = true;
        }
      }
    }

    private static void watch() {
      while (look()) {
        LockSupport.parkNanos(TICK_NANOS);
      }
    }

    private static boolean look() {
      synchronized (SLOTS) {
        long now = System.nanoTime();
        for (Iterator<Slot> slots = SLOTS.iterator(); slots.hasNext(); ) {
          Slot slot = slots.next();
          if (slot.owner.isAlive()) {
            slot.look(now);
          } else {
            slots.remove();
            slot.options.close();
          }
        }
        watching = !SLOTS.isEmpty();
        return watching;
      }
    }
  }
}
