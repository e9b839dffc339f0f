package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens ONNX Runtime's sessions on a provider.
 *
 * <p>Sheaf's own models, one for each key, get lean sessions: one thread, no arena, no rewriting of
 * the graph; so do templates, which must give the same bits. Other models, big and few, get an
 * arena and all rewriting. No session keeps a memory pattern, because ONNX Runtime keeps one for
 * each shape of input, and batches have many sizes.
 */
final class Sessions {
  private Sessions() {}

  /** Creates a session, from bytes or from a file, and may add to the options before. */
  interface Opening {
    OrtSession open(OrtEnvironment environment, SessionOptions options) throws OrtException;
  }

  /**
   * Opens a small model.
   *
   * @throws OnnxFailure if ONNX Runtime refuses it, or if it has data in other files
   */
  static OrtSession openLean(byte[] onnx, ExecutionProvider provider) {
    return open(
        provider,
        OptLevel.NO_OPT,
        (environment, options) -> {
          SelfContained.check(onnx);
          options.setCPUArenaAllocator(false);
          return environment.createSession(IntegerDivisions.guarded(onnx), options);
        });
  }

  /** Opens any model. */
  static OrtSession open(byte[] onnx, ExecutionProvider provider) {
    return open(provider, (environment, options) -> environment.createSession(onnx, options));
  }

  /** Opens any model. */
  static OrtSession open(ExecutionProvider provider, Opening opening) {
    return open(provider, OptLevel.ALL_OPT, opening);
  }

  /** Runs a model into outputs that are there already, under a limit if there is one. */
  static void run(
      OrtSession session,
      Map<String, ? extends OnnxTensorLike> inputs,
      Map<String, ? extends OnnxValue> outputs,
      @Nullable CallLimit limit)
      throws OrtException {
    if (limit == null) {
      session.run(inputs, outputs).close();
    } else {
      limit.run(options -> session.run(inputs, Set.of(), outputs, options)).close();
    }
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new OnnxFailure("cannot close a session: " + e.getMessage(), e);
    }
  }

  private static OrtSession open(ExecutionProvider wanted, OptLevel usual, Opening opening) {
    ExecutionProvider provider = wanted.activate();
    OrtEnvironment environment = Environment.get();
    OrtSession session;
    try (SessionOptions options = new SessionOptions()) {
      options.setInterOpNumThreads(1);
      options.setMemoryPatternOptimization(false);
      if (provider instanceof CpuProvider cpu) {
        GraphOptimization asked = cpu.optimization();
        options.setIntraOpNumThreads(cpu.threads());
        options.setOptimizationLevel(asked == null ? usual : asked.level());
      } else if (provider instanceof GpuProvider gpu) {
        options.setIntraOpNumThreads(1);
        options.setOptimizationLevel(usual);
        if (gpu.settings().leftovers() == GpuSettings.Leftovers.REFUSED) {
          options.addConfigEntry(GpuTrial.NO_CPU, "1");
        }
        gpu.addTo(options);
      }
      session = opening.open(environment, options);
    } catch (OrtException e) {
      throw new OnnxFailure("cannot load a model: " + e.getMessage(), e);
    }
    if (provider.warmUpRows() > 0) {
      warmUp(session, provider.warmUpRows());
    }
    return session;
  }

  private static void warmUp(OrtSession session, int rows) {
    try {
      WarmUp.run(session, rows);
    } catch (OrtException | RuntimeException e) {
      close(session);
      throw new OnnxFailure(
          "cannot warm up a model with "
              + rows
              + " made-up rows: "
              + e.getMessage()
              + "; leave out withWarmUp for it",
          e);
    }
  }
}
