package dev.sheaf.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The plain ONNX Runtime loop that inference is compared with: a session that is open, columns of
 * primitive doubles copied into direct buffers that are reused, the output pinned, one thread.
 *
 * <p>It has one model for all keys, makes no output rows and checks nothing.
 */
final class PinnedLoop implements PlainLoop {
  private final OrtEnvironment environment = PlainLoop.environment();
  private final OrtSession session;
  private final List<String> names;
  private final List<DoubleBuffer> inputs = new ArrayList<>();

  /** Columns of an input. */
  private final int width;

  private final DoubleBuffer predictions;
  private final Map<Integer, Bound> bound = new HashMap<>();

  /** Tensors over the buffers for one size of batch. */
  private record Bound(Map<String, OnnxTensor> inputs, OnnxTensor output) {}

  /**
   * Opens a model with an output {@code prediction}.
   *
   * @param width 1 for inputs {@code double[N,1]}, else that of the one input {@code double[N,d]}
   */
  PinnedLoop(byte[] onnx, int width) throws OrtException {
    this.width = width;
    try (SessionOptions options = PlainLoop.options()) {
      this.session = environment.createSession(onnx, options);
    }
    this.names = List.copyOf(session.getInputInfo().keySet());
    names.forEach(name -> inputs.add(direct(BATCH * width)));
    this.predictions = direct(BATCH);
  }

  static DoubleBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size * Double.BYTES)
        .order(ByteOrder.nativeOrder())
        .asDoubleBuffer();
  }

  @Override
  public double predict(int[] keys, double[][] values, int from, int rows) throws OrtException {
    double sum = 0;
    for (int done = 0; done < rows; done += BATCH) {
      sum += call(values, from + done, Math.min(BATCH, rows - done));
    }
    return sum;
  }

  private double call(double[][] values, int from, int rows) throws OrtException {
    if (width == 1) {
      for (int f = 0; f < values.length; f++) {
        inputs.get(f).put(0, values[f], from, rows);
      }
    } else {
      DoubleBuffer matrix = inputs.get(0);
      for (int i = 0; i < rows; i++) {
        for (int f = 0; f < width; f++) {
          matrix.put(i * width + f, values[f][from + i]);
        }
      }
    }
    predict(rows);
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += predictions.get(i);
    }
    return sum;
  }

  /** It has one model for all keys. */
  @Override
  public void putKey(int row, int key) {}

  @Override
  public void put(int row, int feature, double value) {
    if (width == 1) {
      inputs.get(feature).put(row, value);
    } else {
      inputs.get(0).put(row * width + feature, value);
    }
  }

  @Override
  public void predict(int rows) throws OrtException {
    Bound tensors = bound.get(rows);
    if (tensors == null) {
      tensors = bind(rows);
      bound.put(rows, tensors);
    }
    session.run(tensors.inputs(), Map.of("prediction", tensors.output())).close();
  }

  @Override
  public double prediction(int row) {
    return predictions.get(row);
  }

  private Bound bind(int rows) throws OrtException {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    for (int f = 0; f < names.size(); f++) {
      tensors.put(
          names.get(f),
          OnnxTensor.createTensor(
              environment, inputs.get(f).slice(0, rows * width), new long[] {rows, width}));
    }
    return new Bound(
        tensors,
        OnnxTensor.createTensor(environment, predictions.slice(0, rows), new long[] {rows, 1}));
  }

  @Override
  public void close() throws OrtException {
    for (Bound tensors : bound.values()) {
      tensors.inputs().values().forEach(OnnxTensor::close);
      tensors.output().close();
    }
    session.close();
  }
}
