package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Without the guard each of these divisions would kill the JVM of the test. */
final class IntegerDivisionsTest {
  private static long[] run(Graph graph, Map<String, Tensor> inputs) {
    try (TensorSession session = graph.open()) {
      return Objects.requireNonNull(session.run(inputs).get("y")).tensor().longs();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"INT32", "INT64"})
  void theLeastNumberDividedByMinusOneIsItself(TensorType type) {
    long least = type == TensorType.INT32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
    Map<String, Tensor> inputs =
        Map.of(
            "x", Tensor.from(type, new long[] {least, least, 7, -9}, 4),
            "d", Tensor.from(type, new long[] {-1, 3, -1, 2}, 4));
    for (String operator : List.of("Div", "Mod")) {
      Graph graph =
          new Graph()
              .input("x", type, "N")
              .input("d", type, "N")
              .output("y", type, "N")
              .node(operator, List.of("x", "d"), "y");
      assertArrayEquals(
          operator.equals("Div")
              ? new long[] {least, least / 3, -7, -4}
              : new long[] {0, Math.floorMod(least, 3L), 0, 1},
          run(graph, inputs));
    }
  }

  @Test
  void typesAreFollowedToTheDivision() {
    Graph graph =
        new Graph()
            .input("x", TensorType.DOUBLE, "N")
            .output("y", TensorType.INT64, "N")
            .initializer(
                TensorProto.newBuilder()
                    .setName("minus")
                    .setDataType(TensorType.INT64.protoNumber())
                    .addInt64Data(-1))
            .node(
                "Cast", List.of("x"), "whole", Attributes.of("to", TensorType.INT64.protoNumber()))
            .node("Identity", List.of("whole"), "same")
            .node("Div", List.of("same", "minus"), "y");
    assertArrayEquals(
        new long[] {Long.MIN_VALUE, -5},
        run(graph, Map.of("x", Tensor.of(new double[] {-0x1p63, 5}, 2))));
  }

  @Test
  void constantsAndFloatsNeedNoGuard() {
    Graph graph =
        new Graph()
            .input("x", TensorType.INT64, "N")
            .input("f", TensorType.FLOAT, "N")
            .initializer(
                TensorProto.newBuilder()
                    .setName("three")
                    .setDataType(TensorType.INT64.protoNumber())
                    .addInt64Data(3))
            .node("Div", List.of("x", "three"), "y")
            .node("Div", List.of("f", "f"), "z");
    byte[] onnx = graph.bytes();
    assertSame(onnx, IntegerDivisions.guarded(onnx));
  }

  @Test
  void theModelOfAKeyIsGuardedToo() {
    List<Feature> features =
        List.of(new Feature("x", FeatureType.FLOAT), new Feature("d", FeatureType.FLOAT));
    OnnxGraph graph =
        OnnxGraph.of(new ModelMetadata("1", "Y", features, "none", Map.of(), 1, "none"));
    AttributeProto whole = Attributes.of("to", TensorType.INT64.protoNumber());
    String x = graph.node("Cast", List.of("x"), graph.name("x"), whole);
    String d = graph.node("Cast", List.of("d"), graph.name("d"), whole);
    String divided = graph.node("Div", List.of(x, d), graph.name("divided"));
    graph.node(
        "Cast",
        List.of(divided),
        ModelSession.OUTPUT,
        Attributes.of("to", TensorType.DOUBLE.protoNumber()));
    try (ModelSession session = ModelSession.open(graph.toBytes(), ExecutionProvider.cpu())) {
      assertArrayEquals(
          new double[] {-0x1p63, 4},
          session.predict(InputColumns.ofNumbers(new double[][] {{-0x1p63, 9}, {-1, 2}}, 2)));
    }
  }

  @Test
  void divisionByZeroIsAnErrorAndNoCrash() {
    Graph graph =
        new Graph()
            .input("x", TensorType.INT64, "N")
            .input("d", TensorType.INT64, "N")
            .output("y", TensorType.INT64, "N")
            .node("Div", List.of("x", "d"), "y");
    Tensor one = Tensor.of(new long[] {1}, 1);
    Tensor zero = Tensor.of(new long[] {0}, 1);
    OnnxFailure failure =
        assertThrows(OnnxFailure.class, () -> run(graph, Map.of("x", one, "d", zero)));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("Integer division by zero"),
        failure.getMessage());
  }

  @Test
  void aDamagedModelIsReadOrRefusedAndNothingElse() {
    byte[] model =
        new Graph()
            .input("x", TensorType.INT64, "N")
            .input("d", TensorType.UINT32, 1)
            .input("three", TensorType.INT64)
            .output("y", TensorType.INT64, "N")
            .initializer(
                TensorProto.newBuilder()
                    .setName("three")
                    .setDataType(TensorType.INT64.protoNumber())
                    .addInt64Data(3))
            .node("Cast", List.of("d"), "e", Attributes.of("to", TensorType.INT64.protoNumber()))
            .node("Div", List.of("x", "e"), "q")
            .node("Where", List.of("q", "x", "e"), "w")
            .node("Mod", List.of("w", "three"), "y")
            .bytes();
    Random random = new Random(20);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(model, model.length - random.nextInt(3));
      for (int change = 0; change <= random.nextInt(4); change++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertTrue(ModelGraph.read(damaged, List.of("three")).toBytes().length > 0);
      } catch (OnnxFailure e) {
        refused++;
      }
    }
    assertTrue(refused > 1000 && refused < 20_000, "refused " + refused);
  }
}
