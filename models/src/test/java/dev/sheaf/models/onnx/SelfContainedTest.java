package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SelfContainedTest {
  private static final TensorProto OUTSIDE =
      TensorProto.newBuilder()
          .setName("secret")
          .setDataType(TensorType.DOUBLE.protoNumber())
          .addDims(1)
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(
              StringStringEntryProto.newBuilder().setKey("location").setValue("secret.bin"))
          .build();

  private static ModelProto.Builder sum() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setGraph(
            new Graph()
                .input("x", TensorType.DOUBLE, "N", 1)
                .output(ModelSession.OUTPUT, TensorType.DOUBLE, "N", 1)
                .node("Identity", List.of("x"), ModelSession.OUTPUT)
                .proto());
  }

  private static NodeProto node(AttributeProto.Builder attribute) {
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .addOutput("c")
        .addAttribute(attribute.setName("value"))
        .build();
  }

  private static ModelProto.Builder with(AttributeProto.Builder attribute) {
    ModelProto.Builder model = sum();
    model.getGraphBuilder().addNode(node(attribute));
    return model;
  }

  static Stream<Arguments> models() {
    SparseTensorProto sparse = SparseTensorProto.newBuilder().setValues(OUTSIDE).build();
    GraphProto graph = GraphProto.newBuilder().addInitializer(OUTSIDE).build();
    ModelProto.Builder initializer = sum();
    initializer.getGraphBuilder().addInitializer(OUTSIDE);
    ModelProto.Builder located = sum();
    located.getGraphBuilder().addInitializer(OUTSIDE.toBuilder().clearExternalData());
    ModelProto.Builder named = sum();
    named.getGraphBuilder().addInitializer(OUTSIDE.toBuilder().clearDataLocation());
    ModelProto.Builder sparseOnes = sum();
    sparseOnes.getGraphBuilder().addSparseInitializer(sparse);
    ModelProto.Builder function =
        sum()
            .addFunctions(
                FunctionProto.newBuilder()
                    .addNode(node(AttributeProto.newBuilder().setT(OUTSIDE))));
    ModelProto.Builder training =
        sum().addTrainingInfo(TrainingInfoProto.newBuilder().setInitialization(graph));
    return Stream.of(
        Arguments.of("initializer", initializer),
        Arguments.of("initializer, place alone", located),
        Arguments.of("initializer, name alone", named),
        Arguments.of("sparse initializer", sparseOnes),
        Arguments.of("constant", with(AttributeProto.newBuilder().setT(OUTSIDE))),
        Arguments.of("constants", with(AttributeProto.newBuilder().addTensors(OUTSIDE))),
        Arguments.of("sparse constant", with(AttributeProto.newBuilder().setSparseTensor(sparse))),
        Arguments.of("branch", with(AttributeProto.newBuilder().setG(graph))),
        Arguments.of("branches", with(AttributeProto.newBuilder().addGraphs(graph))),
        Arguments.of("function", function),
        Arguments.of("training", training));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void dataInOtherFilesIsRefusedWhereverItIs(String name, ModelProto.Builder model) {
    assertEquals(
        "cannot load a model of a key that has external data: it is given as bytes and has no"
            + " folder; save it with its weights inside, or load it with OnnxModel.at(location)",
        failure(model.build().toByteArray()),
        name);
  }

  private static String failure(byte[] model) {
    return String.valueOf(
        assertThrows(
                OnnxFailure.class, () -> ModelSession.open(model, ExecutionProvider.cpu()).close())
            .getMessage());
  }

  @Test
  void damagedFilesAndOtherFormatsAreRefused() {
    byte[] model = sum().build().toByteArray();
    String cut = failure(Arrays.copyOf(model, model.length / 2));
    assertTrue(cut.contains("are no ONNX file, or one that is damaged or cut short: "), cut);
    AttributeProto.Builder deep = AttributeProto.newBuilder().setI(1);
    for (int i = 0; i < 40; i++) {
      deep =
          AttributeProto.newBuilder()
              .setG(GraphProto.newBuilder().addNode(NodeProto.newBuilder().addAttribute(deep)));
    }
    String nested = failure(with(deep).build().toByteArray());
    assertTrue(nested.endsWith("more than 100 messages lie in each other"), nested);
    assertEquals(
        "cannot load a model: its bytes are of ONNX Runtime's own format; valid is ONNX",
        failure(new byte[] {24, 0, 0, 0, 'O', 'R', 'T', 'M', 0, 0}));
  }

  @Test
  void modelsThatNobodyCanHoldAreRefused() {
    SelfContained.checkSize(1 << 30);
    assertEquals(
        "cannot load a model of 1073741825 bytes for a key; valid are up to 1073741824",
        assertThrows(OnnxFailure.class, () -> SelfContained.checkSize((1L << 30) + 1))
            .getMessage());
  }
}
