package dev.sheaf.models.train.mlp;

import dev.sheaf.models.features.Encoding;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;

/**
 * The ONNX graph of a network, such that a row's prediction does not depend on its batch.
 *
 * <p>Tried for batches of 1 to 4096 rows on x86-64: Gemm in doubles keeps the order of its sums
 * whatever the number of rows. Tanh and Softmax in doubles do not: their vectorised loop and its
 * rest differ in the last digit. So tanh is taken in floats, whose loop has no rest of another
 * kind, and the exponential as a power of e, which goes one by one. The sum over classes is a
 * MatMul, as ReduceSum may go by the alignment of the row.
 */
final class MlpGraph {
  private static final int FLOAT = 1;
  private static final int DOUBLE = 11;

  private final OnnxGraph graph;

  private MlpGraph(OnnxGraph graph) {
    this.graph = graph;
  }

  static byte[] write(
      ModelMetadata metadata,
      Encoding inputs,
      double[] means,
      List<Dense> layers,
      Activation activation) {
    OnnxGraph graph = OnnxGraph.of(metadata);
    MlpGraph network = new MlpGraph(graph);
    String value = network.centred(inputs.write(graph), means);
    for (int l = 0; l < layers.size(); l++) {
      boolean last = l == layers.size() - 1;
      boolean prediction = last && metadata.classes().isEmpty();
      value =
          network.dense(
              value, layers.get(l), l, prediction ? ModelSession.OUTPUT : graph.name("sum" + l));
      if (!last) {
        value = network.activated(value, activation, l);
      }
    }
    if (!metadata.classes().isEmpty()) {
      graph.classify(network.softmax(value, metadata.classes().size()));
    }
    return graph.toBytes();
  }

  private String centred(String columns, double[] means) {
    String mean = graph.constant("mean", means, 1, means.length);
    String zero = graph.constant("zero", new double[] {0});
    String centred = graph.node("Sub", List.of(columns, mean), graph.name("centred"));
    String missing = graph.node("IsNaN", List.of(centred), graph.name("missing"));
    return graph.node("Where", List.of(missing, zero, centred), graph.name("imputed"));
  }

  private String dense(String in, Dense layer, int l, String out) {
    int inputs = layer.weights().length;
    int outputs = layer.biases().length;
    double[] weights = Arrays.stream(layer.weights()).flatMapToDouble(Arrays::stream).toArray();
    return graph.node(
        "Gemm",
        List.of(
            in,
            graph.constant("weights" + l, weights, inputs, outputs),
            graph.constant("biases" + l, layer.biases(), outputs)),
        out);
  }

  private String activated(String in, Activation activation, int l) {
    String out = graph.name("unit" + l);
    return switch (activation) {
      case RELU -> graph.node("Relu", List.of(in), out);
      case TANH -> {
        String floats =
            graph.node("Cast", List.of(in), graph.name("float" + l), Attributes.of("to", FLOAT));
        String tanh = graph.node("Tanh", List.of(floats), graph.name("tanh" + l));
        yield graph.node("Cast", List.of(tanh), out, Attributes.of("to", DOUBLE));
      }
    };
  }

  private String softmax(String logits, int classes) {
    double[] ones = new double[classes];
    Arrays.fill(ones, 1);
    String top =
        graph.node(
            "ReduceMax",
            List.of(logits, graph.constant("classAxis", new long[] {1}, 1)),
            graph.name("top"),
            Attributes.of("keepdims", 1));
    String below = graph.node("Sub", List.of(logits, top), graph.name("below"));
    String base = graph.constant("e", new double[] {Math.E});
    String power = graph.node("Pow", List.of(base, below), graph.name("power"));
    String total =
        graph.node(
            "MatMul",
            List.of(power, graph.constant("ones", ones, classes, 1)),
            graph.name("total"));
    return graph.node("Div", List.of(power, total), graph.name("softmax"));
  }
}
