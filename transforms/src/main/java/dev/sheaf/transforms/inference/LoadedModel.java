package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.SplitModel;
import dev.sheaf.models.table.Feature;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model in memory: a session of its own, or its weights for the session of a template. */
sealed interface LoadedModel {
  /** The features that it reads, in order. */
  List<Feature> features();

  /** The classes that it knows; empty if it predicts a number. */
  List<String> classes();

  /** What it takes, without the template that it shares. */
  long byteSize();

  /** Gives back what lies outside the heap. */
  void release();

  /** Whether its rows go with those of other models. */
  default boolean isMixed() {
    return false;
  }

  /**
   * A model with a session of its own.
   *
   * @param split the model taken apart, should there be a template of its shape; null if there is
   *     none
   */
  record Alone(ModelSession session, @Nullable SplitModel split) implements LoadedModel {
    @Override
    public List<Feature> features() {
      return session.features();
    }

    @Override
    public List<String> classes() {
      return session.classes();
    }

    @Override
    public long byteSize() {
      return session.byteSize() + (split == null ? 0 : split.byteSize());
    }

    @Override
    public void release() {
      session.close();
    }
  }

  /** A model that shares the session of its template. */
  record Weighted(SharedTemplate template, ModelWeights weights) implements LoadedModel {
    @Override
    public List<Feature> features() {
      return template.session().features();
    }

    @Override
    public List<String> classes() {
      return template.session().classes();
    }

    @Override
    public long byteSize() {
      return weights.byteSize();
    }

    @Override
    public void release() {
      template.release();
    }

    @Override
    public boolean isMixed() {
      return template.isMixed();
    }
  }
}
