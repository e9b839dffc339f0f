package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.SplitModel;
import dev.sheaf.models.onnx.TemplateSession;
import dev.sheaf.transforms.inference.LoadedModel.Alone;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Opens models: the first of a shape with a session of its own, those that follow as weights of the
 * template that they all share.
 *
 * <p>A shape that only one model has thus costs one session, and the first of many one session more
 * than its followers need.
 */
final class Templates {
  /** Shapes that are remembered; the one that was asked for longest ago is forgotten. */
  private static final int LARGEST_NUMBER = 4096;

  private final AtomicLong heldBytes;
  private final Map<String, Shape> shapes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Shape> eldest) {
          return size() > LARGEST_NUMBER;
        }
      };

  /** What is known of models of one shape. */
  private static final class Shape {
    private boolean seen;
    private boolean unfit;
    private @Nullable SharedTemplate open;
  }

  /** Counts the open templates' bytes in {@code heldBytes}. */
  Templates(AtomicLong heldBytes) {
    this.heldBytes = heldBytes;
  }

  /**
   * Opens a model.
   *
   * @throws dev.sheaf.models.onnx.OnnxFailure if ONNX Runtime refuses it
   * @throws IllegalArgumentException if its inputs or outputs are not as needed
   */
  LoadedModel open(byte[] onnx, ExecutionProvider provider) {
    Optional<SplitModel> split =
        provider.activate().equals(ExecutionProvider.cpu())
            ? SplitModel.of(onnx)
            : Optional.empty();
    if (split.isEmpty()) {
      return new Alone(ModelSession.open(onnx, provider));
    }
    Shape shape;
    synchronized (shapes) {
      shape = shapes.computeIfAbsent(split.get().template().digest(), digest -> new Shape());
    }
    synchronized (shape) {
      SharedTemplate open = shape.open;
      if (open != null && open.retain()) {
        return new Weighted(open, split.get().weights());
      }
      ModelSession alone = ModelSession.open(onnx, provider);
      if (!shape.seen || shape.unfit) {
        shape.seen = true;
        return new Alone(alone);
      }
      return open(split.get(), alone, shape);
    }
  }

  /** Forgets which shapes there were; templates that are open stay so. */
  void clear() {
    synchronized (shapes) {
      shapes.clear();
    }
  }

  private LoadedModel open(SplitModel split, ModelSession alone, Shape shape) {
    Optional<TemplateSession> session;
    try {
      session = TemplateSession.open(split, alone);
    } catch (RuntimeException | Error e) {
      alone.close();
      throw e;
    }
    if (session.isEmpty()) {
      shape.unfit = true;
      return new Alone(alone);
    }
    alone.close();
    heldBytes.addAndGet(session.get().byteSize());
    SharedTemplate opened =
        new SharedTemplate(
            session.get(), closed -> heldBytes.addAndGet(-closed.session().byteSize()));
    shape.open = opened;
    return new Weighted(opened, split.weights());
  }
}
