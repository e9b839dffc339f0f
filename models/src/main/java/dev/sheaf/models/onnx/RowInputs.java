package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sheaf.models.onnx.ModelTemplate.Column;
import dev.sheaf.models.onnx.ModelTemplate.RowInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes work out of a template's graph that costs less when a row is put into its buffers, and
 * changes no bit of an answer.
 *
 * <p>Inputs that the graph joins become one matrix. Where it then centres that matrix and puts 0 in
 * place of what is missing, a missing number is written as the number that is subtracted.
 */
final class RowInputs {
  private final GraphProto.Builder graph;
  private final Map<String, TensorProto> constants;
  private final Map<String, double[]> weights;
  private final Map<String, Integer> uses = new HashMap<>();
  private final Set<NodeProto> dropped = new HashSet<>();

  /**
   * @param graph the template's, whose nodes are changed
   * @param constants those that are no weights
   * @param weights in their order
   */
  RowInputs(
      GraphProto.Builder graph, Map<String, TensorProto> constants, Map<String, double[]> weights) {
    this.graph = graph;
    this.constants = constants;
    this.weights = weights;
    for (NodeProto node : graph.getNodeList()) {
      node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    graph.getOutputList().forEach(output -> uses.merge(output.getName(), 1, Integer::sum));
  }

  /** The inputs that are left of some with one column each. */
  List<RowInput> simplify(List<RowInput> single) {
    List<RowInput> inputs = joined(single);
    for (int i = 0; i < inputs.size(); i++) {
      inputs.set(i, filled(inputs.get(i)));
    }
    List<NodeProto> nodes =
        graph.getNodeList().stream().filter(node -> !dropped.contains(node)).toList();
    graph.clearNode().addAllNode(nodes);
    return inputs;
  }

  private List<RowInput> joined(List<RowInput> single) {
    Map<String, RowInput> left = new LinkedHashMap<>();
    single.forEach(input -> left.put(input.name(), input));
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Concat")
          && uses(node.getOutput(0)) > 0
          && !isOutput(node.getOutput(0))
          && node.getInputList().stream()
              .allMatch(name -> left.containsKey(name) && uses(name) == 1)) {
        List<Column> columns = new ArrayList<>();
        for (String name : node.getInputList()) {
          RowInput input = left.remove(name);
          if (input != null) {
            columns.addAll(input.columns());
          }
        }
        left.put(node.getOutput(0), new RowInput(node.getOutput(0), columns));
        dropped.add(node);
      }
    }
    return new ArrayList<>(left.values());
  }

  private int uses(String name) {
    return uses.getOrDefault(name, 0);
  }

  private boolean isOutput(String name) {
    return graph.getOutputList().stream().anyMatch(output -> output.getName().equals(name));
  }

  /** The same input, or one in which what is missing is a weight. */
  private RowInput filled(RowInput input) {
    NodeProto sub = onlyReader(input.name(), "Sub");
    double[] means =
        sub == null || !sub.getInput(0).equals(input.name()) ? null : weights.get(sub.getInput(1));
    if (sub == null
        || means == null
        || means.length != input.columns().size()
        || !areFinite(means)) {
      return input;
    }
    String centred = sub.getOutput(0);
    NodeProto isMissing = reader(centred, "IsNaN");
    NodeProto imputed = reader(centred, "Where");
    if (isMissing == null
        || imputed == null
        || uses(centred) != 2
        || uses(isMissing.getOutput(0)) != 1
        || !imputed.getInput(0).equals(isMissing.getOutput(0))
        || !isZero(imputed.getInput(1))
        || !imputed.getInput(2).equals(centred)) {
      return input;
    }
    dropped.add(isMissing);
    dropped.add(imputed);
    replace(sub, sub.toBuilder().setOutput(0, imputed.getOutput(0)).build());
    int first = firstWeight(sub.getInput(1));
    List<Column> columns = new ArrayList<>();
    for (int c = 0; c < input.columns().size(); c++) {
      Column column = input.columns().get(c);
      columns.add(new Column(column.feature(), column.table(), first + c));
    }
    return new RowInput(input.name(), columns);
  }

  private static boolean areFinite(double[] numbers) {
    return Arrays.stream(numbers).allMatch(Double::isFinite);
  }

  /** Whether a constant is one positive zero. */
  private boolean isZero(String name) {
    TensorProto constant = constants.get(name);
    double[] values = constant == null ? null : TensorValues.doubles(constant);
    return values != null && values.length == 1 && Double.doubleToRawLongBits(values[0]) == 0;
  }

  private int firstWeight(String name) {
    int first = 0;
    for (Map.Entry<String, double[]> weight : weights.entrySet()) {
      if (weight.getKey().equals(name)) {
        return first;
      }
      first += weight.getValue().length;
    }
    throw new IllegalStateException("no weight named " + name);
  }

  private @Nullable NodeProto onlyReader(String name, String operator) {
    return uses(name) == 1 ? reader(name, operator) : null;
  }

  private @Nullable NodeProto reader(String name, String operator) {
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals(operator)
          && node.getDomain().isEmpty()
          && node.getInputList().contains(name)) {
        return node;
      }
    }
    return null;
  }

  private void replace(NodeProto before, NodeProto after) {
    for (int i = 0; i < graph.getNodeCount(); i++) {
      if (graph.getNode(i).equals(before)) {
        graph.setNode(i, after);
      }
    }
  }
}
