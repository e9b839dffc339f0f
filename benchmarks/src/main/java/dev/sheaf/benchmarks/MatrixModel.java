package dev.sheaf.benchmarks;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.models.onnx.Attributes;
import java.util.List;

/** A model of Sheaf's with its columns as one matrix, as models from elsewhere have them. */
final class MatrixModel {
  /** The input {@code double[N,d]}. */
  static final String INPUT = "x";

  private MatrixModel() {}

  /** The same arithmetic behind a node that takes the matrix apart. */
  static byte[] of(byte[] onnx) {
    try {
      ModelProto model = ModelProto.parseFrom(onnx);
      GraphProto graph = model.getGraph();
      List<String> columns = graph.getInputList().stream().map(ValueInfoProto::getName).toList();
      ValueInfoProto.Builder matrix = graph.getInput(0).toBuilder().setName(INPUT);
      matrix
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .getShapeBuilder()
          .getDimBuilder(1)
          .setDimValue(columns.size());
      NodeProto split =
          NodeProto.newBuilder()
              .setOpType("Split")
              .addInput(INPUT)
              .addAllOutput(columns)
              .addAttribute(Attributes.of("axis", 1))
              .addAttribute(Attributes.of("num_outputs", columns.size()))
              .build();
      GraphProto.Builder changed =
          graph.toBuilder().clearInput().addInput(matrix).clearNode().addNode(split);
      graph.getNodeList().forEach(changed::addNode);
      return model.toBuilder().setGraph(changed).build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot read a model: " + e.getMessage(), e);
    }
  }
}
