package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;

/** Writes small models for tests. */
final class Graph {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private final ModelProto.Builder model =
      ModelProto.newBuilder()
          .setIrVersion(8)
          .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(18))
          .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(3));

  /** A model that gives back what it takes, from {@code x} to {@code y}. */
  static byte[] identity(TensorType type, Object... shape) {
    return new Graph()
        .input("x", type, shape)
        .output("y", type, shape)
        .node("Identity", List.of("x"), "y")
        .bytes();
  }

  /** Numbers are fixed dimensions, texts the names of open ones. */
  static ValueInfoProto value(String name, TensorType type, Object... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (Object dimension : shape) {
      TensorShapeProto.Dimension.Builder one = dimensions.addDimBuilder();
      if (dimension instanceof Integer number) {
        one.setDimValue(number);
      } else {
        one.setDimParam(dimension.toString());
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type.protoNumber())
                        .setShape(dimensions)))
        .build();
  }

  Graph input(String name, TensorType type, Object... shape) {
    return input(value(name, type, shape));
  }

  Graph input(ValueInfoProto value) {
    graph.addInput(value);
    return this;
  }

  Graph output(String name, TensorType type, Object... shape) {
    return output(value(name, type, shape));
  }

  Graph output(ValueInfoProto value) {
    graph.addOutput(value);
    return this;
  }

  Graph initializer(TensorProto.Builder tensor) {
    graph.addInitializer(tensor);
    return this;
  }

  Graph node(String operator, List<String> from, String to, AttributeProto... attributes) {
    return node("", operator, from, List.of(to), attributes);
  }

  Graph node(
      String domain,
      String operator,
      List<String> from,
      List<String> to,
      AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setDomain(domain)
            .setOpType(operator)
            .addAllInput(from)
            .addAllOutput(to)
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  Graph domain(String name) {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(name).setVersion(1));
    return this;
  }

  GraphProto.Builder proto() {
    return graph;
  }

  byte[] bytes() {
    return model.setGraph(graph).build().toByteArray();
  }

  TensorSession open() {
    return TensorSession.open(OnnxModel.ofBytes(bytes()));
  }
}
