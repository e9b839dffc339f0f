package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TensorSessionTest {
  @ParameterizedTest
  @EnumSource(TensorType.class)
  void everyTypeComesBackAsItWentIn(TensorType type) {
    Tensor sent = extremes(type);
    try (TensorSession session =
        TensorSession.open(OnnxModel.ofBytes(Graph.identity(type, "N", 2)))) {
      assertEquals(List.of(new TensorSpec("x", type, new long[] {-1, 2}, false)), session.inputs());
      assertEquals(
          Optional.of(new TensorSpec("y", type, new long[] {-1, 2}, false)), session.output("y"));
      assertEquals(sent, tensor(session.run(Map.of("x", sent)), "y"));
      Tensor empty = sent.slice(0, 0);
      assertEquals(empty, tensor(session.run(Map.of("x", empty)), "y"));
    }
  }

  @ParameterizedTest
  @EnumSource(TensorType.class)
  void everyTypeHasScalars(TensorType type) {
    Tensor sent = extremes(type).slice(0, 1).slice(0, 1);
    Tensor scalar =
        type.isText()
            ? Tensor.of(new String[] {sent.strings()[0]})
            : Tensor.ofBuffer(type, sent.bytes().limit(type.elementBytes()));
    try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(Graph.identity(type)))) {
      assertEquals(scalar, tensor(session.run(Map.of("x", scalar)), "y"));
    }
  }

  /** Rows of two, with the least and the greatest bits. */
  private static Tensor extremes(TensorType type) {
    if (type.isText()) {
      return Tensor.of(
          new String[] {"a", "", "Zażółć gęślą jaźń", "김 \u00f0\u009f\u0098\u0080"}, 2, 2);
    }
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(4 * type.elementBytes()).order(ByteOrder.nativeOrder());
    for (int i = 0; i < bytes.limit(); i++) {
      bytes.put(
          i,
          type == TensorType.BOOL ? (byte) (i % 2) : (byte) (i < bytes.limit() / 4 ? 0 : 0xff - i));
    }
    return Tensor.ofBuffer(type, bytes, 2, 2);
  }

  @Test
  void unsignedIntegersReachTheModelAsTheyAre() {
    byte[] model =
        new Graph()
            .input("x", TensorType.UINT64, "N")
            .output("y", TensorType.DOUBLE, "N")
            .node("Cast", List.of("x"), "y", Attributes.of("to", TensorType.DOUBLE.protoNumber()))
            .bytes();
    try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(model))) {
      Tensor sent = Tensor.ofBits(TensorType.UINT64, new long[] {1, -1, Long.MIN_VALUE}, 3);
      assertArrayEquals(
          new double[] {1, 0x1p64, 0x1p63}, tensor(session.run(Map.of("x", sent)), "y").doubles());
    }
  }

  @Test
  void charactersBeyondTheFirstPlaneReachTheModelAndComeBack() {
    byte[] model =
        new Graph()
            .input("x", TensorType.STRING, "N")
            .output("code", TensorType.INT64, "N")
            .output("name", TensorType.STRING, "N")
            .node(
                "ai.onnx.ml",
                "LabelEncoder",
                List.of("x"),
                List.of("code"),
                texts("keys_strings", "😀", "a😀b👍🏽c", "plain"),
                Attributes.of("values_int64s", new long[] {7, 8, 9}))
            .node(
                "ai.onnx.ml",
                "LabelEncoder",
                List.of("code"),
                List.of("name"),
                Attributes.of("keys_int64s", new long[] {7, 8, 9}),
                texts("values_strings", "👍🏽 and so on", "no other", "ð°±² ñ"))
            .bytes();
    try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(model))) {
      Tensor sent = Tensor.of(new String[] {"a😀b👍🏽c", "plain", "😀", "😀😀"}, 4);
      Map<String, OnnxOutput> answers = session.run(Map.of("x", sent));
      assertArrayEquals(new long[] {8, 9, 7, -1}, tensor(answers, "code").longs());
      assertEquals("ð°±² ñ", tensor(answers, "name").strings()[1]);
      assertEquals("👍🏽 and so on", tensor(answers, "name").strings()[2]);
    }
  }

  @Test
  void emojiComeBackFromAnIdentityInAnyShape() {
    String[] texts = {"", "😀", "a😀b👍🏽c", "x".repeat(2000) + "👍", "김😀", "ñð°±²"};
    Tensor sent = Tensor.of(texts, 3, 2);
    try (TensorSession session =
        TensorSession.open(OnnxModel.ofBytes(Graph.identity(TensorType.STRING, "N", 2)))) {
      assertArrayEquals(texts, tensor(session.run(Map.of("x", sent)), "y").strings());
    }
    try (TensorSession session =
        TensorSession.open(OnnxModel.ofBytes(Graph.identity(TensorType.STRING)))) {
      Tensor scalar = Tensor.of(new String[] {"😀"});
      assertEquals(scalar, tensor(session.run(Map.of("x", scalar)), "y"));
    }
  }

  @Test
  void textThatUtf8CannotWriteIsRefused() {
    try (TensorSession session =
        TensorSession.open(OnnxModel.ofBytes(Graph.identity(TensorType.STRING, "N")))) {
      refused(
          "cannot give the model's input 'x' the text in element 1: its character 1 is half of a"
              + " surrogate pair; valid is text that UTF-8 can write, without U+0000",
          () -> session.run(Map.of("x", Tensor.of(new String[] {"a", "b\ud83d"}, 2))));
      refused(
          "cannot give the model's input 'x' the text in element 0: its character 0 is half of a"
              + " surrogate pair; valid is text that UTF-8 can write, without U+0000",
          () -> session.run(Map.of("x", Tensor.of(new String[] {"\ude00\ud83d"}, 1))));
      refused(
          "cannot give the model's input 'x' the text in element 0: its character 1 is U+0000;"
              + " valid is text that UTF-8 can write, without U+0000",
          () -> session.run(Map.of("x", Tensor.of(new String[] {"a\0b"}, 1))));
    }
  }

  private static Graph two() {
    return new Graph()
        .input("a", TensorType.FLOAT, "N", 2)
        .input("b", TensorType.FLOAT, "N", 2)
        .output("sum", TensorType.FLOAT, "N", 2)
        .output("product", TensorType.FLOAT, "N", 2)
        .node("Add", List.of("a", "b"), "sum")
        .node("Mul", List.of("a", "b"), "product");
  }

  @Test
  void severalInputsAndOutputsKeepTheirNames() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor b = Tensor.of(new float[] {5, 6, 7, 8}, 2, 2);
    try (TensorSession session = two().open()) {
      Map<String, OnnxOutput> both = session.run(Map.of("b", b, "a", a));
      assertEquals(List.of("sum", "product"), List.copyOf(both.keySet()));
      assertArrayEquals(new float[] {6, 8, 10, 12}, tensor(both, "sum").floats());
      assertArrayEquals(new float[] {5, 12, 21, 32}, tensor(both, "product").floats());
      Map<String, OnnxOutput> one = session.run(Map.of("a", a, "b", b), Set.of("product"));
      assertEquals(Set.of("product"), one.keySet());
    }
  }

  @Test
  void whatTheModelDoesNotTakeIsRefusedByName() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    try (TensorSession session = two().open()) {
      refused(
          "cannot run a model without a tensor for 'b': found are [a], needed are [a float[N,2], b"
              + " float[N,2]]",
          () -> session.run(Map.of("a", a)));
      refused(
          "cannot run a model with a tensor for 'c': its inputs are [a float[N,2], b float[N,2]]",
          () -> session.run(Map.of("c", a)));
      refused(
          "cannot give the model's input 'b' a tensor double[2,2]: needed is b float[N,2]",
          () -> session.run(Map.of("a", a, "b", Tensor.of(new double[4], 2, 2))));
      refused(
          "cannot give the model's input 'b' a tensor float[4]: needed is b float[N,2]",
          () -> session.run(Map.of("a", a, "b", a.reshaped(4))));
      refused(
          "cannot give the model's input 'b' a tensor float[1,4]: needed is b float[N,2]",
          () -> session.run(Map.of("a", a, "b", a.reshaped(1, 4))));
      refused(
          "cannot run a model with 2 rows for the input 'a' and 1 for 'b': both have the first"
              + " dimension 'N' and need as many",
          () -> session.run(Map.of("a", a, "b", a.slice(0, 1))));
      refused(
          "cannot run a model for the outputs [quotient]: it has [sum, product]",
          () -> session.run(Map.of("a", a, "b", a), Set.of("quotient")));
    }
  }

  @Test
  void aFixedNumberOfRowsIsFilledUpAndCut() {
    byte[] model =
        new Graph()
            .input("x", TensorType.FLOAT, 4, 2)
            .input("scale", TensorType.FLOAT)
            .output("y", TensorType.FLOAT, 4, 2)
            .node("Mul", List.of("x", "scale"), "y")
            .bytes();
    float[] values = new float[22];
    float[] expected = new float[22];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
      expected[i] = 3 * i;
    }
    Tensor rows = Tensor.of(values, 11, 2);
    Tensor scale = Tensor.of(new float[] {3});
    try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(model))) {
      for (int n = 1; n <= 11; n++) {
        assertArrayEquals(
            Arrays.copyOf(expected, 2 * n),
            tensor(session.runRows(Map.of("x", rows.slice(0, n), "scale", scale)), "y").floats());
      }
      refused(
          "cannot give the model's input 'x' a tensor float[3,2]: needed is x float[4,2]",
          () -> session.run(Map.of("x", rows.slice(0, 3), "scale", scale)));
      refused(
          "cannot run a model on rows: found are 0 rows, needed is 1 row or more",
          () -> session.runRows(Map.of("x", rows.slice(0, 0), "scale", scale)));
    }
  }

  @Test
  void aNumberOfRowsThatNobodyCanFillIsRefused() {
    byte[] none = Graph.identity(TensorType.FLOAT, 0, 2);
    byte[] many = Graph.identity(TensorType.FLOAT, Integer.MAX_VALUE, 2);
    Map<String, Tensor> one = Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2));
    for (Map.Entry<Integer, byte[]> fixed : Map.of(0, none, Integer.MAX_VALUE, many).entrySet()) {
      try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(fixed.getValue()))) {
        refused(
            "cannot run a model on rows that fixes their number as "
                + fixed.getKey()
                + "; valid are 1 to 1048576, unless as many rows are given",
            () -> session.runRows(one));
      }
    }
  }

  @Test
  void anOutputWithoutRowsIsRefusedOnRows() {
    byte[] model =
        new Graph()
            .input("x", TensorType.FLOAT, "N", 2)
            .output("y", TensorType.INT64, 2)
            .node("Shape", List.of("x"), "y")
            .bytes();
    try (TensorSession session = TensorSession.open(OnnxModel.ofBytes(model))) {
      OnnxFailure failure =
          assertThrows(
              OnnxFailure.class,
              () -> session.runRows(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2))));
      assertTrue(
          String.valueOf(failure.getMessage())
              .startsWith("cannot tell the rows of the output 'y' apart: 1 rows went in"),
          failure.getMessage());
    }
  }

  @Test
  void sequencesAndMapsComeOut() {
    ValueInfoProto maps =
        ValueInfoProto.newBuilder()
            .setName("maps")
            .setType(
                TypeProto.newBuilder()
                    .setSequenceType(
                        TypeProto.Sequence.newBuilder()
                            .setElemType(
                                TypeProto.newBuilder()
                                    .setMapType(
                                        TypeProto.Map.newBuilder()
                                            .setKeyType(TensorType.STRING.protoNumber())
                                            .setValueType(
                                                Graph.value("v", TensorType.FLOAT).getType())))))
            .build();
    ValueInfoProto parts =
        ValueInfoProto.newBuilder()
            .setName("parts")
            .setType(
                TypeProto.newBuilder()
                    .setSequenceType(
                        TypeProto.Sequence.newBuilder()
                            .setElemType(Graph.value("v", TensorType.FLOAT, "n", 2).getType())))
            .build();
    try (TensorSession session =
        new Graph()
            .input("x", TensorType.FLOAT, "N", 2)
            .output(maps)
            .output(parts)
            .node(
                "ai.onnx.ml",
                "ZipMap",
                List.of("x"),
                List.of("maps"),
                texts("classlabels_strings", "no", "yes"))
            .node("SplitToSequence", List.of("x"), "parts")
            .open()) {
      Tensor rows = Tensor.of(new float[] {0.25f, 0.75f, 0.5f, 0.5f}, 2, 2);
      OnnxOutput first = new OnnxOutput.OfMap(Map.of("no", 0.25f, "yes", 0.75f));
      OnnxOutput second = new OnnxOutput.OfMap(Map.of("no", 0.5f, "yes", 0.5f));
      Map<String, OnnxOutput> outputs = session.runRows(Map.of("x", rows));
      assertEquals(new OnnxOutput.OfSequence(List.of(first, second)), outputs.get("maps"));
      assertEquals(
          new OnnxOutput.OfSequence(
              List.of(
                  new OnnxOutput.OfTensor(rows.slice(0, 1)),
                  new OnnxOutput.OfTensor(rows.slice(1, 1)))),
          outputs.get("parts"));
      assertEquals(Optional.empty(), session.output("maps"));
    }
  }

  @Test
  void anInputWithAValueOfItsOwnMayBeGiven() {
    byte[] model =
        new Graph()
            .input("x", TensorType.FLOAT, "N")
            .input("scale", TensorType.FLOAT, 1)
            .output("y", TensorType.FLOAT, "N")
            .initializer(
                TensorProto.newBuilder()
                    .setName("scale")
                    .setDataType(TensorType.FLOAT.protoNumber())
                    .addDims(1)
                    .addFloatData(10))
            .node("Mul", List.of("x", "scale"), "y")
            .bytes();
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor scale = Tensor.of(new float[] {5}, 1);
    OnnxModel onnx = OnnxModel.ofBytes(model);
    try (TensorSession session = TensorSession.open(onnx.withOptionalInputs("scale"))) {
      assertTrue(session.inputs().get(1).optional());
      assertArrayEquals(new float[] {10, 20}, tensor(session.run(Map.of("x", x)), "y").floats());
      assertArrayEquals(
          new float[] {5, 10}, tensor(session.run(Map.of("x", x, "scale", scale)), "y").floats());
    }
    try (TensorSession session = TensorSession.open(onnx)) {
      assertEquals(1, session.inputs().size());
      assertArrayEquals(new float[] {10, 20}, tensor(session.run(Map.of("x", x)), "y").floats());
    }
  }

  @Test
  void inputsThatJavaCannotGiveAreRefusedByName() {
    ValueInfoProto complex =
        ValueInfoProto.newBuilder()
            .setName("z")
            .setType(
                TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(14)))
            .build();
    ValueInfoProto eight =
        complex.toBuilder()
            .setType(
                TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(17)))
            .build();
    failed(
        "cannot load a model whose input 'z' is a tensor of complex64: ONNX Runtime's Java"
            + " interface has no such type",
        new Graph().input(complex).output(complex).bytes());
    failed(
        "cannot load a model whose input 'z' is a tensor of float8e4m3fn: ONNX Runtime's Java"
            + " interface has no such type",
        new Graph().input(eight).output(eight).bytes());
  }

  @Test
  void whatIsNoModelIsRefused() {
    byte[] model = two().bytes();
    failed(
        "cannot load a model: its 0 bytes are no ONNX file: there is no graph in it", new byte[0]);
    OnnxFailure cut =
        assertThrows(
            OnnxFailure.class,
            () -> TensorSession.open(OnnxModel.ofBytes(Arrays.copyOf(model, model.length / 2))));
    assertTrue(
        String.valueOf(cut.getMessage())
            .contains("are no ONNX file, or one that is damaged or cut short"),
        cut.getMessage());
    OnnxFailure large =
        assertThrows(
            OnnxFailure.class,
            () -> TensorSession.open(OnnxModel.ofBytes(model).withMaximumBytes(100)));
    assertTrue(
        String.valueOf(large.getMessage())
            .endsWith("it has " + model.length + " bytes, and the limit is 100"),
        large.getMessage());
  }

  @Test
  void whatASessionTakesFollowsItsWeightsAndNodes() {
    byte[] plain = two().bytes();
    byte[] heavy =
        two()
            .initializer(
                TensorProto.newBuilder()
                    .setName("weights")
                    .setDataType(TensorType.FLOAT.protoNumber())
                    .addDims(250_000)
                    .setRawData(ByteString.copyFrom(new byte[1_000_000])))
            .output("w", TensorType.FLOAT, 250_000)
            .node("Identity", List.of("weights"), "w")
            .bytes();
    try (TensorSession small = TensorSession.open(OnnxModel.ofBytes(plain));
        TensorSession large = TensorSession.open(OnnxModel.ofBytes(heavy))) {
      assertEquals(70 * 1024 + 2 * 2048 + (long) (6.5 * plain.length), small.byteSize());
      assertEquals(1_900_000.0, (double) (large.byteSize() - small.byteSize()), 5_000.0);
    }
  }

  @Test
  void aModelIsAValue() throws IOException, ClassNotFoundException {
    byte[] bytes = two().bytes();
    assertEquals(OnnxModel.ofBytes(bytes), OnnxModel.ofBytes(bytes));
    assertEquals(OnnxModel.ofBytes(bytes).id(), OnnxModel.ofBytes(bytes).id());
    OnnxModel travelled =
        OnnxModel.at("gs://m/a.onnx")
            .on(ExecutionProvider.cuda().orCpu())
            .withCustomOps(CustomOps.extensions())
            .withOptionalInputs("a", "b")
            .withMaximumExternalBytes(5)
            .withCallLimit(Duration.ofSeconds(3));
    assertEquals(travelled, copy(travelled));
    assertEquals("gs://m/a.onnx", OnnxModel.at("gs://m/a.onnx").id());
    refused(
        "cannot use \"gs://m/\" as a model's location; valid is a file such as /models/churn.onnx"
            + " or gs://models/churn.onnx",
        () -> OnnxModel.at("gs://m/"));
    refused(
        "cannot limit a model file to 0 bytes; valid are 1 to 2147483647",
        () -> OnnxModel.ofBytes(bytes).withMaximumBytes(0));
  }

  private static Object copy(Object value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }

  private static AttributeProto texts(String name, String... texts) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRINGS);
    for (String text : texts) {
      attribute.addStrings(ByteString.copyFromUtf8(text));
    }
    return attribute.build();
  }

  private static Tensor tensor(Map<String, OnnxOutput> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name)).tensor();
  }

  private static void failed(String message, byte[] model) {
    assertEquals(
        message,
        assertThrows(OnnxFailure.class, () -> TensorSession.open(OnnxModel.ofBytes(model)))
            .getMessage());
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
