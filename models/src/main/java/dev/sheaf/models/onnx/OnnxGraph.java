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
 * Writes the ONNX graph of a model: one input {@code double[N,1]} per feature, named as its column,
 * and the output {@code prediction double[N,1]}.
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
      graph.addInput(value(feature.name()));
      while (feature.name().startsWith(free)) {
        free += "/";
      }
    }
    prefix = free;
    graph.setName("sheaf").addOutput(value(ModelSession.OUTPUT));
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

  private String constant(String word, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    String name = name(word);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    graph.addInitializer(tensor);
    return name;
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

  private static ValueInfoProto value(String name) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(1))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.DOUBLE.getNumber())
                        .setShape(shape)))
        .build();
  }
}
