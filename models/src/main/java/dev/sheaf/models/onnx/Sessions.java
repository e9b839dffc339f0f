package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens lean ONNX Runtime sessions: one thread, no arena, no memory pattern. */
final class Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Sessions() {}

  static OrtSession open(byte[] onnx, ExecutionProvider provider) {
    if (provider instanceof ExecutionProvider.Cuda cuda) {
      return openCuda(onnx, cuda);
    }
    return openCpu(onnx);
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new OnnxFailure("cannot close a session: " + e.getMessage(), e);
    }
  }

  private static OrtSession openCpu(byte[] onnx) {
    try (SessionOptions options = lean()) {
      return Environment.get().createSession(onnx, options);
    } catch (OrtException e) {
      throw new OnnxFailure("cannot load a model: " + e.getMessage(), e);
    }
  }

  private static OrtSession openCuda(byte[] onnx, ExecutionProvider.Cuda cuda) {
    try (SessionOptions options = lean()) {
      options.addCUDA(cuda.device());
      return Environment.get().createSession(onnx, options);
    } catch (OrtException e) {
      if (cuda.absence() == ExecutionProvider.Cuda.Absence.FAILS) {
        throw new OnnxFailure(
            "cannot use CUDA device "
                + cuda.device()
                + ": it needs the artefact onnxruntime_gpu (Maven profile gpu), CUDA 12 and a GPU, or"
                + " choose cuda().orCpu(); "
                + e.getMessage(),
            e);
      }
      if (!WARNED.getAndSet(true)) {
        LOG.warn("CUDA device {} cannot be used, using the CPU: {}", cuda.device(), e.getMessage());
      }
      return openCpu(onnx);
    }
  }

  private static SessionOptions lean() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setCPUArenaAllocator(false);
    options.setMemoryPatternOptimization(false);
    options.setOptimizationLevel(SessionOptions.OptLevel.NO_OPT);
    return options;
  }
}
