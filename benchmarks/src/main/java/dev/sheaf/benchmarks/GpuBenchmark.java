package dev.sheaf.benchmarks;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.OnnxFailure;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Rows per second on a GPU against the CPU, for a perceptron and a convolutional network.
 *
 * <p>Asked for as {@code gpu}, or {@code gpu:provider=tensorrt,device=1,largest=4096,rounds=5}. The
 * GPU must take the whole graph or it is refused, so no row of the table is the CPU in disguise.
 * Where there is no GPU the table has the CPU alone and says what was missing.
 */
final class GpuBenchmark {
  private static final int[] BATCHES = {1, 64, 4096, 65536};
  private static final double SECONDS = 0.5;
  private static final int LEAST_CALLS = 3;

  private final int rounds;
  private final int largest;
  private final Map<String, ExecutionProvider> providers = new LinkedHashMap<>();
  private final String note;

  private GpuBenchmark(Request request) {
    this.rounds = request.number("rounds", 3);
    this.largest = request.number("largest", BATCHES[BATCHES.length - 1]);
    int cores = Runtime.getRuntime().availableProcessors();
    providers.put("CPU, 1 thread", ExecutionProvider.cpu());
    providers.put("CPU, " + cores + " threads", ExecutionProvider.cpu().withThreads(cores));
    String name = request.text("provider", "cuda");
    int device = request.number("device", 0);
    ExecutionProvider gpu =
        switch (name) {
          case "cuda" -> ExecutionProvider.cuda().onDevice(device).wholly();
          case "tensorrt" -> ExecutionProvider.tensorRt().onDevice(device).wholly();
          default ->
              throw new IllegalArgumentException(
                  "provider=" + name + ": valid are cuda and tensorrt");
        };
    this.note = tell(gpu);
  }

  private String tell(ExecutionProvider gpu) {
    try {
      gpu.activate();
      providers.put(gpu.runtimeName(), gpu);
      return "GPU: " + gpu + ", " + gpu.runtimeName() + ", every operator on it";
    } catch (OnnxFailure e) {
      return "No GPU was found, so the CPU ran alone: " + e.getMessage();
    }
  }

  static String run(Request request) {
    GpuBenchmark benchmark = new GpuBenchmark(request);
    return "### GPU against CPU\n\n"
        + benchmark.note
        + "\n\n"
        + benchmark.table("MLP 8-64-64-1", mlp(), 8)
        + benchmark.table("convolutional, 1x16x16, 8 and 16 channels", convolutional(), 1, 16, 16);
  }

  private String table(String title, byte[] onnx, long... rowShape) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%s, rows/s, median of %d rounds%n%n", title, rounds));
    text.append("| batch |");
    providers.keySet().forEach(name -> text.append(' ').append(name).append(" |"));
    text.append(" last / first | largest difference |\n|---|");
    text.append("---|".repeat(providers.size() + 2)).append('\n');
    for (int batch : BATCHES) {
      if (batch <= largest) {
        text.append(row(title, onnx, batch, rowShape));
      }
    }
    return text.append('\n').toString();
  }

  private String row(String title, byte[] onnx, int batch, long... rowShape) {
    List<TensorSession> sessions = new ArrayList<>();
    try {
      for (ExecutionProvider provider : providers.values()) {
        sessions.add(TensorSession.open(OnnxModel.ofBytes(onnx).on(provider)));
      }
      double[][] rates = new double[sessions.size()][rounds];
      double difference = 0;
      for (int round = -1; round < rounds; round++) {
        Tensor rows = rows(batch, round, rowShape);
        float[] first = predict(sessions.get(0), rows);
        for (int s = 0; s < sessions.size(); s++) {
          difference = Math.max(difference, difference(first, predict(sessions.get(s), rows)));
          double rate = rate(sessions.get(s), rows, batch);
          if (round >= 0) {
            rates[s][round] = rate;
          }
        }
        System.err.printf(Locale.ROOT, "%s, batch %d, round %d%n", title, batch, round);
      }
      return line(batch, rates, difference);
    } finally {
      sessions.forEach(TensorSession::close);
    }
  }

  private static String line(int batch, double[][] rates, double difference) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "| %,d |", batch));
    for (double[] rate : rates) {
      Arrays.sort(rate);
      text.append(String.format(Locale.ROOT, " %,.0f |", median(rate)));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                " %.2f | %.1e |%n",
                median(rates[rates.length - 1]) / median(rates[0]),
                difference))
        .toString();
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  private static double rate(TensorSession session, Tensor rows, int batch) {
    long start = System.nanoTime();
    long calls = 0;
    double seconds;
    do {
      predict(session, rows);
      calls++;
      seconds = (System.nanoTime() - start) / 1e9;
    } while (seconds < SECONDS || calls < LEAST_CALLS);
    return calls * batch / seconds;
  }

  private static float[] predict(TensorSession session, Tensor rows) {
    return Objects.requireNonNull(session.run(Map.of("x", rows)).get("y")).tensor().floats();
  }

  private static double difference(float[] some, float[] others) {
    double most = 0;
    for (int i = 0; i < some.length; i++) {
      most = Math.max(most, Math.abs(some[i] - others[i]));
    }
    return most;
  }

  private static Tensor rows(int batch, int seed, long... rowShape) {
    Random random = new Random(seed);
    long[] shape = new long[rowShape.length + 1];
    shape[0] = batch;
    System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
    int elements = 1;
    for (long dimension : shape) {
      elements = Math.toIntExact(elements * dimension);
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  private static byte[] mlp() {
    Net net = new Net(8);
    net.layer("Gemm", "a", net.weights(8, 64), net.weights(64));
    net.layer("Relu", "b");
    net.layer("Gemm", "c", net.weights(64, 64), net.weights(64));
    net.layer("Relu", "d");
    net.layer("Gemm", "y", net.weights(64, 1), net.weights(1));
    return net.toBytes(1);
  }

  private static byte[] convolutional() {
    Net net = new Net(1, 16, 16);
    net.layer("Conv", "a", net.weights(8, 1, 3, 3), net.weights(8)).pads();
    net.layer("Relu", "b");
    net.layer("MaxPool", "c").halves();
    net.layer("Conv", "d", net.weights(16, 8, 3, 3), net.weights(16)).pads();
    net.layer("Relu", "e");
    net.layer("GlobalAveragePool", "f");
    net.layer("Flatten", "g");
    net.layer("Gemm", "y", net.weights(16, 10), net.weights(10));
    return net.toBytes(10);
  }

  /** A chain of layers of 32-bit floats from {@code x} to {@code y}, with random weights. */
  private static final class Net {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("net");
    private final Random random = new Random(1);
    private String last = "x";

    Net(long... row) {
      graph.addInput(value("x", row));
    }

    String weights(long... shape) {
      TensorProto.Builder tensor =
          TensorProto.newBuilder()
              .setName("w" + graph.getInitializerCount())
              .setDataType(TensorProto.DataType.FLOAT.getNumber());
      long elements = 1;
      for (long dimension : shape) {
        tensor.addDims(dimension);
        elements *= dimension;
      }
      for (long i = 0; i < elements; i++) {
        tensor.addFloatData((float) random.nextGaussian() / 8);
      }
      graph.addInitializer(tensor);
      return tensor.getName();
    }

    Net layer(String operator, String output, String... weights) {
      graph.addNode(
          NodeProto.newBuilder()
              .setOpType(operator)
              .addInput(last)
              .addAllInput(List.of(weights))
              .addOutput(output));
      last = output;
      return this;
    }

    void pads() {
      attribute("pads", 1, 1, 1, 1);
    }

    void halves() {
      attribute("kernel_shape", 2, 2);
      attribute("strides", 2, 2);
    }

    private void attribute(String name, long... values) {
      AttributeProto.Builder attribute =
          AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
      for (long value : values) {
        attribute.addInts(value);
      }
      graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(attribute);
    }

    byte[] toBytes(long outputs) {
      return ModelProto.newBuilder()
          .setIrVersion(8)
          .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
          .setGraph(graph.addOutput(value("y", outputs)))
          .build()
          .toByteArray();
    }

    private static ValueInfoProto value(String name, long... row) {
      TensorShapeProto.Builder shape =
          TensorShapeProto.newBuilder()
              .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
      for (long dimension : row) {
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dimension));
      }
      return ValueInfoProto.newBuilder()
          .setName(name)
          .setType(
              TypeProto.newBuilder()
                  .setTensorType(
                      TypeProto.Tensor.newBuilder()
                          .setElemType(TensorProto.DataType.FLOAT.getNumber())
                          .setShape(shape)))
          .build();
    }
  }
}
