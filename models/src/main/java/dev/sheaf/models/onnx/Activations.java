package dev.sheaf.models.onnx;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which GPUs this JVM can use: each device with its options is tried once, and its answer kept.
 *
 * <p>A trial runs on a thread of its own, because it searches for devices (see {@link Environment})
 * and because a broken driver may never answer.
 */
final class Activations {
  private static final Logger LOG = LoggerFactory.getLogger(Activations.class);
  private static final long STACK_BYTES = 64L << 20;

  /** A first use may unpack 583 MB and, with TensorRT, compile an engine. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Activations SHARED = new Activations(GpuTrial::run, LIMIT, LOG::warn);

  private final Trial trial;
  private final Duration limit;
  private final Consumer<String> warnings;
  private final Map<GpuProvider, FutureTask<Void>> trials = new ConcurrentHashMap<>();
  private final Set<GpuProvider> warned = ConcurrentHashMap.newKeySet();

  /** Finds out whether a provider works. */
  interface Trial {
    /** Ends normally if it does. */
    void run(GpuProvider provider) throws Exception;
  }

  Activations(Trial trial, Duration limit, Consumer<String> warnings) {
    this.trial = trial;
    this.limit = limit;
    this.warnings = warnings;
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

  private void await(GpuProvider bare) {
    FutureTask<Void> answer = trials.computeIfAbsent(bare, this::start);
    try {
      answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw GpuFailure.explain(bare, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw GpuFailure.unanswered(bare, limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OnnxFailure("interrupted while " + bare.title() + " was tried", e);
    }
  }

  private FutureTask<Void> start(GpuProvider bare) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              trial.run(bare);
              return null;
            });
    Thread thread = new Thread(null, task, "sheaf-gpu-trial", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
