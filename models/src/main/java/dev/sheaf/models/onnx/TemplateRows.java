package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.sheaf.models.onnx.ModelTemplate.RowInput;
import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.onnx.ModelTemplate.WeightInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way through a {@link TemplateSession}, in direct buffers that are filled row by row
 * and used again and again.
 *
 * <p>Confined to one thread at a time. Takes a fixed number of rows; close it to give the memory
 * back.
 *
 * <pre>{@code
 * try (TemplateRows rows = new TemplateRows(session, 1024)) {
 *   for (int i = 0; i < n; i++) {
 *     rows.weights(i, weights[i]);
 *     rows.number(i, 0, weights[i], price[i]);
 *   }
 *   rows.predict(0, n, predictions);
 * }
 * }</pre>
 */
public final class TemplateRows implements AutoCloseable {
  /** Up to so many rows a call has tensors of its own size. */
  private static final int EXACT_SIZES = 16;

  /** Beyond that, sizes are rounded up by an eighth at most. */
  private static final int STEPS_PER_DOUBLING = 8;

  private final TemplateSession session;
  private final @Nullable CallLimit callLimit;
  private final boolean mixed;
  private final int capacity;
  private final int outputs;
  private final DoubleBuffer values;

  /** Per feature the place of its only input, which takes the number as it is; else -1. */
  private final int[] onlyPlaces;

  private final int[][] places;
  private final int[][] tables;
  private final int[] weightSizes;
  private final int[] weightPlaces;
  private final int outputPlace;
  private final Map<Integer, Call> calls = new HashMap<>();

  /** The tensors over the first so many rows, or over some in the middle. */
  private record Call(
      Map<String, OnnxTensorLike> inputs, Map<String, OnnxValue> outputs, List<OnnxTensor> all) {}

  /**
   * Room for as many rows.
   *
   * @param capacity at least 1
   */
  public TemplateRows(TemplateSession session, int capacity) {
    this(session, capacity, null);
  }

  /**
   * Room for as many rows.
   *
   * @param capacity at least 1
   * @param callLimit how long a call may take, 1 millisecond to 1 day; null for no limit
   */
  public TemplateRows(TemplateSession session, int capacity, @Nullable Duration callLimit) {
    this.session = session;
    this.callLimit = callLimit == null ? null : CallLimit.of(callLimit);
    this.capacity = capacity;
    ModelTemplate template = session.template();
    this.mixed = template.rows() == Rows.MIXED;
    this.outputs = Math.max(1, session.classes().size());
    int features = session.features().size();
    int[] counts = new int[features];
    template.rowInputs().forEach(input -> counts[input.feature()]++);
    this.places = new int[features][];
    this.tables = new int[features][];
    for (int f = 0; f < features; f++) {
      places[f] = new int[counts[f]];
      tables[f] = new int[counts[f]];
    }
    int place = 0;
    for (RowInput input : template.rowInputs()) {
      int next = --counts[input.feature()];
      places[input.feature()][next] = place;
      tables[input.feature()][next] = input.table();
      place = Math.addExact(place, capacity);
    }
    this.onlyPlaces = new int[features];
    for (int f = 0; f < features; f++) {
      onlyPlaces[f] = places[f].length == 1 && tables[f][0] < 0 ? places[f][0] : -1;
    }
    this.weightSizes = template.weightInputs().stream().mapToInt(WeightInput::size).toArray();
    this.weightPlaces = new int[weightSizes.length];
    for (int w = 0; w < weightSizes.length; w++) {
      weightPlaces[w] = place;
      int rows = mixed ? capacity : 1;
      place = Math.addExact(place, Math.multiplyExact(rows, weightSizes[w]));
    }
    this.outputPlace = place;
    place = Math.addExact(place, Math.multiplyExact(capacity, outputs));
    this.values =
        ByteBuffer.allocateDirect(Math.multiplyExact(place, Double.BYTES))
            .order(ByteOrder.nativeOrder())
            .asDoubleBuffer();
  }

  /** The most rows there is room for. */
  public int capacity() {
    return capacity;
  }

  /** The bytes of the buffers. */
  public long byteSize() {
    return (long) values.capacity() * Double.BYTES;
  }

  /**
   * Gives a row its model.
   *
   * @param row from 0; where the template takes {@link Rows#OF_ONE_MODEL} any, and it is the model
   *     of all rows
   */
  public void weights(int row, ModelWeights weights) {
    weights(row, weights.values(), 0);
  }

  /**
   * Gives a row its model.
   *
   * @param row as above
   * @param from weights that {@link ModelWeights#copyTo} has copied
   * @param first the place of the first
   */
  public void weights(int row, double[] from, int first) {
    int start = first;
    for (int w = 0; w < weightSizes.length; w++) {
      int size = weightSizes[w];
      values.put(weightPlaces[w] + (mixed ? row * size : 0), from, start, size);
      start += size;
    }
  }

  /** Gives a row, whose model has these weights, the number of a feature; NaN if it is missing. */
  public void number(int row, int feature, ModelWeights weights, double value) {
    int only = onlyPlaces[feature];
    if (only >= 0) {
      values.put(only + row, value);
      return;
    }
    int[] to = places[feature];
    int[] by = tables[feature];
    for (int i = 0; i < to.length; i++) {
      values.put(to[i] + row, by[i] < 0 ? value : weights.table(by[i]).of(value));
    }
  }

  /** Gives a row, whose model has these weights, the text of a feature; "" if it is missing. */
  public void text(int row, int feature, ModelWeights weights, String value) {
    int[] to = places[feature];
    int[] by = tables[feature];
    for (int i = 0; i < to.length; i++) {
      values.put(to[i] + row, weights.table(by[i]).of(value));
    }
  }

  /**
   * Predicts some of the rows; what is predicted for one does not depend on the others.
   *
   * @param from the first row
   * @param out gets one number per row, or row after row the probabilities of the classes, from its
   *     start
   * @throws OnnxFailure if ONNX Runtime fails
   * @throws CallLimitException if the call took longer than its limit
   */
  public void predict(int from, int rows, double[] out) {
    if (from < 0 || rows < 1 || from + rows > capacity || out.length < rows * outputs) {
      throw new IllegalArgumentException(
          "cannot predict rows %d to %d of %d into %d numbers"
              .formatted(from, from + rows, capacity, out.length));
    }
    try {
      if (from == 0) {
        run(call(Math.min(capacity, rounded(rows))));
      } else {
        Call call = open(from, rows);
        try {
          run(call);
        } finally {
          call.all().forEach(OnnxTensor::close);
        }
      }
    } catch (OrtException e) {
      throw new OnnxFailure("cannot predict " + rows + " rows: " + e.getMessage(), e);
    }
    values.get(outputPlace + from * outputs, out, 0, rows * outputs);
  }

  private void run(Call call) throws OrtException {
    Sessions.run(session.session(), call.inputs(), call.outputs(), callLimit);
  }

  private Call call(int size) throws OrtException {
    Call call = calls.get(size);
    if (call == null) {
      call = open(0, size);
      calls.put(size, call);
    }
    return call;
  }

  /** The rows behind those that are asked for are scored, too; nobody looks at their answers. */
  private static int rounded(int rows) {
    if (rows <= EXACT_SIZES) {
      return rows;
    }
    int step = Integer.highestOneBit(rows) / STEPS_PER_DOUBLING;
    return Math.addExact(rows, step - 1) / step * step;
  }

  private Call open(int from, int rows) throws OrtException {
    Call call = new Call(new LinkedHashMap<>(), new HashMap<>(), new java.util.ArrayList<>());
    boolean whole = false;
    try {
      int place = 0;
      for (RowInput input : session.template().rowInputs()) {
        call.inputs().put(input.name(), tensor(call, place + from, rows, 1));
        place += capacity;
      }
      List<WeightInput> weights = session.template().weightInputs();
      for (int w = 0; w < weights.size(); w++) {
        int size = weightSizes[w];
        call.inputs()
            .put(
                weights.get(w).name(),
                mixed
                    ? tensor(call, weightPlaces[w] + from * size, rows, size)
                    : tensor(call, weightPlaces[w], weights.get(w)));
      }
      call.outputs()
          .put(
              session.classes().isEmpty() ? ModelSession.OUTPUT : ModelSession.PROBABILITIES,
              tensor(call, outputPlace + from * outputs, rows, outputs));
      whole = true;
      return call;
    } finally {
      if (!whole) {
        call.all().forEach(OnnxTensor::close);
      }
    }
  }

  private OnnxTensor tensor(Call call, int place, int rows, int columns) throws OrtException {
    return tensor(call, place, rows * columns, new long[] {rows, columns});
  }

  private OnnxTensor tensor(Call call, int place, WeightInput weight) throws OrtException {
    long[] shape = weight.shape().stream().mapToLong(Long::longValue).toArray();
    return tensor(call, place, weight.size(), shape);
  }

  private OnnxTensor tensor(Call call, int place, int size, long[] shape) throws OrtException {
    OnnxTensor tensor =
        OnnxTensor.createTensor(Environment.get(), values.slice(place, size), shape);
    call.all().add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    calls.values().forEach(call -> call.all().forEach(OnnxTensor::close));
    calls.clear();
  }
}
