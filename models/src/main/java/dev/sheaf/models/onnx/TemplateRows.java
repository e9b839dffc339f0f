package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.sheaf.models.onnx.ModelTemplate.Column;
import dev.sheaf.models.onnx.ModelTemplate.RowInput;
import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.onnx.ModelTemplate.WeightInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way through a {@link TemplateSession}, in direct buffers that are filled row by row
 * and used again and again.
 *
 * <p>A row brings the weights of its model, or, where rows of several models are mixed, names a
 * model that was {@linkplain #keep kept}: then its weights are not copied again.
 *
 * <p>Confined to one thread at a time. Takes a fixed number of rows; close it to give the memory
 * back.
 *
 * <pre>{@code
 * try (TemplateRows rows = new TemplateRows(session, 1024)) {
 *   int often = rows.keep(weights[0]);
 *   rows.model(0, often);
 *   rows.number(0, 0, weights[0], price[0]);
 *   for (int i = 1; i < n; i++) {
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

  private static final int FIRST_KEPT = 64;

  private static final int CACHE_LINE = 64;

  private final TemplateSession session;
  private final @Nullable CallLimit callLimit;
  private final boolean mixed;
  private final int capacity;
  private final int outputs;

  /** The rows' numbers, input after input, then the answers. */
  private final DoubleBuffer values;

  /** Per feature the place of its only column, which takes the number as it is; else -1. */
  private final int[] onlyPlaces;

  /** From a number of such a column to that of the next row. */
  private final int[] onlyWidths;

  /** Per feature its columns. */
  private final Target[][] targets;

  private final int[] weightSizes;
  private final int outputPlace;

  /** The number of each row's model among {@link #weights}. */
  private final LongBuffer models;

  /**
   * Input after input the weights of models: where rows are mixed first those that rows bring, a
   * place for each row, then those that are kept; else one model's.
   */
  private DoubleBuffer weights;

  private final int[] weightPlaces;

  /** How many models there is room for among the weights. */
  private int room;

  private int kept;
  private final Map<Integer, Call> calls = new HashMap<>();

  /**
   * A column of an input.
   *
   * @param place of the first row's number
   * @param width from a row's number to that of the next
   */
  private record Target(int place, int width, int table, int whenMissing) {}

  /** The tensors over the first so many rows, or over some in the middle. */
  private record Call(
      Map<String, OnnxTensorLike> inputs, Map<String, OnnxValue> outputs, List<OnnxTensor> all) {
    void close() {
      all.forEach(OnnxTensor::close);
    }
  }

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
    List<List<Target>> byFeature = new ArrayList<>();
    for (int f = 0; f < features; f++) {
      byFeature.add(new ArrayList<>());
    }
    int place = 0;
    for (RowInput input : template.rowInputs()) {
      int width = input.columns().size();
      for (int c = 0; c < width; c++) {
        Column column = input.columns().get(c);
        byFeature
            .get(column.feature())
            .add(new Target(place + c, width, column.table(), column.whenMissing()));
      }
      place = Math.addExact(place, Math.multiplyExact(capacity, width));
    }
    this.targets = new Target[features][];
    this.onlyPlaces = new int[features];
    this.onlyWidths = new int[features];
    for (int f = 0; f < features; f++) {
      targets[f] = byFeature.get(f).toArray(Target[]::new);
      boolean only = targets[f].length == 1 && targets[f][0].table() < 0;
      onlyPlaces[f] = only ? targets[f][0].place() : -1;
      onlyWidths[f] = only ? targets[f][0].width() : 0;
    }
    this.outputPlace = place;
    this.values = doubles(Math.addExact(place, Math.multiplyExact(capacity, outputs)));
    this.models = bytes(Math.multiplyExact(capacity, Long.BYTES)).asLongBuffer();
    this.weightSizes = template.weightInputs().stream().mapToInt(WeightInput::size).toArray();
    this.weightPlaces = new int[weightSizes.length];
    this.room = mixed ? capacity : 1;
    this.weights = doubles(placeWeights());
  }

  private static DoubleBuffer doubles(int count) {
    return bytes(Math.multiplyExact(count, Double.BYTES)).asDoubleBuffer();
  }

  /** From the start of a line of the processor's cache on, so that few models lie in two. */
  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocateDirect(Math.addExact(count, 2 * CACHE_LINE))
        .alignedSlice(CACHE_LINE)
        .slice(0, count)
        .order(ByteOrder.nativeOrder());
  }

  /** Lays the weights of as many models as there is room for out; gives how many numbers. */
  private int placeWeights() {
    int place = 0;
    for (int w = 0; w < weightSizes.length; w++) {
      weightPlaces[w] = place;
      place = Math.addExact(place, Math.multiplyExact(room, weightSizes[w]));
    }
    return place;
  }

  /** The most rows there is room for. */
  public int capacity() {
    return capacity;
  }

  /** The bytes of the buffers; more when more models are kept. */
  public long byteSize() {
    return (long) (values.capacity() + weights.capacity()) * Double.BYTES
        + (long) models.capacity() * Long.BYTES;
  }

  /**
   * Gives a row its model.
   *
   * @param row from 0; where the template takes {@link Rows#OF_ONE_MODEL} any, and it is the model
   *     of all rows
   */
  public void weights(int row, ModelWeights of) {
    int place = mixed ? row : 0;
    copy(of, place);
    models.put(row, place);
  }

  /** Gives the first so many rows the same model. */
  public void weightsOfAll(int rows, ModelWeights of) {
    copy(of, 0);
    for (int row = 0; row < rows; row++) {
      models.put(row, 0);
    }
  }

  private void copy(ModelWeights from, int model) {
    int first = 0;
    for (int w = 0; w < weightSizes.length; w++) {
      int size = weightSizes[w];
      weights.put(weightPlaces[w] + model * size, from.values(), first, size);
      first += size;
    }
  }

  /**
   * Keeps a model's weights, so that rows can name it; to be called where rows of several models
   * are mixed. The buffers grow with the models that are kept.
   *
   * @return the model's number for {@link #model}, until {@link #forgetKept}
   */
  public int keep(ModelWeights of) {
    if (!mixed) {
      throw new IllegalStateException("a call is of one model: there is none to keep");
    }
    if (capacity + kept == room) {
      grow();
    }
    int model = capacity + kept++;
    copy(of, model);
    return model;
  }

  private void grow() {
    DoubleBuffer before = weights;
    int[] places = weightPlaces.clone();
    int models = room;
    room = Math.addExact(capacity, Math.max(FIRST_KEPT, Math.multiplyExact(2, kept)));
    weights = doubles(placeWeights());
    for (int w = 0; w < weightSizes.length; w++) {
      weights.put(weightPlaces[w], before, places[w], models * weightSizes[w]);
    }
    closeCalls();
  }

  /**
   * Forgets the models that were kept; the room stays. Rows that name one must be given another.
   */
  public void forgetKept() {
    kept = 0;
  }

  /**
   * Gives a row a model that is kept.
   *
   * @param number what {@link #keep} has given
   * @throws IllegalArgumentException if no model is kept under it
   */
  public void model(int row, int number) {
    if (number < capacity || number >= capacity + kept) {
      throw new IllegalArgumentException("no model is kept under the number " + number);
    }
    models.put(row, number);
  }

  /** Gives a row, whose model has these weights, the number of a feature; NaN if it is missing. */
  public void number(int row, int feature, ModelWeights of, double value) {
    if (number(row, feature, value)) {
      return;
    }
    for (Target target : targets[feature]) {
      put(row, target, of, target.table() < 0 ? value : of.table(target.table()).of(value));
    }
  }

  /** Copies the values of one row, not its model, to another. */
  public void move(int from, int to) {
    int place = 0;
    for (RowInput input : session.template().rowInputs()) {
      int width = input.columns().size();
      for (int c = 0; c < width; c++) {
        values.put(place + to * width + c, values.get(place + from * width + c));
      }
      place += capacity * width;
    }
  }

  /** Whether every feature is a number that goes in as it is unless it is missing. */
  public boolean takesNumbersAlone() {
    return Arrays.stream(onlyPlaces).allMatch(place -> place >= 0);
  }

  /** The same for a number that no weight is needed for; false if one is: then nothing is done. */
  public boolean number(int row, int feature, double value) {
    int only = onlyPlaces[feature];
    if (only < 0 || Double.isNaN(value)) {
      return false;
    }
    values.put(only + row * onlyWidths[feature], value);
    return true;
  }

  /** Gives a row, whose model has these weights, the text of a feature; "" if it is missing. */
  public void text(int row, int feature, ModelWeights of, String value) {
    for (Target target : targets[feature]) {
      put(row, target, of, of.table(target.table()).of(value));
    }
  }

  private void put(int row, Target target, ModelWeights of, double value) {
    boolean missing = Double.isNaN(value) && target.whenMissing() >= 0;
    values.put(
        target.place() + row * target.width(), missing ? of.values()[target.whenMissing()] : value);
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
          call.close();
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
    Call call = new Call(new LinkedHashMap<>(), new HashMap<>(), new ArrayList<>());
    boolean whole = false;
    try {
      ModelTemplate template = session.template();
      int place = 0;
      for (RowInput input : template.rowInputs()) {
        int width = input.columns().size();
        OnnxTensor tensor = tensor(call, values, place + from * width, rows, width);
        call.inputs().put(input.name(), tensor);
        place += capacity * width;
      }
      List<WeightInput> weightInputs = template.weightInputs();
      for (int w = 0; w < weightInputs.size(); w++) {
        WeightInput input = weightInputs.get(w);
        long[] shape =
            mixed
                ? new long[] {room, input.size()}
                : input.shape().stream().mapToLong(Long::longValue).toArray();
        OnnxTensor tensor =
            tensor(call, weights.slice(weightPlaces[w], room * input.size()), shape);
        call.inputs().put(input.name(), tensor);
      }
      if (mixed && !weightInputs.isEmpty()) {
        OnnxTensor tensor =
            OnnxTensor.createTensor(Environment.get(), models.slice(from, rows), new long[] {rows});
        call.all().add(tensor);
        call.inputs().put(ModelTemplate.MODEL, tensor);
      }
      call.outputs()
          .put(
              session.classes().isEmpty() ? ModelSession.OUTPUT : ModelSession.PROBABILITIES,
              tensor(call, values, outputPlace + from * outputs, rows, outputs));
      whole = true;
      return call;
    } finally {
      if (!whole) {
        call.close();
      }
    }
  }

  private static OnnxTensor tensor(Call call, DoubleBuffer of, int place, int rows, int columns)
      throws OrtException {
    return tensor(call, of.slice(place, rows * columns), new long[] {rows, columns});
  }

  private static OnnxTensor tensor(Call call, DoubleBuffer slice, long[] shape)
      throws OrtException {
    OnnxTensor tensor = OnnxTensor.createTensor(Environment.get(), slice, shape);
    call.all().add(tensor);
    return tensor;
  }

  private void closeCalls() {
    calls.values().forEach(Call::close);
    calls.clear();
  }

  @Override
  public void close() {
    closeCalls();
  }
}
