package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the divisions of whole numbers in a graph safe.
 *
 * <p>ONNX Runtime 1.29 divides the least whole number by -1 with the processor's own instruction,
 * which raises SIGFPE and kills the JVM. So where the divisor is not a constant, it becomes 1 in
 * just that case, which gives what two's complement has: the least number again, and a remainder of
 * 0. (Division by 0 is an error that ONNX Runtime reports.)
 *
 * <p>Types are followed through the operators that keep them; a division of values whose type is
 * not known stays as it is, as do those in graphs within nodes.
 */
final class IntegerDivisions {
  private static final String PREFIX = "sheaf/divisor/";

  /** The first version of the standard operators with all that a guard is made of. */
  private static final long FIRST_OPSET = 9;

  /** How a node of an operator with a name of three letters says so in a file: field 4, length. */
  private static final byte[] THREE_LETTERS = {0x22, 3};

  private static final Set<String> KEEP_TYPE =
      Set.of(
          "Abs",
          "Add",
          "Clip",
          "Concat",
          "Div",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Neg",
          "Pad",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "Reshape",
          "Sign",
          "Slice",
          "Split",
          "Squeeze",
          "Sub",
          "Sum",
          "Tile",
          "TopK",
          "Transpose",
          "Unsqueeze");

  private static final Set<String> GIVE_INT64 =
      Set.of("ArgMax", "ArgMin", "NonZero", "Shape", "Size");

  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private boolean guarded;

  private IntegerDivisions() {}

  /**
   * A model with guards in front of its divisions; the same bytes if there is nothing to guard, or
   * if they are no model.
   */
  static byte[] guarded(byte[] onnx) {
    if (!mayDivide(onnx)) {
      return onnx;
    }
    try {
      ModelProto model = ModelProto.parseFrom(onnx);
      List<NodeProto> nodes = guarded(model);
      if (nodes.isEmpty()) {
        return onnx;
      }
      ModelProto.Builder changed = model.toBuilder();
      changed.getGraphBuilder().clearNode().addAllNode(nodes);
      return changed.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      return onnx; // ONNX Runtime says what is wrong with it.
    }
  }

  /** Whether an operator may be Div or Mod, by a look at the bytes alone. */
  private static boolean mayDivide(byte[] onnx) {
    for (int i = 0; i + 5 <= onnx.length; i++) {
      if (onnx[i] == THREE_LETTERS[0] && onnx[i + 1] == THREE_LETTERS[1]) {
        String operator = new String(onnx, i + 2, 3, StandardCharsets.ISO_8859_1);
        if (operator.equals("Div") || operator.equals("Mod")) {
          return true;
        }
      }
    }
    return false;
  }

  /** The nodes with guards in front of divisions; empty if there is nothing to guard. */
  static List<NodeProto> guarded(ModelProto model) {
    GraphProto graph = model.getGraph();
    boolean divides = graph.getNodeList().stream().anyMatch(IntegerDivisions::isDivision);
    boolean canGuard =
        model.getOpsetImportList().stream()
            .anyMatch(set -> isStandard(set.getDomain()) && set.getVersion() >= FIRST_OPSET);
    if (!divides || !canGuard) {
      return List.of();
    }
    IntegerDivisions divisions = new IntegerDivisions();
    divisions.read(graph);
    for (NodeProto node : graph.getNodeList()) {
      divisions.add(node);
    }
    return divisions.guarded ? divisions.nodes : List.of();
  }

  private static boolean isDivision(NodeProto node) {
    return isStandard(node.getDomain())
        && (node.getOpType().equals("Div") || node.getOpType().equals("Mod"));
  }

  private static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  private void read(GraphProto graph) {
    for (List<ValueInfoProto> values :
        List.of(graph.getInputList(), graph.getOutputList(), graph.getValueInfoList())) {
      for (ValueInfoProto value : values) {
        if (value.getType().hasTensorType()) {
          type(value.getName(), value.getType().getTensorType().getElemType());
        }
      }
    }
    Set<String> given = new HashSet<>();
    graph.getInputList().forEach(input -> given.add(input.getName()));
    for (TensorProto tensor : graph.getInitializerList()) {
      type(tensor.getName(), tensor.getDataType());
      if (!given.contains(tensor.getName())) {
        constants.put(tensor.getName(), tensor);
      }
    }
  }

  private void type(String name, int number) {
    TensorType.ofProtoNumber(number).ifPresent(type -> types.put(name, type));
  }

  private void add(NodeProto node) {
    follow(node);
    if (!isDivision(node) || node.getInputCount() != 2) {
      nodes.add(node);
      return;
    }
    TensorType type = types.get(node.getInput(0));
    if (type == null) {
      type = types.get(node.getInput(1));
    }
    boolean atRisk = type == TensorType.INT32 || type == TensorType.INT64;
    if (type == null || !atRisk || isHarmless(node.getInput(1))) {
      nodes.add(node);
      return;
    }
    guard(node, type);
  }

  private void follow(NodeProto node) {
    if (!isStandard(node.getDomain()) || node.getOutputCount() == 0) {
      return;
    }
    String operator = node.getOpType();
    if (operator.equals("Constant")) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.getName().equals("value")) {
          type(node.getOutput(0), attribute.getT().getDataType());
          constants.put(node.getOutput(0), attribute.getT());
        }
      }
    } else if (operator.equals("Cast")) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.getName().equals("to")) {
          type(node.getOutput(0), (int) attribute.getI());
        }
      }
    } else if (GIVE_INT64.contains(operator)) {
      types.put(node.getOutput(0), TensorType.INT64);
    } else if (KEEP_TYPE.contains(operator) && node.getInputCount() > 0) {
      TensorType type = types.get(node.getInput(0));
      if (type != null) {
        node.getOutputList().forEach(output -> types.putIfAbsent(output, type));
      }
    } else if (operator.equals("Where") && node.getInputCount() > 1) {
      TensorType type = types.get(node.getInput(1));
      if (type != null) {
        types.put(node.getOutput(0), type);
      }
    }
  }

  /** Whether a divisor is a constant without -1. */
  private boolean isHarmless(String divisor) {
    TensorProto constant = constants.get(divisor);
    if (constant == null
        || constant.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || TensorType.ofProtoNumber(constant.getDataType())
            .filter(TensorType::isInteger)
            .isEmpty()) {
      return false;
    }
    return Arrays.stream(TensorProtos.read(constant).longs()).noneMatch(value -> value == -1);
  }

  private void guard(NodeProto division, TensorType type) {
    guarded = true;
    String name = PREFIX + nodes.size() + "/";
    String dividend = division.getInput(0);
    String divisor = division.getInput(1);
    long least = type == TensorType.INT32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
    constant(name + "least", type, least);
    constant(name + "minus", type, -1);
    constant(name + "one", type, 1);
    node("Equal", List.of(dividend, name + "least"), name + "isLeast");
    node("Equal", List.of(divisor, name + "minus"), name + "isMinus");
    node("And", List.of(name + "isLeast", name + "isMinus"), name + "overflows");
    node("Where", List.of(name + "overflows", name + "one", divisor), name + "safe");
    nodes.add(division.toBuilder().setInput(1, name + "safe").build());
  }

  private void constant(String name, TensorType type, long value) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.protoNumber());
    if (type == TensorType.INT32) {
      tensor.addInt32Data((int) value);
    } else {
      tensor.addInt64Data(value);
    }
    nodes.add(
        NodeProto.newBuilder()
            .setOpType("Constant")
            .addOutput(name)
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("value")
                    .setType(AttributeProto.AttributeType.TENSOR)
                    .setT(tensor))
            .build());
  }

  private void node(String operator, List<String> from, String to) {
    nodes.add(NodeProto.newBuilder().setOpType(operator).addAllInput(from).addOutput(to).build());
  }
}
