package dev.sheaf.transforms.inference;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** ONNX models of any shape and type, written node by node, for tests. */
final class AnyGraph {
  private static final String CONTRIB = "ai.onnx.contrib";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");

  /** Gives each row of X float[N,1] its negative and its double: Y float[N,2]. */
  static OnnxModel negativeAndDouble() {
    return new AnyGraph()
        .input("X", DataType.FLOAT, -1, 1)
        .floats("factors", new long[] {1, 2}, -1, 2)
        .node("MatMul", List.of("X", "factors"), "Y")
        .output("Y", DataType.FLOAT, -1, 2)
        .model();
  }

  /** Looks I int64[N] up in 100, 101, ... 109; a batch with any other index than 0 to 9 fails. */
  static OnnxModel lookup() {
    return lookup(100);
  }

  /** As {@link #lookup()}, from another number on. */
  static OnnxModel lookup(int first) {
    return OnnxModel.ofBytes(lookupBytes(first));
  }

  static byte[] lookupBytes(int first) {
    float[] table = new float[10];
    for (int i = 0; i < table.length; i++) {
      table[i] = first + i;
    }
    return new AnyGraph()
        .input("I", DataType.INT64, -1)
        .floats("table", new long[] {10}, table)
        .node("Gather", List.of("table", "I"), "Y")
        .output("Y", DataType.FLOAT, -1)
        .bytes();
  }

  /** Counts from 0 to the scalar count int64 in a loop: counted int64. */
  static OnnxModel countingTo() {
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(value("i", DataType.INT64))
            .addInput(value("go", DataType.BOOL))
            .addInput(value("before", DataType.INT64))
            .addNode(nodeOf("", "Identity", List.of("go"), "goOn"))
            .addNode(nodeOf("", "Add", List.of("before", "one"), "after"))
            .addOutput(value("goOn", DataType.BOOL))
            .addOutput(value("after", DataType.INT64))
            .build();
    return new AnyGraph()
        .input("count", DataType.INT64)
        .whole("one", 1)
        .whole("zero", 0)
        .node(
            "Loop",
            List.of("count", "", "zero"),
            "counted",
            AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body)
                .build())
        .output("counted", DataType.INT64)
        .model();
  }

  private AnyGraph whole(String name, long value) {
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(DataType.INT64.getNumber())
            .addInt64Data(value));
    return this;
  }

  /** Gives an input back. */
  static OnnxModel identity(DataType type, long... shape) {
    return new AnyGraph()
        .input("X", type, shape)
        .node("Identity", List.of("X"), "Y")
        .output("Y", type, shape)
        .model();
  }

  /** A tensor among outputs. */
  static Tensor tensor(Map<String, OnnxOutput> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name).tensor();
  }

  /** An input; -1 is an open dimension. */
  AnyGraph input(String name, DataType type, long... shape) {
    graph.addInput(value(name, type, shape));
    return this;
  }

  AnyGraph output(String name, DataType type, long... shape) {
    graph.addOutput(value(name, type, shape));
    return this;
  }

  /** An output that is a sequence of maps from text to float. */
  AnyGraph mapsOutput(String name) {
    TypeProto value = TypeProto.newBuilder().setTensorType(tensor(DataType.FLOAT)).build();
    TypeProto map =
        TypeProto.newBuilder()
            .setMapType(
                TypeProto.Map.newBuilder()
                    .setKeyType(DataType.STRING.getNumber())
                    .setValueType(value))
            .build();
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(
                TypeProto.newBuilder()
                    .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(map))));
    return this;
  }

  AnyGraph floats(String name, long[] shape, float... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT.getNumber());
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    for (float value : values) {
      tensor.addFloatData(value);
    }
    graph.addInitializer(tensor);
    return this;
  }

  AnyGraph node(String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(nodeOf("", operator, inputs, output, attributes));
    return this;
  }

  /** Of the operators for classic models. */
  AnyGraph mlNode(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(nodeOf("ai.onnx.ml", operator, inputs, output, attributes));
    return this;
  }

  /** Of the operators of onnxruntime-extensions. */
  AnyGraph contribNode(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(nodeOf(CONTRIB, operator, inputs, output, attributes));
    return this;
  }

  private static NodeProto nodeOf(
      String domain,
      String operator,
      List<String> inputs,
      String output,
      AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setDomain(domain)
        .setOpType(operator)
        .addAllInput(inputs)
        .addOutput(output)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  static AttributeProto texts(String name, String... texts) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRINGS);
    for (String text : texts) {
      attribute.addStrings(ByteString.copyFromUtf8(text));
    }
    return attribute.build();
  }

  static AttributeProto numbers(String name, float... numbers) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOATS);
    for (float number : numbers) {
      attribute.addFloats(number);
    }
    return attribute.build();
  }

  private static ValueInfoProto value(String name, DataType type, long... shape) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor(type, shape)))
        .build();
  }

  private static TypeProto.Tensor tensor(DataType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long size : shape) {
      dimensions.addDim(
          size < 0
              ? TensorShapeProto.Dimension.newBuilder().setDimParam("N" + dimensions.getDimCount())
              : TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(dimensions).build();
  }

  byte[] bytes() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(3))
            .setGraph(graph);
    if (graph.getNodeList().stream().anyMatch(node -> node.getDomain().equals(CONTRIB))) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(CONTRIB).setVersion(1));
    }
    return model.build().toByteArray();
  }

  OnnxModel model() {
    return OnnxModel.ofBytes(bytes());
  }
}
