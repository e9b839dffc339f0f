package dev.sheaf.models.runs;

import dev.sheaf.models.runs.PartFile.Timed;
import dev.sheaf.models.store.Keys;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what one worker finishes as a row of parts; may be used by many threads.
 *
 * <p>A key is held until its part is written: 2 seconds, later up to a twentieth of the time that
 * the writer has worked, a minute at most, and no longer than until 32 MiB or 20,000 keys are held.
 * It is written by whoever adds the key that makes a part due, who waits for it, or by the writer's
 * own thread if none is added. Ending the JVM in an orderly way (SIGTERM, Ctrl-C) writes what is
 * held; killing it loses what is held and nothing else.
 *
 * <p>A key that is added again, as when a worker repeats a bundle, replaces what was added before.
 *
 * <p>If a part cannot be written the method throws {@link StoreException}, the keys stay held, and
 * the next part has them, too.
 */
public final class RunWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunWriter.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  private final TrainingRun run;
  private final Clock clock;
  private final FlushRule rule;
  private final Instant opened;
  private final String name = UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  private final Object holding = new Object();
  private final Object writing = new Object();
  private Held held = new Held();
  private int parts;
  private boolean closed;
  private Runnable stopTicking = () -> {};
  private @Nullable Thread atShutdown;

  RunWriter(TrainingRun run, Clock clock, FlushRule rule) {
    this.run = run;
    this.clock = clock;
    this.rule = rule;
    this.opened = clock.instant();
  }

  /** A writer with a thread of its own and a hook at the JVM's end. */
  static RunWriter started(TrainingRun run, Clock clock) {
    RunWriter writer = new RunWriter(run, clock, FlushRule.USUAL);
    writer.startTicking(TICK);
    return writer;
  }

  /** Holds a key and writes a part if it is due. */
  public void add(FinishedKey key) {
    synchronized (holding) {
      checkOpen();
      held.add(new Timed(key, clock.instant()));
    }
    flushIfDue();
  }

  /** As {@link #add} for a key whose outcome of an earlier time was used again. */
  public void skip(String key) {
    Keys.check(key);
    synchronized (holding) {
      checkOpen();
      held.skip(key, clock.instant());
    }
    flushIfDue();
  }

  /** Writes a part if one is due. */
  public void flushIfDue() {
    boolean due;
    synchronized (holding) {
      Instant oldest = held.oldest;
      Instant now = clock.instant();
      due =
          oldest != null
              && rule.isDue(
                  Duration.between(oldest, now),
                  Duration.between(opened, now),
                  held.size(),
                  held.bytes);
    }
    if (due) {
      flush();
    }
  }

  /** Writes all that is held; returns when it can be read. */
  public void flush() {
    synchronized (writing) {
      Held taken;
      synchronized (holding) {
        taken = held;
        held = new Held();
      }
      if (taken.size() == 0) {
        return;
      }
      try {
        write(taken);
      } catch (RuntimeException | Error e) {
        synchronized (holding) {
          taken.addAll(held);
          held = taken;
        }
        throw e;
      }
    }
  }

  /** Writes all that is held; nothing can be added after it. */
  @Override
  public void close() {
    synchronized (holding) {
      closed = true;
    }
    stopTicking.run();
    flush();
    Thread hook = atShutdown;
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The JVM is ending: its hook for run {} finds nothing held", run);
      }
    }
  }

  void startTicking(Duration tick) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread daemon = new Thread(task, "run-writer-" + name);
              daemon.setDaemon(true);
              return daemon;
            });
    ScheduledFuture<?> ticks =
        thread.scheduleWithFixedDelay(
            () -> orWarn(this::flushIfDue),
            tick.toMillis(),
            tick.toMillis(),
            TimeUnit.MILLISECONDS);
    stopTicking =
        () -> {
          ticks.cancel(false);
          thread.shutdown();
        };
    Thread hook = new Thread(() -> orWarn(this::flush), "run-writer-end-" + name);
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      atShutdown = hook;
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is ending: run {} has no hook for it", run);
    }
  }

  /** Runs where nobody could catch it; the keys stay held, so whoever writes next throws. */
  private void orWarn(Runnable flush) {
    try {
      flush.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("A part of run {} could not be written; it is tried again", run, e);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("cannot add to run " + run + ": its writer is closed");
    }
  }

  /** Whoever cancels a run interrupts its threads: what is finished is written all the same. */
  private void write(Held taken) {
    PartFile part = PartFile.of(run.start(), taken.finished.values(), taken.skipped);
    PartName partName = PartName.of(run.start().attempt(), clock.instant(), name, ++parts);
    String file = run.partsFolder() + "/" + partName;
    boolean interrupted = Thread.interrupted();
    try {
      try {
        run.store().files().write(file, part::writeTo);
      } catch (ClosedByInterruptException e) {
        interrupted |= Thread.interrupted();
        run.store().files().write(file, part::writeTo);
      }
    } catch (IOException e) {
      throw RunStore.failure("write what was finished to", file, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What waits for its part. */
  private static final class Held {
    private static final int BYTES_PER_KEY = 1_000;

    private final Map<String, Timed> finished = new LinkedHashMap<>();
    private final Map<String, Instant> skipped = new LinkedHashMap<>();
    private long bytes;
    private @Nullable Instant oldest;

    void add(Timed timed) {
      byte @Nullable [] onnx = timed.key().onnx();
      bytes += BYTES_PER_KEY + timed.key().key().length() + (onnx == null ? 0 : onnx.length);
      finished.put(timed.key().key(), timed);
      since(timed.at());
    }

    void skip(String key, Instant at) {
      bytes += BYTES_PER_KEY + key.length();
      skipped.put(key, at);
      since(at);
    }

    void addAll(Held later) {
      later.finished.values().forEach(this::add);
      later.skipped.forEach(this::skip);
    }

    int size() {
      return finished.size() + skipped.size();
    }

    private void since(Instant at) {
      if (oldest == null) {
        oldest = at;
      }
    }
  }
}
