package dev.sheaf.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.onnx.OnnxValue;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.TrainingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Linear models of many keys as one graph, by hand: the weights of all keys in one matrix, of which
 * each row of a batch gathers its own; buffers direct and reused, the output pinned, one thread.
 *
 * <p>Keys come as numbers; there is no missing value, no output row and no check.
 */
final class FusedLoop implements PlainLoop {
  private static final String KEY = "key";
  private static final String VALUES = "values";
  private static final String PREDICTION = "prediction";

  private final OrtEnvironment environment = PlainLoop.environment();
  private final OrtSession session;
  private final int features;
  private final LongBuffer keyBuffer;
  private final DoubleBuffer valueBuffer;
  private final DoubleBuffer predictions;
  private final double[] scratch;
  private final Map<Integer, Bound> bound = new HashMap<>();

  private record Bound(OnnxTensor keys, OnnxTensor values, OnnxTensor output) {}

  /** Fuses the models of all keys. */
  static FusedLoop of(MadeModels models) throws OrtException, TrainingException {
    int d = MadeModels.FEATURES;
    RowBlock probes = probes(d);
    double[] weights = new double[models.keys() * d];
    double[] intercepts = new double[models.keys()];
    for (int key = 0; key < models.keys(); key++) {
      try (FittedModel model = models.fit(key, 0)) {
        double[] answers = model.predict(probes);
        intercepts[key] = answers[0];
        for (int f = 0; f < d; f++) {
          weights[key * d + f] = answers[f + 1] - answers[0];
        }
      }
    }
    return new FusedLoop(graph(weights, intercepts, d), d);
  }

  /** The row of zeros and the unit vectors: what a linear model says of them are its weights. */
  private static RowBlock probes(int d) {
    RowBlock.Builder block = RowBlock.builder(d);
    for (int i = 0; i <= d; i++) {
      double[] values = new double[d];
      if (i > 0) {
        values[i - 1] = 1;
      }
      block.append(values, 0, i, 0);
    }
    return block.build();
  }

  private static byte[] graph(double[] weights, double[] intercepts, int d) {
    OnnxGraph graph =
        OnnxGraph.of(
            List.of(
                new OnnxValue(KEY, OnnxValue.Type.INT64, 1),
                new OnnxValue(VALUES, OnnxValue.Type.DOUBLE, d)),
            List.of(new OnnxValue(PREDICTION, OnnxValue.Type.DOUBLE, 1)),
            Map.of());
    String axis = graph.constant("axis", new long[] {1}, 1);
    String key = graph.node("Squeeze", List.of(KEY, axis), graph.name("index"));
    String own =
        graph.node(
            "Gather",
            List.of(graph.constant("weights", weights, intercepts.length, d), key),
            graph.name("own"));
    String intercept =
        graph.node(
            "Gather",
            List.of(graph.constant("intercepts", intercepts, intercepts.length, 1), key),
            graph.name("intercept"));
    String product = graph.node("Mul", List.of(VALUES, own), graph.name("product"));
    String sum =
        graph.node(
            "ReduceSum", List.of(product, axis), graph.name("sum"), Attributes.of("keepdims", 1));
    graph.node("Add", List.of(sum, intercept), PREDICTION);
    return graph.toBytes();
  }

  private FusedLoop(byte[] onnx, int features) throws OrtException {
    try (SessionOptions options = PlainLoop.options()) {
      this.session = environment.createSession(onnx, options);
    }
    this.features = features;
    this.keyBuffer =
        ByteBuffer.allocateDirect(BATCH * Long.BYTES).order(ByteOrder.nativeOrder()).asLongBuffer();
    this.valueBuffer = PinnedLoop.direct(BATCH * features);
    this.predictions = PinnedLoop.direct(BATCH);
    this.scratch = new double[BATCH * features];
  }

  @Override
  public double predict(int[] keys, double[][] columns, int from, int rows) throws OrtException {
    double sum = 0;
    for (int done = 0; done < rows; done += BATCH) {
      sum += call(keys, columns, from + done, Math.min(BATCH, rows - done));
    }
    return sum;
  }

  private double call(int[] keys, double[][] columns, int from, int rows) throws OrtException {
    for (int i = 0; i < rows; i++) {
      keyBuffer.put(i, keys[from + i]);
    }
    for (int f = 0; f < features; f++) {
      double[] column = columns[f];
      for (int i = 0; i < rows; i++) {
        scratch[i * features + f] = column[from + i];
      }
    }
    valueBuffer.put(0, scratch, 0, rows * features);
    predict(rows);
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += predictions.get(i);
    }
    return sum;
  }

  @Override
  public void putKey(int row, int key) {
    keyBuffer.put(row, key);
  }

  @Override
  public void put(int row, int feature, double value) {
    valueBuffer.put(row * features + feature, value);
  }

  @Override
  public void predict(int rows) throws OrtException {
    Bound tensors = bound.get(rows);
    if (tensors == null) {
      tensors = bind(rows);
      bound.put(rows, tensors);
    }
    session
        .run(
            Map.of(KEY, tensors.keys(), VALUES, tensors.values()),
            Map.of(PREDICTION, tensors.output()))
        .close();
  }

  @Override
  public double prediction(int row) {
    return predictions.get(row);
  }

  private Bound bind(int rows) throws OrtException {
    long[] column = {rows, 1};
    return new Bound(
        OnnxTensor.createTensor(environment, keyBuffer.slice(0, rows), column),
        OnnxTensor.createTensor(
            environment, valueBuffer.slice(0, rows * features), new long[] {rows, features}),
        OnnxTensor.createTensor(environment, predictions.slice(0, rows), column));
  }

  @Override
  public void close() throws OrtException {
    for (Bound tensors : bound.values()) {
      tensors.keys().close();
      tensors.values().close();
      tensors.output().close();
    }
    session.close();
  }
}
