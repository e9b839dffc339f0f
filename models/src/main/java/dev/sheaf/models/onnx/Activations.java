package dev.sheaf.models.onnx;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which GPUs this JVM can use: each device with its options is tried once, and its answer kept; one
 * that failed is tried again after a pause, and one that does not answer is waited for once in all.
 *
 * <p>A trial runs on a thread of its own, because it searches for devices (see {@link Environment})
 * and because a broken driver may never answer.
 */
final class Activations {
  private static final Logger LOG = LoggerFactory.getLogger(Activations.class);
  private static final long STACK_BYTES = 64L << 20;

  /** A first use may unpack 583 MB and, with TensorRT, compile an engine. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** A device that another process held may be free by then. */
  private static final Duration PAUSE = Duration.ofMinutes(10);

  private static final Activations SHARED = new Activations(GpuTrial::run, LIMIT, LOG::warn);

  private final Trial trial;
  private final Duration limit;
  private final Consumer<String> warnings;
  private final LongSupplier nanos;
  private final Map<GpuProvider, Attempt> trials = new ConcurrentHashMap<>();
  private final Set<GpuProvider> warned = ConcurrentHashMap.newKeySet();

  /** Finds out whether a provider works. */
  interface Trial {
    /** Ends normally if it does. */
    void run(GpuProvider provider) throws Exception;
  }

  /** A trial, and when it began. */
  private record Attempt(FutureTask<Void> answer, long began) {}

  Activations(Trial trial, Duration limit, Consumer<String> warnings) {
    this(trial, limit, warnings, System::nanoTime);
  }

  /**
   * Starts without any answers.
   *
   * @param nanos the time in nanoseconds, from any beginning
   */
  Activations(Trial trial, Duration limit, Consumer<String> warnings, LongSupplier nanos) {
    this.trial = trial;
    this.limit = limit;
    this.warnings = warnings;
    this.nanos = nanos;
  }

  static Activations shared() {
    return SHARED;
  }

  /** See {@link ExecutionProvider#activate()}. */
  ExecutionProvider activate(ExecutionProvider provider) {
    if (!(provider instanceof GpuProvider gpu)) {
      return provider;
    }
    GpuProvider bare = gpu.bare();
    try {
      await(bare);
      return gpu;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OnnxFailure("interrupted while " + bare.title() + " was tried", e);
    } catch (OnnxFailure failure) {
      if (gpu.fallback().isEmpty()) {
        throw new OnnxFailure(
            failure.getMessage()
                + "; to go on without a GPU choose "
                + gpu.factory()
                + ".orCpu(), see docs/gpu.md",
            failure);
      }
      if (warned.add(bare)) {
        warnings.accept(failure.getMessage() + "; the CPU takes its place");
      }
      return gpu.fallback().get();
    }
  }

  private void await(GpuProvider bare) throws InterruptedException {
    Attempt attempt =
        Objects.requireNonNull(
            trials.compute(
                bare, (key, last) -> last == null || mayGoAgain(last) ? start(bare) : last));
    long left = limit.toNanos() - (nanos.getAsLong() - attempt.began());
    try {
      attempt.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw GpuFailure.explain(bare, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw GpuFailure.unanswered(bare, limit, e);
    }
  }

  /** A trial without an answer goes on; another one would hang beside it. */
  private boolean mayGoAgain(Attempt last) {
    return last.answer().isDone()
        && failed(last.answer())
        && nanos.getAsLong() - last.began() >= PAUSE.toNanos();
  }

  private static boolean failed(FutureTask<Void> done) {
    try {
      done.get(0, TimeUnit.NANOSECONDS);
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Attempt start(GpuProvider bare) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              trial.run(bare);
              return null;
            });
    Thread thread = new Thread(null, task, "sheaf-gpu-trial", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return new Attempt(task, nanos.getAsLong());
  }
}
