package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * ONNX Runtime's environment, one for the JVM.
 *
 * <p>Making it searches the machine for devices with a recursion that was seen to need about 1 MiB
 * of stack, which is all that a Java thread has; beyond that the process dies of a segmentation
 * fault. So it is made on a thread of its own with room.
 */
final class Environment {
  private static final long STACK_BYTES = 64L << 20;
  private static final long LIMIT_SECONDS = 120;

  /** One start for the JVM; whoever comes waits for it, and may come again. */
  private static final FutureTask<OrtEnvironment> START = start();

  private Environment() {}

  /**
   * The environment.
   *
   * @throws OnnxFailure if it does not start, or if the thread is interrupted before it has started
   */
  static OrtEnvironment get() {
    try {
      return START.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new OnnxFailure("cannot start ONNX Runtime: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new OnnxFailure("ONNX Runtime did not start within " + LIMIT_SECONDS + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OnnxFailure("interrupted while ONNX Runtime started", e);
    }
  }

  private static FutureTask<OrtEnvironment> start() {
    FutureTask<OrtEnvironment> task = new FutureTask<>(OrtEnvironment::getEnvironment);
    Thread thread = new Thread(null, task, "onnxruntime-start", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
