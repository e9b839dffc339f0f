package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.sheaf.models.table.Feature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the ONNX graph of a model: one input per feature, named as its column, {@code string[N,1]}
 * for text and {@code double[N,1]} for everything else, and the output {@code prediction
 * double[N,1]}; for a classifier {@code prediction string[N,1]}, the class, and {@code
 * probabilities double[N,K]} in the order of the metadata's classes.
 *
 * <p>Names inside the graph are made up by {@link #name}, so that they never meet a column's. The
 * bytes depend on nothing but the calls made.
 *
 * <pre>{@code
 * OnnxGraph graph = OnnxGraph.of(metadata);
 * graph.node("Identity", graph.inputs(), ModelSession.OUTPUT);
 * byte[] onnx = graph.toBytes();
 * }</pre>
 */
public final class OnnxGraph {
  /** The version of the standard operators; ONNX Runtime 1.14 and later know it. */
  private static final int OPSET = 18;

  /** The version of the operators for trees; ONNX Runtime 1.20 and later know it. */
  private static final int OPSET_ML = 5;

  private static final int IR_VERSION = 8;
  private static final String ML_DOMAIN = "ai.onnx.ml";

  private final Map<String, String> properties;
  private final List<String> classes;
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final List<String> inputs = new ArrayList<>();
  private final String prefix;
  private boolean usesMl;

  private OnnxGraph(
      List<OnnxValue> inputs,
      List<OnnxValue> outputs,
      Map<String, String> properties,
      List<String> classes) {
    this.properties = properties;
    this.classes = classes;
    String free = "/";
    for (OnnxValue input : inputs) {
      this.inputs.add(input.name());
      graph.addInput(input.toProto());
      while (input.name().startsWith(free)) {
        free += "/";
      }
    }
    prefix = free;
    graph.setName("sheaf");
    outputs.forEach(output -> graph.addOutput(output.toProto()));
  }

  /** Starts the graph of a model with an input per feature. */
  public static OnnxGraph of(ModelMetadata metadata) {
    List<OnnxValue> inputs = new ArrayList<>();
    for (Feature feature : metadata.features()) {
      boolean text = feature.type().isText();
      inputs.add(
          new OnnxValue(feature.name(), text ? OnnxValue.Type.STRING : OnnxValue.Type.DOUBLE, 1));
    }
    List<String> classes = metadata.classes();
    List<OnnxValue> outputs =
        classes.isEmpty()
            ? List.of(new OnnxValue(ModelSession.OUTPUT, OnnxValue.Type.DOUBLE, 1))
            : List.of(
                new OnnxValue(ModelSession.OUTPUT, OnnxValue.Type.STRING, 1),
                new OnnxValue(ModelSession.PROBABILITIES, OnnxValue.Type.DOUBLE, classes.size()));
    return new OnnxGraph(inputs, outputs, metadata.properties(), classes);
  }

  /**
   * Starts a graph with any inputs and outputs.
   *
   * @param properties what the file says about itself, in this order
   */
  public static OnnxGraph of(
      List<OnnxValue> inputs, List<OnnxValue> outputs, Map<String, String> properties) {
    return new OnnxGraph(inputs, outputs, new LinkedHashMap<>(properties), List.of());
  }

  /** The names of the inputs, in the features' order. */
  public List<String> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** A name for a value inside the graph, from a word that is unique within it. */
  public String name(String word) {
    return prefix + word;
  }

  /** A constant tensor of doubles; returns its name. */
  public String constant(String word, double[] values, long... shape) {
    ByteBuffer bytes = littleEndian(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return constant(word, TensorProto.DataType.DOUBLE, bytes, shape);
  }

  /** A constant tensor of longs; returns its name. */
  public String constant(String word, long[] values, long... shape) {
    ByteBuffer bytes = littleEndian(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return constant(word, TensorProto.DataType.INT64, bytes, shape);
  }

  /** A constant tensor of unsigned bytes; returns its name. */
  public String constant(String word, byte[] values, long... shape) {
    return constant(word, TensorProto.DataType.UINT8, ByteBuffer.wrap(values), shape);
  }

  /** A constant tensor of texts; returns its name. */
  public String constant(String word, List<String> values, long... shape) {
    TensorProto.Builder tensor = tensor(word, TensorProto.DataType.STRING, shape);
    values.forEach(value -> tensor.addStringData(ByteString.copyFromUtf8(value)));
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  /**
   * Makes a classifier's outputs out of the probabilities: the class is the first of the most
   * probable ones.
   *
   * @param probabilities the name of a value {@code double[N,K]}, with K the number of classes
   */
  public void classify(String probabilities) {
    String best =
        node(
            "ArgMax",
            List.of(probabilities),
            name("best"),
            Attributes.of("axis", 1),
            Attributes.of("keepdims", 1));
    node(
        "Gather",
        List.of(constant("classes", classes, classes.size()), best),
        ModelSession.OUTPUT,
        Attributes.of("axis", 0));
    node("Identity", List.of(probabilities), ModelSession.PROBABILITIES);
  }

  private String constant(String word, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    TensorProto.Builder tensor = tensor(word, type, shape).setRawData(ByteString.copyFrom(bytes));
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private TensorProto.Builder tensor(String word, TensorProto.DataType type, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name(word)).setDataType(type.getNumber());
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  /** Adds a node of a standard operator with one output; returns the output. */
  public String node(
      String operator, List<String> from, String output, AttributeProto... attributes) {
    node(operator, from, List.of(output), attributes);
    return output;
  }

  /** Adds a node of a standard operator. */
  public void node(
      String operator, List<String> from, List<String> outputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .addAllInput(from)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
  }

  /** Adds a node of an operator of {@code ai.onnx.ml} with one output; returns the output. */
  public String mlNode(
      String operator, List<String> from, String output, AttributeProto... attributes) {
    usesMl = true;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setDomain(ML_DOMAIN)
            .addAllInput(from)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
    return output;
  }

  /** The serialized model. */
  public byte[] toBytes() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("sheaf")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph);
    if (usesMl) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(ML_DOMAIN).setVersion(OPSET_ML));
    }
    properties.forEach(
        (name, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(name).setValue(value)));
    return model.build().toByteArray();
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
