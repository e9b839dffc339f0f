package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class TextsTest {
  private static final String EMOJI = "\uD83D\uDE00";

  private static String[] throughModel(String... texts) {
    try (TensorSession session =
        TensorSession.open(OnnxModel.ofBytes(Graph.identity(TensorType.STRING, "N")))) {
      Tensor sent = Tensor.of(texts, texts.length);
      return Objects.requireNonNull(session.run(Map.of("x", sent)).get("y")).tensor().strings();
    }
  }

  /** Four thousand rows of ten thousand pieces each would be 1.3 GB. */
  @Test
  void oneTextOfManyEmojiCostsTheOthersNothing() {
    String[] texts = new String[4096];
    Arrays.fill(texts, "plain");
    texts[17] = EMOJI.repeat(10_000);
    texts[18] = "a" + EMOJI;
    Assertions.assertTimeout(
        Duration.ofSeconds(30), () -> assertArrayEquals(texts, throughModel(texts)));
  }

  @Test
  void manyTextsGoPartByPart() {
    Random random = new Random(3);
    String[] texts = new String[3000];
    for (int i = 0; i < texts.length; i++) {
      StringBuilder text = new StringBuilder();
      for (int piece = random.nextInt(20); piece > 0; piece--) {
        text.append(random.nextInt(3) == 0 ? "ab\u00f1" : random.nextInt(2) == 0 ? "" : "\u91d1");
        text.appendCodePoint(0x1F300 + random.nextInt(500));
      }
      texts[i] = text.append(random.nextBoolean() ? "" : "end").toString();
    }
    texts[5] = ("x" + EMOJI).repeat(4096);
    texts[6] = ("x" + EMOJI).repeat(4096) + "x";
    texts[7] = EMOJI.repeat(8193);
    assertArrayEquals(texts, throughModel(texts));
  }

  @Test
  void lettersOfLatin1AreReadAtOnceUnlessTheyLookLikeTheBeginningOfFourBytes() {
    for (String text : List.of("", "a\u00f1o", "\u00f3", "ma\u00f1ana", "\u00f0x\u00b1")) {
      assertEquals(text.equals("\u00f3"), Texts.mayBeCut(text), text);
    }
    assertTrue(Texts.mayBeCut("\u00f0\u009f\u0098\u0080"));
    assertTrue(Texts.mayBeCut("x\u00f0\u009f"));
    assertFalse(Texts.mayBeCut("\u00f0\u009f\u0098x"));
  }

  /** The longest text times three times the number of texts would be 1.2 GB. */
  @Test
  void aLongTextIsNotThePaddingOfTheOthers() {
    String[] texts = new String[2000];
    Arrays.fill(texts, "caf\u00f3");
    texts[3] = "\u00f1".repeat(100_000);
    texts[4] = EMOJI + "\u00f1";
    assertArrayEquals(texts, throughModel(texts));
  }

  @Test
  void anEmojiInAKeyIsFoundAloneAndTogether() throws OrtException {
    List<ByteString> keys =
        List.of(
            ByteString.copyFromUtf8(EMOJI),
            ByteString.copyFromUtf8("\u00e9t\u00e9"),
            ByteString.copyFrom(new byte[] {'a', (byte) 0xc0, (byte) 0x80}),
            // A pair of surrogates of three bytes each, as no text arrives.
            ByteString.copyFrom(
                new byte[] {
                  (byte) 0xed, (byte) 0xa0, (byte) 0xbd, (byte) 0xed, (byte) 0xb8, (byte) 0x81
                }),
            ByteString.copyFrom(new byte[] {(byte) 0xff, 'x'}),
            ByteString.copyFrom(new byte[] {'x', (byte) 0xe9}));
    AttributeProto.Builder named =
        AttributeProto.newBuilder()
            .setName("keys_tensor")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(
                TensorProto.newBuilder()
                    .setDataType(TensorType.STRING.protoNumber())
                    .addDims(keys.size())
                    .addAllStringData(keys));
    ModelMetadata metadata =
        new ModelMetadata(
            "1",
            "Y",
            List.of(new Feature("S", FeatureType.TEXT_CATEGORY)),
            "none",
            Map.of(),
            1,
            "none");
    OnnxGraph graph = OnnxGraph.of(metadata);
    graph.mlNode(
        "LabelEncoder",
        graph.inputs(),
        ModelSession.OUTPUT,
        named.build(),
        Attributes.of("values_tensor", new double[] {1, 2, 3, 4, 5, 6}),
        Attributes.of("default_tensor", new double[] {-1}));
    List<String> texts = new ArrayList<>(List.of(EMOJI, "\u00e9t\u00e9", "a\0", "a", "x"));
    texts.addAll(List.of("\uD83D\uDE01", "\uD83D", EMOJI + "x", "\u00ff", ""));
    byte[] onnx = graph.toBytes();
    SplitModel split = SplitModel.of(onnx).orElseThrow();
    try (ModelSession alone = ModelSession.open(onnx, ExecutionProvider.cpu());
        TemplateSession template = TemplateSession.open(split, alone).orElseThrow();
        TemplateRows rows = new TemplateRows(template, texts.size())) {
      InputColumns columns = InputColumns.of(alone.features(), texts.size());
      for (int i = 0; i < texts.size(); i++) {
        columns.texts(0)[i] = texts.get(i);
        rows.weights(i, split.weights());
        rows.text(i, 0, split.weights(), texts.get(i));
      }
      double[] found = new double[texts.size()];
      rows.predict(0, texts.size(), found);
      assertArrayEquals(new double[] {1, 2, 3, -1, -1, -1, -1, -1, -1, -1}, found);
      assertArrayEquals(found, alone.predict(columns));
    }
  }

  @Test
  void shapesAreKept() throws OrtException {
    String[] texts = {"a", EMOJI, "", "b" + EMOJI};
    try (OnnxTensor tensor = Texts.toNative(texts, new long[] {2, 2})) {
      assertArrayEquals(new long[] {2, 2}, tensor.getInfo().getShape());
      assertArrayEquals(texts, Texts.fromNative(tensor));
    }
  }
}
