package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.sheaf.models.table.Feature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
  private static final String BATCH = "N";

  private final ModelMetadata metadata;
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final List<String> inputs = new ArrayList<>();
  private final String prefix;
  private boolean usesMl;

  private OnnxGraph(ModelMetadata metadata) {
    this.metadata = metadata;
    String free = "/";
    for (Feature feature : metadata.features()) {
      inputs.add(feature.name());
      graph.addInput(
          value(
              feature.name(),
              feature.type().isText() ? TensorProto.DataType.STRING : TensorProto.DataType.DOUBLE,
              1));
      while (feature.name().startsWith(free)) {
        free += "/";
      }
    }
    prefix = free;
    graph.setName("sheaf");
    if (metadata.classes().isEmpty()) {
      graph.addOutput(value(ModelSession.OUTPUT, TensorProto.DataType.DOUBLE, 1));
    } else {
      graph.addOutput(value(ModelSession.OUTPUT, TensorProto.DataType.STRING, 1));
      graph.addOutput(
          value(
              ModelSession.PROBABILITIES, TensorProto.DataType.DOUBLE, metadata.classes().size()));
    }
  }

  /** Starts the graph of a model with an input per feature. */
  public static OnnxGraph of(ModelMetadata metadata) {
    return new OnnxGraph(metadata);
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
    List<String> classes = metadata.classes();
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
    metadata
        .properties()
        .forEach(
            (name, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(name).setValue(value)));
    return model.build().toByteArray();
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueInfoProto value(String name, TensorProto.DataType type, long columns) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }
}
