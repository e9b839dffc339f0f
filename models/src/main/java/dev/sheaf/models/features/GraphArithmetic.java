package dev.sheaf.models.features;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** Arithmetic as nodes of a graph; makes up the names of all values of an encoding. */
final class GraphArithmetic implements Arithmetic<String> {
  private final OnnxGraph graph;
  private final Map<List<Double>, String> constants = new HashMap<>();
  private int names;

  GraphArithmetic(OnnxGraph graph) {
    this.graph = graph;
  }

  @Override
  public String add(String left, String right) {
    return node("Add", List.of(left, right));
  }

  @Override
  public String subtract(String left, String right) {
    return node("Sub", List.of(left, right));
  }

  @Override
  public String add(String left, double[] right) {
    return node("Add", List.of(left, constant(right)));
  }

  @Override
  public String multiply(String left, double[] right) {
    return node("Mul", List.of(left, constant(right)));
  }

  @Override
  public String divide(String left, double[] right) {
    return node("Div", List.of(left, constant(right)));
  }

  @Override
  public String remainder(String left, double[] right) {
    return node("Mod", List.of(left, constant(right)), Attributes.of("fmod", 1));
  }

  @Override
  public String floor(String matrix) {
    return node("Floor", List.of(matrix));
  }

  @Override
  public String ceil(String matrix) {
    return node("Ceil", List.of(matrix));
  }

  /** 1 where the values equal the constants, 0 where they do not, NaN where they are NaN. */
  String indicate(String matrix, double[] values, double[] kept) {
    String equal = node("Equal", List.of(matrix, constant(values)));
    return node("Where", List.of(equal, constant(new double[] {1}), multiply(matrix, kept)));
  }

  /** The columns with the given numbers. */
  String columns(String matrix, int[] numbers) {
    long[] indexes = new long[numbers.length];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = numbers[i];
    }
    String chosen = graph.constant(word(), indexes, indexes.length);
    return node("Gather", List.of(matrix, chosen), Attributes.of("axis", 1));
  }

  /** All columns of all matrices; of a single one without a node. */
  String join(List<String> matrices) {
    return matrices.size() == 1
        ? matrices.get(0)
        : node("Concat", matrices, Attributes.of("axis", 1));
  }

  /** The value of each text or number by the pairs given, or the other one. */
  String look(String column, AttributeProto keys, double[] values, double other) {
    return graph.mlNode(
        "LabelEncoder",
        List.of(column),
        graph.name(word()),
        keys,
        Attributes.of("values_tensor", values),
        Attributes.of("default_tensor", new double[] {other}));
  }

  private String node(String operator, List<String> from, AttributeProto... attributes) {
    return graph.node(operator, from, graph.name(word()), attributes);
  }

  private String constant(double[] values) {
    List<Double> boxed = DoubleStream.of(values).boxed().toList();
    return constants.computeIfAbsent(
        boxed,
        ignored ->
            boxed.stream().distinct().count() == 1
                ? graph.constant(word(), new double[] {values[0]})
                : graph.constant(word(), values, values.length));
  }

  private String word() {
    return "encoding" + names++;
  }
}
