package dev.sheaf.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Any ONNX model, open in ONNX Runtime: named tensors in; tensors, sequences and maps out.
 *
 * <p>Safe for use by several threads. Only {@link #close()} must wait until nobody runs it any
 * more.
 *
 * <pre>{@code
 * try (TensorSession session = TensorSession.open(OnnxModel.at("/models/churn.onnx"))) {
 *   Tensor rows = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
 *   float[] churn = session.run(Map.of("features", rows)).get("churn").tensor().floats();
 * }
 * }</pre>
 */
public final class TensorSession implements AutoCloseable {
  private final String id;
  private final OrtSession session;
  private final List<TensorSpec> inputs;
  private final List<String> outputs;
  private final long byteSize;

  private TensorSession(
      String id, OrtSession session, List<TensorSpec> inputs, List<String> outputs, long byteSize) {
    this.id = id;
    this.session = session;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.byteSize = byteSize;
  }

  /**
   * Loads a model.
   *
   * @throws OnnxFailure if it cannot be read, or if ONNX Runtime refuses it
   * @throws IllegalArgumentException if it breaks a limit or has an input of a type that cannot be
   *     given
   */
  public static TensorSession open(OnnxModel model) {
    byte[] onnx = model.bytes();
    OrtSession session = Sessions.open(onnx, model.provider());
    try {
      List<TensorSpec> inputs = new ArrayList<>();
      for (NodeInfo input : session.getInputInfo().values()) {
        if (input.getInfo() instanceof TensorInfo tensor) {
          inputs.add(
              new TensorSpec(input.getName(), TensorType.of(tensor), tensor.getShape(), false));
        }
      }
      return new TensorSession(
          model.id(),
          session,
          inputs,
          new ArrayList<>(session.getOutputInfo().keySet()),
          onnx.length);
    } catch (OrtException e) {
      Sessions.close(session);
      throw new OnnxFailure("cannot read the inputs of a model: " + e.getMessage(), e);
    }
  }

  /** What tells the open model from others: its location and the digest of its file. */
  public String id() {
    return id;
  }

  /** The inputs, in the model's order. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** The names of the outputs, in the model's order. */
  public List<String> outputs() {
    return outputs;
  }

  /** About how many bytes of memory the open model takes. */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Runs the model.
   *
   * @param tensors one for each input that is not optional, by name
   * @return every output by name, in the model's order
   * @throws IllegalArgumentException if the tensors are not what the model needs
   * @throws CallLimitException if the call took longer than the model's limit
   * @throws OnnxFailure if ONNX Runtime fails
   */
  public Map<String, OnnxOutput> run(Map<String, Tensor> tensors) {
    return run(tensors, Set.copyOf(outputs));
  }

  /**
   * Runs the model for some of its outputs.
   *
   * @param wanted names of outputs; what only the others need is not computed
   */
  public Map<String, OnnxOutput> run(Map<String, Tensor> tensors, Set<String> wanted) {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
        feeds.put(tensor.getKey(), Values.toNative(tensor.getValue()));
      }
      Map<String, OnnxOutput> results = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(feeds, wanted)) {
        for (Map.Entry<String, OnnxValue> value : result) {
          results.put(value.getKey(), Values.fromNative(value.getValue()));
        }
      }
      return Collections.unmodifiableMap(results);
    } catch (OrtException e) {
      throw new OnnxFailure("cannot run " + id + ": " + e.getMessage(), e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    Sessions.close(session);
  }
}
