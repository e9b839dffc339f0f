package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers with the tensors over them, reused from batch to batch and shared by all models of
 * one {@link BatchShape}.
 *
 * <p>Confined to one thread at a time. Grows to the largest batch seen; close it to give the memory
 * back.
 */
public final class BatchBuffers implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  private final BatchShape shape;
  private final @Nullable CallLimit callLimit;
  private int capacity;
  private int rows = -1;
  private DoubleBuffer values = ByteBuffer.allocateDirect(0).asDoubleBuffer();
  private final @Nullable OnnxTensor[] tensors;

  /** Prepares buffers for the models of a shape. */
  public BatchBuffers(BatchShape shape) {
    this(shape, null);
  }

  /**
   * Prepares buffers for the models of a shape.
   *
   * @param callLimit how long a call may take, 1 millisecond to 1 day; null for no limit
   */
  public BatchBuffers(BatchShape shape, @Nullable Duration callLimit) {
    this.shape = shape;
    this.callLimit = callLimit == null ? null : CallLimit.of(callLimit);
    this.tensors = new OnnxTensor[shape.numbers() + 1];
  }

  @Nullable CallLimit callLimit() {
    return callLimit;
  }

  BatchShape shape() {
    return shape;
  }

  /** Makes the tensors {@code double[rows,1]}, the output {@code double[rows,outputs]}. */
  void resize(int newRows) throws OrtException {
    if (newRows == rows) {
      return;
    }
    close();
    if (newRows > capacity || capacity == 0) {
      capacity =
          Math.max(FIRST_CAPACITY, Math.max(newRows, (int) Math.min(1 << 20, 2L * capacity)));
      values =
          ByteBuffer.allocateDirect(
                  Math.multiplyExact((shape.numbers() + shape.outputs()) * Double.BYTES, capacity))
              .order(ByteOrder.nativeOrder())
              .asDoubleBuffer();
    }
    OrtEnvironment environment = Environment.get();
    for (int i = 0; i < tensors.length; i++) {
      int columns = i < shape.numbers() ? 1 : shape.outputs();
      tensors[i] =
          OnnxTensor.createTensor(
              environment,
              values.slice(i * capacity, newRows * columns),
              new long[] {newRows, columns});
    }
    rows = newRows;
  }

  void fill(int number, double[] column, int offset) {
    values.put(number * capacity, column, offset, rows);
  }

  OnnxTensor input(int number) {
    return Objects.requireNonNull(tensors[number]);
  }

  OnnxTensor output() {
    return Objects.requireNonNull(tensors[shape.numbers()]);
  }

  void read(double[] out, int offset) {
    values.get(shape.numbers() * capacity, out, offset, rows * shape.outputs());
  }

  @Override
  public void close() {
    for (int i = 0; i < tensors.length; i++) {
      OnnxTensor tensor = tensors[i];
      if (tensor != null) {
        tensors[i] = null;
        tensor.close();
      }
    }
    rows = -1;
  }
}
