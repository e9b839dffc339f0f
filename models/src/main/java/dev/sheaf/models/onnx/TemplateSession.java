package dev.sheaf.models.onnx;

import ai.onnxruntime.OrtSession;
import dev.sheaf.models.table.Feature;
import java.util.List;
import java.util.Optional;

/**
 * A template loaded into ONNX Runtime, which scores the rows of every model of its shape.
 *
 * <p>It gives the bits that a session of the model alone gives. That is checked, not assumed: a
 * template is opened beside the first of its models, and where one bit of any probe differs there
 * is no template.
 *
 * <p>Safe for use by several threads; {@link TemplateRows} are not, so each thread has its own.
 * Only {@link #close()} must wait until nobody predicts any more.
 */
public final class TemplateSession implements AutoCloseable {
  private final OrtSession session;
  private final ModelTemplate template;
  private final List<Feature> features;
  private final List<String> classes;
  private final long byteSize;

  private TemplateSession(OrtSession session, ModelTemplate template, ModelSession first) {
    this.session = session;
    this.template = template;
    this.features = first.features();
    this.classes = first.classes();
    int inputs = template.rowInputs().size() + template.weightInputs().size();
    this.byteSize =
        ModelSession.byteSize(template.onnx().length) + ModelSession.INPUT_BYTES * inputs;
  }

  /**
   * Loads the template of a model on the CPU.
   *
   * @param model the model taken apart
   * @param first the session of the same model alone
   * @return empty if the template does not give the bits that the model gives, or if one of them
   *     fails on any probe
   */
  public static Optional<TemplateSession> open(SplitModel model, ModelSession first) {
    OrtSession session;
    try {
      session = Sessions.openLean(model.template().onnx(), ExecutionProvider.cpu());
    } catch (RuntimeException notSeparable) {
      return Optional.empty();
    }
    boolean same = false;
    try {
      TemplateSession opened = new TemplateSession(session, model.template(), first);
      same = TemplateProbe.agree(opened, model, first);
      return same ? Optional.of(opened) : Optional.empty();
    } catch (RuntimeException unfit) {
      // Such as a probe that the model itself cannot answer; it then has its own session.
      return Optional.empty();
    } finally {
      if (!same) {
        Sessions.close(session);
      }
    }
  }

  OrtSession session() {
    return session;
  }

  /** The template. */
  public ModelTemplate template() {
    return template;
  }

  /** The features of all models of the template, in order. */
  public List<Feature> features() {
    return features;
  }

  /** The classes of all models of the template; empty if they predict a number. */
  public List<String> classes() {
    return classes;
  }

  /**
   * About how many bytes of native memory the loaded template takes: as a lean session of one
   * model, see {@link ModelSession#byteSize()}, and 3 KiB for each input. What rows need is in
   * {@link TemplateRows#byteSize()}.
   */
  public long byteSize() {
    return byteSize;
  }

  @Override
  public void close() {
    Sessions.close(session);
  }
}
