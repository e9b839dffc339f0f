package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import java.util.List;
import java.util.Map;

/**
 * Makes elements a model's inputs, and its outputs their results; made for one open model, used by
 * one thread.
 *
 * @param <PreparedT> the inputs of one element
 */
interface Translator<InT, PreparedT, OutT> {
  /**
   * Reads the inputs off an element.
   *
   * @throws Exception if the element is bad; its message is the reason
   */
  PreparedT prepare(InT element) throws Exception;

  /** What must be equal for elements to share a call, such as the shapes of their tensors. */
  Object likeness(PreparedT prepared);

  /** How many bytes the inputs of an element are. */
  long byteSize(PreparedT prepared);

  /** What an element counts of {@link Batching#withMaximumWeight}. */
  long weight(InT element, PreparedT prepared);

  /** What {@link Batching#inLengthBuckets} sorts an element by. */
  long length(InT element, PreparedT prepared);

  /** The inputs of one call for elements that are alike, in their order. */
  Map<String, Tensor> assemble(List<PreparedT> elements);

  /**
   * Calls the model, for what the results need.
   *
   * @throws dev.sheaf.models.onnx.MixedRowsFailure if the outputs are not one for each row
   */
  Map<String, OnnxOutput> run(TensorSession session, Map<String, Tensor> inputs);

  /** Makes ready to take results out of what a call gave. */
  Results<InT, OutT> results(Map<String, OnnxOutput> outputs, List<PreparedT> elements);

  /** What a call gave, element by element. */
  interface Results<InT, OutT> {
    /**
     * The result of an element.
     *
     * @param place its place in the call
     * @throws Exception if there is none; its message is the reason
     */
    OutT of(InT element, int place) throws Exception;
  }
}
