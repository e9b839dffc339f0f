package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.models.onnx.ModelTemplate.Column;
import dev.sheaf.models.onnx.ModelTemplate.RowInput;
import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.onnx.ModelTemplate.WeightInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the template of a model: weights become inputs, and tables that are asked for a feature go
 * out of the graph, so that their answer is the input.
 *
 * <p>A weight is a constant of doubles that nothing but arithmetic reads: where rows can be mixed a
 * row {@code [1,d]}, which then is one of many in an input {@code [M,d]} that the graph gathers
 * each row's from; where Gemm or MatMul take part a matrix of any shape. Constants in other places,
 * such as the base of a power, belong to the template and must be equal. Any operator that is not
 * known to go row by row, any attribute, type or extension that is not expected here: there is no
 * template, and the model is opened as it is.
 */
final class TemplateWriter {
  /** Beyond it a session of its own costs little more than reading the graph here. */
  private static final int LARGEST_BYTES = 8 << 20;

  /** For a row all values of such a table are gathered, though it needs one. */
  private static final int LARGEST_TABLE_OF_WEIGHTS = 64;

  /** Where rows are mixed each takes so many at most; beyond that, copying them costs too much. */
  private static final int MOST_WEIGHTS_OF_A_ROW = 512;

  /** Beyond it a call of its own costs little for a row, and buffers of many rows would be huge. */
  private static final int MOST_ROW_INPUTS = 1024;

  private static final int INT64 = OnnxValue.Type.INT64.number();
  private static final String ML_DOMAIN = "ai.onnx.ml";
  private static final String LABEL_ENCODER = "LabelEncoder";

  /** Operators that work value by value. */
  private static final Set<String> BY_VALUE =
      Set.of(
          "Abs",
          "Add",
          "Cast",
          "Ceil",
          "Div",
          "Equal",
          "Exp",
          "Floor",
          "Identity",
          "IsNaN",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Neg",
          "Pow",
          "Relu",
          "Sigmoid",
          "Sqrt",
          "Sub",
          "Sum",
          "Tanh",
          "Where");

  /** Operators that work row by row if their axis is 1. */
  private static final Set<String> BY_ROW = Set.of("ArgMax", "Concat", "Gather", "Split");

  private static final Set<String> TAKE_WEIGHTS =
      Set.of("Add", "Div", "Max", "Min", "Mul", "Sub", "Sum");
  private static final Set<String> TAKE_MATRICES = Set.of("Gemm", "MatMul");

  private final byte[] onnx;
  private final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final Map<String, Integer> inputs = new LinkedHashMap<>();
  private final Map<String, double[]> weights = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new HashMap<>();
  private final List<RowInput> rowInputs = new ArrayList<>();
  private final List<CategoryTable> tables = new ArrayList<>();

  TemplateWriter(byte[] onnx) {
    this.onnx = onnx;
  }

  /** Takes the model apart so that rows can be mixed, or else so that a call is of one model. */
  Optional<SplitModel> split() {
    Optional<SplitModel> split = split(Rows.MIXED);
    boolean heavy =
        split.isPresent()
            && split.get().template().rows() == Rows.MIXED
            && split.get().weights().values().length > MOST_WEIGHTS_OF_A_ROW;
    if (!heavy) {
      return split;
    }
    TemplateWriter ofOneModel = new TemplateWriter(onnx);
    split = ofOneModel.split(Rows.OF_ONE_MODEL);
    weights.clear();
    weights.putAll(ofOneModel.weights);
    return split;
  }

  /** Once the model is taken apart, the names of its weights in their order. */
  Set<String> weightNames() {
    return weights.keySet();
  }

  private Optional<SplitModel> split(Rows most) {
    if (onnx.length > LARGEST_BYTES) {
      return Optional.empty();
    }
    ModelProto model;
    try {
      model = ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException damaged) {
      return Optional.empty();
    }
    if (model.getFunctionsCount() > 0
        || model.getTrainingInfoCount() > 0
        || !read(model.getGraph())) {
      return Optional.empty();
    }
    Rows rows = rows(model.getGraph());
    if (rows == null) {
      return Optional.empty();
    }
    Rows chosen = most == Rows.MIXED ? rows : most;
    collectWeights(model.getGraph(), chosen);
    return Optional.ofNullable(write(model, chosen));
  }

  /** Whether the graph holds nothing but nodes, constants, inputs and outputs, each name once. */
  private boolean read(GraphProto graph) {
    if (graph.getSparseInitializerCount() > 0
        || graph.getValueInfoCount() > 0
        || graph.getQuantizationAnnotationCount() > 0) {
      return false;
    }
    for (ValueInfoProto input : graph.getInputList()) {
      if (inputs.putIfAbsent(input.getName(), inputs.size()) != null) {
        return false;
      }
    }
    for (TensorProto constant : graph.getInitializerList()) {
      if (inputs.containsKey(constant.getName())
          || constant.getExternalDataCount() > 0
          || constants.put(constant.getName(), constant) != null) {
        return false;
      }
    }
    return true;
  }

  /** How rows may be put together; null if that is not known of some operator. */
  private @Nullable Rows rows(GraphProto graph) {
    Rows rows = Rows.MIXED;
    for (NodeProto node : graph.getNodeList()) {
      String operator = node.getOpType();
      if (node.getOutputCount() == 0 || node.getInputCount() < leastInputs(operator)) {
        return null;
      }
      boolean standard = node.getDomain().isEmpty();
      if (standard && (TAKE_MATRICES.contains(operator) || operator.equals("ReduceMax"))) {
        rows = Rows.OF_ONE_MODEL;
      } else if (standard && BY_ROW.contains(operator)) {
        if (!isByRow(node)) {
          return null;
        }
      } else if (!(standard && BY_VALUE.contains(operator))
          && !(node.getDomain().equals(ML_DOMAIN) && operator.equals(LABEL_ENCODER))) {
        return null;
      }
    }
    return rows;
  }

  /** How many inputs of a node are read here; it may need more. */
  private static int leastInputs(String operator) {
    return switch (operator) {
      case "Where" -> 3;
      case "Sub" -> 2;
      default -> 1;
    };
  }

  private boolean isByRow(NodeProto node) {
    long axis = 0;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals("axis")) {
        axis = attribute.getI();
      }
    }
    boolean ofConstants = constants.containsKey(node.getInput(0));
    return node.getOpType().equals("Gather")
        ? axis == (ofConstants ? 0 : 1)
        : axis == 1 && !ofConstants;
  }

  /** Finds the constants that are weights. */
  private void collectWeights(GraphProto graph, Rows rows) {
    Set<String> other = new HashSet<>();
    Set<String> taken = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      boolean arithmetic = TAKE_WEIGHTS.contains(node.getOpType());
      boolean matrices = rows == Rows.OF_ONE_MODEL && TAKE_MATRICES.contains(node.getOpType());
      for (String input : node.getInputList()) {
        TensorProto constant = constants.get(input);
        if (constant != null) {
          boolean row = constant.getDimsCount() == 2 && constant.getDims(0) == 1;
          (matrices || (arithmetic && row) ? taken : other).add(input);
        }
      }
    }
    graph.getOutputList().forEach(output -> other.add(output.getName()));
    taken.removeAll(other);
    for (TensorProto constant : constants.values()) {
      double[] values = taken.contains(constant.getName()) ? TensorValues.doubles(constant) : null;
      if (values != null && values.length > 0) {
        weights.put(constant.getName(), values);
        shapes.put(constant.getName(), List.copyOf(constant.getDimsList()));
      }
    }
  }

  private @Nullable SplitModel write(ModelProto model, Rows rows) {
    GraphProto graph = model.getGraph();
    GraphProto.Builder written = graph.toBuilder().clearNode().clearInitializer().clearInput();
    moveTables(graph, written, rows);
    if (weights.isEmpty() && tables.isEmpty()) {
      return null;
    }
    Set<String> read = new HashSet<>();
    written.getNodeList().forEach(node -> read.addAll(node.getInputList()));
    for (ValueInfoProto input : graph.getInputList()) {
      if (read.contains(input.getName())) {
        if (input.getType().getTensorType().getElemType()
            != TensorProto.DataType.DOUBLE.getNumber()) {
          return null;
        }
        int feature = inputs.getOrDefault(input.getName(), 0);
        rowInputs.add(rowInput(input.getName(), feature, -1));
      }
    }
    if (rowInputs.size() > MOST_ROW_INPUTS) {
      return null;
    }
    List<RowInput> simplified = new RowInputs(written, constants, weights).simplify(rowInputs);
    simplified.forEach(input -> written.addInput(declare(input.name(), input.columns().size())));
    Set<String> stillRead = new HashSet<>();
    written.getNodeList().forEach(node -> stillRead.addAll(node.getInputList()));
    written.getOutputList().forEach(output -> stillRead.add(output.getName()));
    for (TensorProto constant : constants.values()) {
      if (!weights.containsKey(constant.getName()) && stillRead.contains(constant.getName())) {
        written.addInitializer(constant);
      }
    }
    List<WeightInput> weightInputs =
        rows == Rows.MIXED ? gathered(graph, written) : asTheyAre(written);
    ModelProto.Builder template = model.toBuilder().setGraph(written).clearMetadataProps();
    properties(model).forEach((name, value) -> template.addMetadataProps(entry(name, value)));
    return new SplitModel(
        new ModelTemplate(template.build().toByteArray(), rows, simplified, weightInputs),
        new ModelWeights(joined(), tables));
  }

  /** Makes weights inputs of their own shapes. */
  private List<WeightInput> asTheyAre(GraphProto.Builder written) {
    List<WeightInput> all = new ArrayList<>();
    weights.forEach(
        (name, weight) -> {
          List<Long> shape = shapes.getOrDefault(name, List.of());
          all.add(new WeightInput(name, weight.length, shape));
          written.addInput(declare(name, shape));
        });
    return all;
  }

  /** Makes the weights of many models inputs, from which each row takes those of its model. */
  private List<WeightInput> gathered(GraphProto graph, GraphProto.Builder written) {
    List<NodeProto> nodes = new ArrayList<>();
    List<WeightInput> all = new ArrayList<>();
    weights.forEach(
        (name, weight) -> {
          String ofModels = freeName(graph, name + "/models");
          nodes.add(
              node("Gather", List.of(ofModels, ModelTemplate.MODEL), name).toBuilder()
                  .addAttribute(Attributes.of("axis", 0))
                  .build());
          all.add(new WeightInput(ofModels, weight.length, List.of()));
          written.addInput(declareOfModels(ofModels, weight.length));
        });
    if (!all.isEmpty()) {
      written.addInput(declareModel());
    }
    nodes.addAll(written.getNodeList());
    written.clearNode().addAllNode(nodes);
    return all;
  }

  /** Makes the tables' answers inputs, or their values weights; all other nodes stay. */
  private void moveTables(GraphProto graph, GraphProto.Builder written, Rows rows) {
    Set<String> outputs = new HashSet<>();
    graph.getOutputList().forEach(output -> outputs.add(output.getName()));
    for (NodeProto node : graph.getNodeList()) {
      boolean encoder = node.getOpType().equals(LABEL_ENCODER) && node.getInputCount() == 1;
      CategoryTable table = encoder ? CategoryTable.of(node) : null;
      Integer feature = encoder ? inputs.get(node.getInput(0)) : null;
      if (table == null) {
        written.addNode(node);
      } else if (feature != null && table.isOfText() == isText(graph, feature)) {
        String output = node.getOutput(0);
        String name = output;
        if (outputs.contains(output)) {
          name = freeName(graph, output);
          written.addNode(node("Identity", List.of(name), output));
        }
        rowInputs.add(rowInput(name, feature, tables.size()));
        tables.add(table);
      } else if (table.isOfText() || table.size() > LARGEST_TABLE_OF_WEIGHTS) {
        written.addNode(node);
      } else {
        number(graph, written, node, table, rows);
      }
    }
  }

  /** The keys of a computed value stay in the graph and give places, the values are weights. */
  private void number(
      GraphProto graph,
      GraphProto.Builder written,
      NodeProto node,
      CategoryTable table,
      Rows rows) {
    String output = node.getOutput(0);
    String place = freeName(graph, output + "/place");
    String index = freeName(graph, output + "/index");
    String values = freeName(graph, output + "/values");
    written.addNode(table.toPlaces(node).toBuilder().clearOutput().addOutput(place));
    written.addNode(
        node("Cast", List.of(place), index).toBuilder().addAttribute(Attributes.of("to", INT64)));
    boolean mixed = rows == Rows.MIXED;
    written.addNode(
        node(mixed ? "GatherElements" : "Gather", List.of(values, index), output).toBuilder()
            .addAttribute(Attributes.of("axis", mixed ? 1 : 0)));
    double[] weight = table.valuesByPlace();
    weights.put(values, weight);
    shapes.put(values, List.of((long) weight.length));
  }

  private static RowInput rowInput(String name, int feature, int table) {
    return new RowInput(name, List.of(new Column(feature, table, -1)));
  }

  private static NodeProto node(String operator, List<String> from, String output) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(from).addOutput(output).build();
  }

  private static boolean isText(GraphProto graph, int feature) {
    return graph.getInput(feature).getType().getTensorType().getElemType()
        == TensorProto.DataType.STRING.getNumber();
  }

  private String freeName(GraphProto graph, String word) {
    Set<String> used = new HashSet<>(inputs.keySet());
    used.addAll(constants.keySet());
    graph.getNodeList().forEach(node -> used.addAll(node.getOutputList()));
    String name = word;
    while (used.contains(name)) {
      name += "/";
    }
    return name;
  }

  /** What decides how rows are read and answers are understood, and the inputs that are gone. */
  private Map<String, String> properties(ModelProto model) {
    Map<String, String> all = new HashMap<>();
    model.getMetadataPropsList().forEach(entry -> all.put(entry.getKey(), entry.getValue()));
    Map<String, String> kept = new LinkedHashMap<>();
    for (String name : List.of(ModelMetadata.FEATURES, ModelMetadata.CLASSES)) {
      String value = all.get(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    StringBuilder told = new StringBuilder();
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      told.append(input.getName().length()).append(' ').append(input.getName());
      told.append(input.getType().getTensorType().getElemType()).append(' ');
    }
    kept.put("inputs", told.toString());
    kept.put("tables", tables.stream().map(table -> table.isOfText() ? "t" : "n").toList() + "");
    return kept;
  }

  private double[] joined() {
    return weights.values().stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private static StringStringEntryProto entry(String name, String value) {
    return StringStringEntryProto.newBuilder().setKey(name).setValue(value).build();
  }

  /** A value {@code double[N,columns]}. */
  private static ValueInfoProto declare(String name, int columns) {
    return new OnnxValue(name, OnnxValue.Type.DOUBLE, columns).toProto();
  }

  /** A value {@code double[M,columns]}, with a row for each of some models. */
  private static ValueInfoProto declareOfModels(String name, int columns) {
    ValueInfoProto.Builder value = declare(name, columns).toBuilder();
    value
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimParam("M");
    return value.build();
  }

  /** The number of each row's model: {@code int64[N]}. */
  private static ValueInfoProto declareModel() {
    ValueInfoProto.Builder column =
        new OnnxValue(ModelTemplate.MODEL, OnnxValue.Type.INT64, 1).toProto().toBuilder();
    column.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().removeDim(1);
    return column.build();
  }

  private static ValueInfoProto declare(String name, List<Long> shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    shape.forEach(
        size -> dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size)));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.DOUBLE.getNumber())
                        .setShape(dimensions)))
        .build();
  }
}
