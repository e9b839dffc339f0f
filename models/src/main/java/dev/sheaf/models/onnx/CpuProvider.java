package dev.sheaf.models.onnx;

import org.jspecify.annotations.Nullable;

/**
 * The CPU.
 *
 * @param threads that work on one call, at least 1. One is best where bundles keep the cores busy,
 *     as runners do; more shorten a single call of a big model
 * @param optimization how far graphs are rewritten; null for what suits the session: nothing for
 *     Sheaf's own small models, everything for other models
 * @param warmUpRows rows of the made-up call when a session is opened, 0 for none
 */
public record CpuProvider(int threads, @Nullable GraphOptimization optimization, int warmUpRows)
    implements ExecutionProvider {
  static final CpuProvider LEAN = new CpuProvider(1, null, 0);

  private static final int MOST_THREADS = 1024;

  public CpuProvider {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "cannot compute on " + threads + " threads; valid are 1 to " + MOST_THREADS);
    }
    GpuSettings.checkWarmUp(warmUpRows);
  }

  /** Works on one call with so many threads, 1 to 1024; 1 unless set. */
  public CpuProvider withThreads(int count) {
    return new CpuProvider(count, optimization, warmUpRows);
  }

  /**
   * Rewrites graphs so far; unless set, not at all for Sheaf's own small models, which open faster
   * so, and to the full for other models.
   */
  public CpuProvider withOptimization(GraphOptimization level) {
    return new CpuProvider(threads, level, warmUpRows);
  }

  /** Calls each session when it is opened with so many made-up rows; with none unless set. */
  public CpuProvider withWarmUp(int rows) {
    return new CpuProvider(threads, optimization, rows);
  }

  @Override
  public String runtimeName() {
    return "CPUExecutionProvider";
  }
}
