package dev.sheaf.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model loaded into ONNX Runtime: named inputs {@code double[N,1]}, NaN for a missing value, and
 * one output {@code prediction double[N,1]}.
 *
 * <p>Safe for use by several threads; {@link BatchBuffers} are not, so each thread has its own.
 * Only {@link #close()} must wait until nobody predicts any more.
 *
 * <pre>{@code
 * try (ModelSession model = ModelSession.open(onnx, ExecutionProvider.cpu());
 *     BatchBuffers buffers = new BatchBuffers(model.features().size())) {
 *   model.predict(buffers, columns, 0, rows, predictions, 0);
 * }
 * }</pre>
 */
public final class ModelSession implements AutoCloseable {
  /** The name of the output. */
  public static final String OUTPUT = "prediction";

  /** What a lean session takes beside the model itself, measured on a linear model. */
  private static final long SESSION_BYTES = 34 * 1024;

  private final OrtSession session;
  private final List<String> features;
  private final long byteSize;

  private ModelSession(OrtSession session, List<String> features, long byteSize) {
    this.session = session;
    this.features = features;
    this.byteSize = byteSize;
  }

  /**
   * Loads a model.
   *
   * @throws OnnxFailure if ONNX Runtime refuses it, or if the execution provider cannot be used
   * @throws IllegalArgumentException if the inputs or the output are not as described above
   */
  public static ModelSession open(byte[] onnx, ExecutionProvider provider) {
    OrtSession session = Sessions.open(onnx, provider);
    try {
      return new ModelSession(session, inputs(session), SESSION_BYTES + 2L * onnx.length);
    } catch (OrtException | IllegalArgumentException e) {
      Sessions.close(session);
      throw e instanceof IllegalArgumentException refused
          ? refused
          : new OnnxFailure("cannot read the inputs of a model: " + e.getMessage(), e);
    }
  }

  private static List<String> inputs(OrtSession session) throws OrtException {
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    if (outputs.size() != 1 || !outputs.containsKey(OUTPUT)) {
      throw new IllegalArgumentException(
          "cannot use a model with the outputs "
              + outputs.keySet()
              + ": exactly one named "
              + OUTPUT
              + " is needed");
    }
    List<String> names = new ArrayList<>();
    for (NodeInfo input : session.getInputInfo().values()) {
      if (!(input.getInfo() instanceof TensorInfo tensor)
          || tensor.type != OnnxJavaType.DOUBLE
          || tensor.getShape().length != 2) {
        throw new IllegalArgumentException(
            "cannot use a model whose input '" + input.getName() + "' is not double[N,1]");
      }
      names.add(input.getName());
    }
    return List.copyOf(names);
  }

  /** The names of the inputs, in order. */
  public List<String> features() {
    return features;
  }

  /** About how many bytes the loaded model takes, heap and native memory together. */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Predicts rows with buffers of its own; for more than a few batches use the other form.
   *
   * @param columns one array per feature, in order
   * @param rows how many rows to predict, from the first
   * @param out where the predictions go, from the first place
   */
  public void predict(double[][] columns, int rows, double[] out) {
    try (BatchBuffers buffers = new BatchBuffers(features.size())) {
      predict(buffers, columns, 0, rows, out, 0);
    }
  }

  /**
   * Predicts some rows. What is predicted for a row does not depend on the other rows of the batch,
   * to the bit.
   *
   * @param buffers of this thread, made for as many features
   * @param columns one array per feature, in order
   * @param from the first row to predict
   * @param rows how many rows to predict; 0 is fine
   * @param out where the predictions go
   * @param outFrom the place of the first prediction
   * @throws OnnxFailure if ONNX Runtime fails
   */
  public void predict(
      BatchBuffers buffers, double[][] columns, int from, int rows, double[] out, int outFrom) {
    if (columns.length != features.size() || buffers.features() != features.size()) {
      throw new IllegalArgumentException(
          "cannot predict from "
              + columns.length
              + " columns with buffers for "
              + buffers.features()
              + ": the model has the features "
              + features);
    }
    try {
      buffers.resize(rows);
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      for (int f = 0; f < columns.length; f++) {
        buffers.fill(f, columns[f], from);
        inputs.put(features.get(f), buffers.input(f));
      }
      session.run(inputs, Map.of(OUTPUT, buffers.output())).close();
      buffers.read(out, outFrom);
    } catch (OrtException e) {
      throw new OnnxFailure("cannot predict " + rows + " rows: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    Sessions.close(session);
  }
}
