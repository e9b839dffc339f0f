package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnxruntime.extensions.OrtxPackage;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class CustomOpsTest {
  private static final String DOMAIN = "ai.onnx.contrib";
  private static final String VOCABULARY =
      """
      [UNK]
      [CLS]
      [SEP]
      the
      shop
      sell
      ##s
      bread
      !
      [PAD]
      [MASK]""";

  private static OnnxModel tokenizer() {
    return OnnxModel.ofBytes(
        new Graph()
            .domain(DOMAIN)
            .input("text", TensorType.STRING, "N")
            .output("input_ids", TensorType.INT64, "tokens")
            .output("token_type_ids", TensorType.INT64, "tokens")
            .output("attention_mask", TensorType.INT64, "tokens")
            .node(
                DOMAIN,
                "BertTokenizer",
                List.of("text"),
                List.of("input_ids", "token_type_ids", "attention_mask"),
                AttributeProto.newBuilder()
                    .setName("vocab_file")
                    .setType(AttributeProto.AttributeType.STRING)
                    .setS(ByteString.copyFromUtf8(VOCABULARY))
                    .build(),
                Attributes.of("do_lower_case", 1))
            .bytes());
  }

  private static long[] ids(TensorSession session, String text) {
    return Objects.requireNonNull(
            session.run(Map.of("text", Tensor.of(new String[] {text}, 1))).get("input_ids"))
        .tensor()
        .longs();
  }

  @Test
  void rawTextGoesIntoATokenizerInTheGraph() {
    try (TensorSession session =
        TensorSession.open(tokenizer().withCustomOps(CustomOps.extensions()))) {
      assertArrayEquals(new long[] {1, 3, 4, 5, 6, 7, 8, 2}, ids(session, "The shop sells bread!"));
      assertArrayEquals(new long[] {1, 3, 0, 7, 2}, ids(session, "the 😀 bread"));
    }
  }

  @Test
  void aLibraryIsTakenByItsPath() {
    CustomOps library = CustomOps.library(OrtxPackage.getLibraryPath());
    try (TensorSession session = TensorSession.open(tokenizer().withCustomOps(library))) {
      assertArrayEquals(new long[] {1, 4, 2}, ids(session, "shop"));
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    OnnxFailure without = assertThrows(OnnxFailure.class, () -> TensorSession.open(tokenizer()));
    assertTrue(
        String.valueOf(without.getMessage())
            .endsWith(
                "operators of ai.onnx.contrib come with withCustomOps(CustomOps.extensions())"),
        without.getMessage());
    OnnxFailure noFile =
        assertThrows(
            OnnxFailure.class,
            () ->
                TensorSession.open(
                    tokenizer().withCustomOps(CustomOps.library("/no/such/lib.so"))));
    assertTrue(
        String.valueOf(noFile.getMessage())
            .contains(
                "cannot load the operators in /no/such/lib.so: there is no such file on this"
                    + " machine"),
        noFile.getMessage());
    assertEquals(
        "cannot use a library of operators without a path; valid is a path such as"
            + " /opt/ops/libscoring_ops.so",
        assertThrows(IllegalArgumentException.class, () -> CustomOps.library(" ")).getMessage());
  }
}
