package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.ModelSplitter;
import dev.sheaf.models.onnx.SplitModel;
import dev.sheaf.models.onnx.TemplateSession;
import dev.sheaf.transforms.inference.LoadedModel.Alone;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Opens models: the first of a shape with a session of its own; when the second comes, or when many
 * rows have asked for the first, that is replaced by its weights, and from then on all of them
 * share the session of their template.
 */
final class Templates {
  /** Shapes that are remembered; the one that was asked for longest ago is forgotten. */
  private static final int LARGEST_NUMBER = 4096;

  /** One is enough, unless the second model comes before the first is where it is to be found. */
  private static final int MOST_LOOKS = 100;

  private final ModelSplitter splitter = new ModelSplitter();
  private final AtomicLong heldBytes;
  private final Replacement replacement;
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
    /** The first model, as long as somebody has it. */
    private @Nullable WeakReference<Alone> first;

    /** How often the first is still looked for, to be replaced. */
    private int looks = MOST_LOOKS;

    private boolean unfit;
    private @Nullable SharedTemplate open;
  }

  /** Puts a model in place of one that was opened; false if that is not there any more. */
  @FunctionalInterface
  interface Replacement {
    boolean replace(Alone first, Weighted by);
  }

  /** Counts the open templates' bytes in {@code heldBytes}. */
  Templates(AtomicLong heldBytes, Replacement replacement) {
    this.heldBytes = heldBytes;
    this.replacement = replacement;
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
            ? splitter.split(onnx)
            : Optional.empty();
    if (split.isEmpty()) {
      return new Alone(ModelSession.open(onnx, provider), null);
    }
    Shape shape;
    synchronized (shapes) {
      shape = shapes.computeIfAbsent(split.get().template().digest(), digest -> new Shape());
    }
    synchronized (shape) {
      SharedTemplate open = shape.open;
      if (open != null && open.retain()) {
        replaceFirst(shape, open);
        return new Weighted(open, split.get().weights());
      }
      ModelSession alone = ModelSession.open(onnx, provider);
      if (shape.unfit) {
        return new Alone(alone, null);
      }
      if (shape.first == null) {
        Alone first = new Alone(alone, split.get());
        shape.first = new WeakReference<>(first);
        return first;
      }
      return open(split.get(), alone, shape);
    }
  }

  /**
   * Has the first model of a shape go over to the template, which does less for each row than its
   * session; to be called while it is in use.
   */
  void share(Alone first) {
    SplitModel split = first.split();
    if (split == null) {
      return;
    }
    Shape shape;
    synchronized (shapes) {
      shape = shapes.computeIfAbsent(split.template().digest(), digest -> new Shape());
    }
    synchronized (shape) {
      SharedTemplate template = shape.unfit ? null : shape.open;
      if (template == null || !template.retain()) {
        template = shape.unfit ? null : template(split, first.session(), shape);
      }
      if (template == null) {
        return;
      }
      Weighted weighted = new Weighted(template, split.weights());
      if (replacement.replace(first, weighted)) {
        shape.first = null;
      } else {
        weighted.release();
      }
    }
  }

  /** Forgets which shapes there were; templates that are open stay so. */
  void clear() {
    splitter.clear();
    synchronized (shapes) {
      shapes.clear();
    }
  }

  private LoadedModel open(SplitModel split, ModelSession alone, Shape shape) {
    SharedTemplate opened;
    try {
      opened = template(split, alone, shape);
    } catch (RuntimeException | Error e) {
      alone.close();
      throw e;
    }
    if (opened == null) {
      return new Alone(alone, null);
    }
    alone.close();
    replaceFirst(shape, opened);
    return new Weighted(opened, split.weights());
  }

  /** Opens the template of a shape; null if there can be none. */
  private @Nullable SharedTemplate template(SplitModel split, ModelSession alone, Shape shape) {
    Optional<TemplateSession> session = TemplateSession.open(split, alone);
    if (session.isEmpty()) {
      shape.unfit = true;
      return null;
    }
    heldBytes.addAndGet(session.get().byteSize());
    shape.open =
        new SharedTemplate(
            session.get(), closed -> heldBytes.addAndGet(-closed.session().byteSize()));
    return shape.open;
  }

  private void replaceFirst(Shape shape, SharedTemplate by) {
    Alone first = shape.looks == 0 || shape.first == null ? null : shape.first.get();
    SplitModel split = first == null ? null : first.split();
    if (first == null || split == null || !by.retain()) {
      return;
    }
    shape.looks--;
    Weighted weighted = new Weighted(by, split.weights());
    if (replacement.replace(first, weighted)) {
      shape.looks = 0;
    } else {
      weighted.release();
    }
  }
}
