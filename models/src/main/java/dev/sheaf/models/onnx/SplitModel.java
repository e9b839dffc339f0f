package dev.sheaf.models.onnx;

import java.util.Optional;

/**
 * A model taken apart into its template, which it may share with many, and its own weights.
 *
 * <pre>{@code
 * Optional<SplitModel> split = SplitModel.of(onnx);
 * split.ifPresent(model -> sessionOf(model.template()).predict(..., model.weights()));
 * }</pre>
 *
 * @param template what models of one shape have in common
 * @param weights what this one has for itself
 */
public record SplitModel(ModelTemplate template, ModelWeights weights) {
  /**
   * Takes a model apart; empty if that is not possible, such as of trees, or if it is damaged:
   * whoever opens it then is told why.
   *
   * @param onnx a serialized ONNX model
   */
  public static Optional<SplitModel> of(byte[] onnx) {
    return new TemplateWriter(onnx).split();
  }

  /** About how many bytes of the heap both take. */
  public long byteSize() {
    return template.onnx().length + weights.byteSize();
  }
}
