package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The file of a model as read before ONNX Runtime sees it, and changed where its Java interface
 * needs that: inputs of unsigned integers wider than a byte, which it cannot make, become signed
 * ones with a cast behind, and optional inputs lose the value that they have in the file. Divisions
 * of whole numbers get a guard, see {@link IntegerDivisions}.
 */
final class ModelGraph {
  private static final String PREFIX = "sheaf/";
  private static final int OPSET = 18;

  private final byte[] onnx;
  private final ModelProto model;
  private final List<GraphInput> inputs;
  private final ExternalData externalData;

  /**
   * An input of the graph.
   *
   * @param spec what a caller gives
   * @param feed the name that ONNX Runtime knows it by
   * @param value what it is if a caller gives nothing
   * @param batch the name of the first dimension, or an empty text
   */
  record GraphInput(TensorSpec spec, String feed, Optional<Tensor> value, String batch) {}

  private ModelGraph(
      byte[] onnx, ModelProto model, List<GraphInput> inputs, ExternalData externalData) {
    this.onnx = onnx;
    this.model = model;
    this.inputs = List.copyOf(inputs);
    this.externalData = externalData;
  }

  /**
   * Reads a file.
   *
   * @param optional the inputs with a value of their own that callers may give
   * @throws OnnxFailure if it is damaged, or if it has an input that cannot be given from Java
   */
  static ModelGraph read(byte[] onnx, List<String> optional) {
    ModelProto model = parse(onnx);
    List<TensorProto> external = new ArrayList<>();
    tensors(
        model,
        tensor -> {
          if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
              || tensor.getExternalDataCount() > 0) {
            external.add(tensor);
          }
        });
    List<GraphInput> inputs = inputs(model.getGraph(), optional);
    return new ModelGraph(onnx, model, inputs, ExternalData.of(external));
  }

  private static ModelProto parse(byte[] onnx) {
    ModelProto model;
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(onnx).newCodedInput();
      in.enableAliasing(true);
      model = ModelProto.parseFrom(in);
    } catch (IOException e) {
      throw new OnnxFailure(
          "cannot load a model: its "
              + onnx.length
              + " bytes are no ONNX file, or one that is damaged or cut short: "
              + e.getMessage(),
          e);
    }
    if (!model.hasGraph() || model.getIrVersion() < 1) {
      throw new OnnxFailure(
          "cannot load a model: its "
              + onnx.length
              + " bytes are no ONNX file: "
              + (model.hasGraph() ? "there is no version" : "there is no graph")
              + " in it");
    }
    return model;
  }

  private static List<GraphInput> inputs(GraphProto graph, List<String> optional) {
    Map<String, TensorProto> values = new LinkedHashMap<>();
    graph.getInitializerList().forEach(tensor -> values.put(tensor.getName(), tensor));
    List<GraphInput> inputs = new ArrayList<>();
    List<String> unknown = new ArrayList<>(optional);
    for (ValueInfoProto input : graph.getInputList()) {
      TensorProto value = values.get(input.getName());
      boolean chosen = unknown.remove(input.getName());
      if (value == null || chosen) {
        inputs.add(input(input, Optional.ofNullable(value)));
      }
    }
    if (!unknown.isEmpty()) {
      throw new OnnxFailure(
          "cannot make the inputs "
              + unknown
              + " of a model optional: its inputs are "
              + graph.getInputList().stream().map(ValueInfoProto::getName).toList());
    }
    return inputs;
  }

  private static GraphInput input(ValueInfoProto input, Optional<TensorProto> value) {
    TypeProto declared = input.getType();
    if (declared.hasOptionalType() && declared.getOptionalType().getElemType().hasTensorType()) {
      // ONNX Runtime takes a tensor for it; that there is none cannot be said from Java.
      declared = declared.getOptionalType().getElemType();
    }
    if (!declared.hasTensorType()) {
      throw new OnnxFailure(
          "cannot load a model whose input '"
              + input.getName()
              + "' is a "
              + TypeNames.of(declared)
              + ": ONNX Runtime's Java interface takes tensors alone");
    }
    TypeProto.Tensor tensor = declared.getTensorType();
    TensorType type =
        TensorType.ofProtoNumber(tensor.getElemType())
            .orElseThrow(
                () ->
                    new OnnxFailure(
                        "cannot load a model whose input '"
                            + input.getName()
                            + "' is a tensor of "
                            + TypeNames.element(tensor.getElemType())
                            + ": ONNX Runtime's Java interface has no such type"));
    long[] shape =
        tensor.getShape().getDimList().stream()
            .mapToLong(
                dimension -> dimension.hasDimValue() ? dimension.getDimValue() : TensorSpec.DYNAMIC)
            .map(dimension -> Math.max(TensorSpec.DYNAMIC, dimension))
            .toArray();
    String batch = shape.length == 0 ? "" : tensor.getShape().getDim(0).getDimParam();
    TensorSpec spec =
        new TensorSpec(input.getName(), type, shape, value.isPresent(), tensor.hasShape());
    boolean renamed = type.asInput() != type;
    return new GraphInput(
        spec,
        renamed ? PREFIX + input.getName() : input.getName(),
        value.map(TensorProtos::read),
        batch);
  }

  List<GraphInput> inputs() {
    return inputs;
  }

  ExternalData externalData() {
    return externalData;
  }

  /** Whether there are outputs that may have no value. */
  boolean hasOptionalOutputs() {
    return model.getGraph().getOutputList().stream()
        .anyMatch(output -> output.getType().hasOptionalType());
  }

  /** The bytes of the graph's weights in this file. */
  long weightBytes() {
    return model.getGraph().getInitializerList().stream()
        .mapToLong(TensorProto::getSerializedSize)
        .sum();
  }

  /** The nodes of the graph, without those inside of others. */
  int nodes() {
    return model.getGraph().getNodeCount();
  }

  /** The names of the domains that operators come from. */
  List<String> domains() {
    return model.getOpsetImportList().stream().map(OperatorSetIdProto::getDomain).toList();
  }

  /** The file as ONNX Runtime is given it. */
  byte[] toBytes() {
    List<NodeProto> guarded = IntegerDivisions.guarded(model);
    boolean asIs =
        inputs.stream()
            .allMatch(input -> input.value().isEmpty() && input.feed().equals(input.spec().name()));
    if (asIs && guarded.isEmpty()) {
      return onnx;
    }
    ModelProto.Builder changed = model.toBuilder();
    GraphProto.Builder graph = changed.getGraphBuilder();
    if (!guarded.isEmpty()) {
      graph.clearNode().addAllNode(guarded);
    }
    List<NodeProto> casts = new ArrayList<>();
    for (GraphInput input : inputs) {
      String name = input.spec().name();
      if (input.value().isPresent()) {
        dropInitializer(graph, name);
      }
      if (!input.feed().equals(name)) {
        retype(graph, name, input.feed(), input.spec().type().asInput());
        casts.add(cast(input));
      }
    }
    if (!casts.isEmpty()) {
      List<NodeProto> nodes = graph.getNodeList();
      graph.clearNode().addAllNode(casts).addAllNode(nodes);
      if (!domains().contains("") && !domains().contains("ai.onnx")) {
        changed.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET));
      }
    }
    return changed.build().toByteArray();
  }

  private static void dropInitializer(GraphProto.Builder graph, String name) {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      if (graph.getInitializer(i).getName().equals(name)) {
        graph.removeInitializer(i);
        return;
      }
    }
  }

  private static void retype(GraphProto.Builder graph, String name, String feed, TensorType type) {
    for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
      if (input.getName().equals(name)) {
        input.setName(feed).getTypeBuilder().getTensorTypeBuilder().setElemType(type.protoNumber());
      }
    }
  }

  private static NodeProto cast(GraphInput input) {
    return NodeProto.newBuilder()
        .setOpType("Cast")
        .addInput(input.feed())
        .addOutput(input.spec().name())
        .addAttribute(Attributes.of("to", input.spec().type().protoNumber()))
        .build();
  }

  /** All tensors that the file holds or points to. */
  private static void tensors(ModelProto model, Consumer<TensorProto> each) {
    tensors(model.getGraph(), each);
    for (FunctionProto function : model.getFunctionsList()) {
      function.getNodeList().forEach(node -> tensors(node, each));
    }
  }

  private static void tensors(GraphProto graph, Consumer<TensorProto> each) {
    graph.getInitializerList().forEach(each);
    graph.getSparseInitializerList().forEach(sparse -> tensors(sparse, each));
    graph.getNodeList().forEach(node -> tensors(node, each));
  }

  private static void tensors(NodeProto node, Consumer<TensorProto> each) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasT()) {
        each.accept(attribute.getT());
      }
      attribute.getTensorsList().forEach(each);
      if (attribute.hasSparseTensor()) {
        tensors(attribute.getSparseTensor(), each);
      }
      attribute.getSparseTensorsList().forEach(sparse -> tensors(sparse, each));
      if (attribute.hasG()) {
        tensors(attribute.getG(), each);
      }
      attribute.getGraphsList().forEach(graph -> tensors(graph, each));
    }
  }

  private static void tensors(SparseTensorProto sparse, Consumer<TensorProto> each) {
    each.accept(sparse.getValues());
    each.accept(sparse.getIndices());
  }
}
