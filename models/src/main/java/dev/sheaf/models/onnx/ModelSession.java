package dev.sheaf.models.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model loaded into ONNX Runtime: named inputs {@code double[N,1]}, NaN for a missing value, or
 * {@code string[N,1]}, and either one output {@code prediction double[N,1]} or, of a classifier,
 * {@code prediction string[N,1]} and {@code probabilities double[N,K]}.
 *
 * <p>Safe for use by several threads; {@link BatchBuffers} are not, so each thread has its own.
 * Only {@link #close()} must wait until nobody predicts any more.
 *
 * <pre>{@code
 * try (ModelSession model = ModelSession.open(onnx, ExecutionProvider.cpu());
 *     BatchBuffers buffers = new BatchBuffers(model.shape())) {
 *   model.predict(buffers, columns, 0, rows, predictions, 0);
 * }
 * }</pre>
 */
public final class ModelSession implements AutoCloseable {
  /** The name of the output. */
  public static final String OUTPUT = "prediction";

  /** The name of a classifier's second output. */
  public static final String PROBABILITIES = "probabilities";

  /** Rows of a batch where the caller gives no buffers. */
  private static final int BATCH = 4096;

  /** Measured on 1,000 sessions: what a lean one takes, whatever the model. */
  private static final long SESSION_BYTES = 64 * 1024;

  /**
   * Measured on 1,000 sessions each of linear templates of 3, 20 and 100 features, which took 51,
   * 110 and 400 KiB, and of linear models of 100 features, which took 408 KiB.
   */
  static final long INPUT_BYTES = 3 << 10;

  /** The inputs that {@link #SESSION_BYTES} is enough for. */
  private static final int FEW_INPUTS = 8;

  /**
   * Measured on 1,400 sessions of boosted trees: 6.1 to 6.4 bytes in memory per byte of the file.
   */
  private static final double BYTES_PER_FILE_BYTE = 6.5;

  private final OrtSession session;
  private final List<Feature> features;
  private final List<String> classes;
  private final ExecutionProvider activeProvider;
  private final BatchShape shape;
  private final long byteSize;
  private final @Nullable CallLimit limit;

  private ModelSession(
      OrtSession session,
      List<Feature> features,
      List<String> classes,
      ExecutionProvider activeProvider,
      long byteSize,
      @Nullable CallLimit limit) {
    this.limit = limit;
    this.session = session;
    this.activeProvider = activeProvider;
    this.features = List.copyOf(features);
    this.classes = List.copyOf(classes);
    int numbers = (int) features.stream().filter(feature -> !feature.type().isText()).count();
    this.shape = new BatchShape(numbers, Math.max(1, classes.size()));
    this.byteSize = byteSize;
  }

  /**
   * Loads a model.
   *
   * @throws OnnxFailure if ONNX Runtime refuses it, if it has data in other files, or if the
   *     execution provider cannot be used
   * @throws IllegalArgumentException if the inputs or the output are not as described above
   */
  public static ModelSession open(byte[] onnx, ExecutionProvider provider) {
    return open(onnx, provider, (CallLimit) null);
  }

  /**
   * Loads a model whose calls end at a limit of 1 millisecond to 1 day: {@link #predict} then
   * throws a {@link CallLimitException}, and the session still works.
   *
   * @throws OnnxFailure if ONNX Runtime refuses it, or if the execution provider cannot be used
   * @throws IllegalArgumentException if the limit, the inputs or the output are not as described
   */
  public static ModelSession open(byte[] onnx, ExecutionProvider provider, Duration callLimit) {
    return open(onnx, provider, CallLimit.of(callLimit));
  }

  private static ModelSession open(
      byte[] onnx, ExecutionProvider provider, @Nullable CallLimit limit) {
    OrtSession session = Sessions.openLean(onnx, provider);
    try {
      Map<String, String> properties = ModelMetadata.read(onnx);
      List<String> classes = ModelMetadata.classes(properties);
      checkOutputs(session, classes);
      List<Feature> features = features(session, ModelMetadata.features(properties));
      return new ModelSession(
          session,
          features,
          classes,
          provider.activate(),
          byteSize(onnx.length) + INPUT_BYTES * Math.max(0, features.size() - FEW_INPUTS),
          limit);
    } catch (RuntimeException e) {
      Sessions.close(session);
      throw e;
    } catch (OrtException e) {
      Sessions.close(session);
      throw new OnnxFailure("cannot read the inputs of a model: " + e.getMessage(), e);
    }
  }

  /** What the session of a file of so many bytes and few inputs takes. */
  static long byteSize(int fileBytes) {
    return SESSION_BYTES + (long) (BYTES_PER_FILE_BYTE * fileBytes);
  }

  private static void checkOutputs(OrtSession session, List<String> classes) throws OrtException {
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    Set<String> needed = classes.isEmpty() ? Set.of(OUTPUT) : Set.of(OUTPUT, PROBABILITIES);
    if (!outputs.keySet().equals(needed)) {
      throw new IllegalArgumentException(
          "cannot use a model with the outputs "
              + outputs.keySet()
              + ": exactly one named "
              + OUTPUT
              + " is needed, and of a model with classes one named "
              + PROBABILITIES);
    }
    String numbers = classes.isEmpty() ? OUTPUT : PROBABILITIES;
    long columns = Math.max(1, classes.size());
    NodeInfo output = outputs.get(numbers);
    if (output == null
        || !isMatrix(output, OnnxJavaType.DOUBLE)
        || ((TensorInfo) output.getInfo()).getShape()[1] != columns) {
      throw new IllegalArgumentException(
          "cannot use a model whose output '" + numbers + "' is not double[N," + columns + "]");
    }
  }

  /** The inputs in order, as the metadata tells or else as the graph does. */
  private static List<Feature> features(OrtSession session, List<Feature> told)
      throws OrtException {
    List<Feature> features = new ArrayList<>();
    for (NodeInfo input : session.getInputInfo().values()) {
      boolean text = isMatrix(input, OnnxJavaType.STRING);
      if (!text && !isMatrix(input, OnnxJavaType.DOUBLE)) {
        throw new IllegalArgumentException(
            "cannot use a model whose input '"
                + input.getName()
                + "' is neither double[N,1] nor string[N,1]");
      }
      Feature feature =
          features.size() < told.size()
              ? told.get(features.size())
              : new Feature(input.getName(), text ? FeatureType.TEXT_CATEGORY : FeatureType.FLOAT);
      if (feature.type().isText() != text || !feature.name().equals(input.getName())) {
        throw new IllegalArgumentException(
            "cannot use a model whose input '"
                + input.getName()
                + "' is not the feature that its metadata tells of: "
                + feature);
      }
      features.add(feature);
    }
    return features;
  }

  private static boolean isMatrix(NodeInfo node, OnnxJavaType type) {
    return node.getInfo() instanceof TensorInfo tensor
        && tensor.type == type
        && tensor.getShape().length == 2;
  }

  /** The inputs, in order. */
  public List<Feature> features() {
    return features;
  }

  /** The classes, in the order of their probabilities; empty if the model predicts a number. */
  public List<String> classes() {
    return classes;
  }

  /** The shape that buffers must have for this model. */
  public BatchShape shape() {
    return shape;
  }

  /** Where it computes: the provider that it was opened on, or the CPU in its place. */
  public ExecutionProvider activeProvider() {
    return activeProvider;
  }

  /**
   * About how many bytes of native memory the loaded model takes, by measurements of linear models
   * and trees; a model that is mostly weights takes less.
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Predicts rows with buffers of its own; for more than a few batches use the other form.
   *
   * @param columns the values of the features, in order
   * @return one number per row, or row after row the probabilities of the classes
   */
  public double[] predict(InputColumns columns) {
    double[] predictions = new double[Math.multiplyExact(columns.rows(), shape.outputs())];
    try (BatchBuffers buffers = new BatchBuffers(shape)) {
      for (int from = 0; from < columns.rows(); from += BATCH) {
        int rows = Math.min(BATCH, columns.rows() - from);
        predict(buffers, columns, from, rows, predictions, from * shape.outputs());
      }
    }
    return predictions;
  }

  /**
   * Predicts some rows. What is predicted for a row does not depend on the other rows of the batch,
   * to the bit.
   *
   * @param buffers of this thread, made for this model's shape
   * @param columns the values of the features, in order
   * @param from the first row to predict
   * @param rows how many rows to predict; 0 is fine
   * @param out where the predictions go: one number per row, or row after row the probabilities
   * @param outFrom the place of the first prediction
   * @throws OnnxFailure if ONNX Runtime fails
   * @throws CallLimitException if the session has a limit and the call passed it
   */
  public void predict(
      BatchBuffers buffers, InputColumns columns, int from, int rows, double[] out, int outFrom) {
    if (columns.features() != features.size() || !buffers.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "cannot predict from "
              + columns.features()
              + " columns with buffers for "
              + buffers.shape()
              + ": the model has the features "
              + names()
              + " and the shape "
              + shape);
    }
    List<OnnxTensor> texts = new ArrayList<>();
    try {
      buffers.resize(rows);
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      int number = 0;
      for (int f = 0; f < features.size(); f++) {
        Feature feature = features.get(f);
        OnnxTensor tensor;
        if (feature.type().isText()) {
          tensor = text(columns.texts(f), from, rows);
          texts.add(tensor);
        } else {
          buffers.fill(number, columns.numbers(f), from);
          tensor = buffers.input(number++);
        }
        inputs.put(feature.name(), tensor);
      }
      String output = classes.isEmpty() ? OUTPUT : PROBABILITIES;
      CallLimit ofBuffers = buffers.callLimit();
      Sessions.run(
          session, inputs, Map.of(output, buffers.output()), ofBuffers == null ? limit : ofBuffers);
      buffers.read(out, outFrom);
    } catch (OrtException e) {
      throw new OnnxFailure("cannot predict " + rows + " rows: " + e.getMessage(), e);
    } finally {
      texts.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor text(String[] column, int from, int rows) throws OrtException {
    String[] values = Arrays.copyOfRange(column, from, from + rows);
    return Texts.toNative(values, new long[] {rows, 1});
  }

  private List<String> names() {
    return features.stream().map(Feature::name).toList();
  }

  @Override
  public void close() {
    Sessions.close(session);
  }
}
