package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;

/**
 * Direct buffers with the tensors over them, reused from batch to batch and shared by all models
 * with the same number of features.
 *
 * <p>Confined to one thread at a time. Grows to the largest batch seen; close it to give the memory
 * back.
 */
public final class BatchBuffers implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  private final int features;
  private int capacity;
  private int rows = -1;
  private DoubleBuffer values = ByteBuffer.allocateDirect(0).asDoubleBuffer();
  private final OnnxTensor[] tensors;

  /**
   * Prepares buffers.
   *
   * @param features the number of features of the models that will use them
   */
  public BatchBuffers(int features) {
    this.features = features;
    this.tensors = new OnnxTensor[features + 1];
  }

  int features() {
    return features;
  }

  /** Makes the tensors {@code double[rows,1]}. */
  void resize(int newRows) throws OrtException {
    if (newRows == rows) {
      return;
    }
    close();
    if (newRows > capacity || capacity == 0) {
      capacity =
          Math.max(FIRST_CAPACITY, Math.max(newRows, (int) Math.min(1 << 20, 2L * capacity)));
      values =
          ByteBuffer.allocateDirect(Math.multiplyExact((features + 1) * Double.BYTES, capacity))
              .order(ByteOrder.nativeOrder())
              .asDoubleBuffer();
    }
    OrtEnvironment environment = Environment.get();
    long[] shape = {newRows, 1};
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = OnnxTensor.createTensor(environment, values.slice(i * capacity, newRows), shape);
    }
    rows = newRows;
  }

  void fill(int feature, double[] column, int offset) {
    values.put(feature * capacity, column, offset, rows);
  }

  OnnxTensor input(int feature) {
    return tensors[feature];
  }

  OnnxTensor output() {
    return tensors[features];
  }

  void read(double[] out, int offset) {
    values.get(features * capacity, out, offset, rows);
  }

  @Override
  public void close() {
    for (OnnxTensor tensor : tensors) {
      if (tensor != null) {
        tensor.close();
      }
    }
    rows = -1;
  }
}
