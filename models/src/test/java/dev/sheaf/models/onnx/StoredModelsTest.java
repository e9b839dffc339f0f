package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Models of other projects that come without vectors: what they must give is known otherwise. */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
final class StoredModelsTest {
  private static final int PIXELS = 28 * 28;

  private static OnnxModel model(String name) {
    return OnnxModel.at(file(name).toString());
  }

  private static Path file(String name) {
    return Path.of(System.getenv("SHEAF_DATA"), "onnx").resolve(name);
  }

  private static Tensor tensor(Map<String, OnnxOutput> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name)).tensor();
  }

  private static OnnxOutput.OfSequence sequence(Map<String, OnnxOutput> outputs, String name) {
    return (OnnxOutput.OfSequence) Objects.requireNonNull(outputs.get(name));
  }

  /** Digits of MNIST with their labels, as text: {@code label pixel:value ...}. */
  private static final class Digits {
    private final long[] labels;
    private final float[] pixels;

    Digits(long[] labels, float[] pixels) {
      this.labels = labels;
      this.pixels = pixels;
    }

    static Digits read(String name) throws IOException {
      List<String> lines = Files.readAllLines(file(name));
      long[] labels = new long[lines.size()];
      float[] pixels = new float[lines.size() * PIXELS];
      for (int row = 0; row < labels.length; row++) {
        List<String> fields = List.of(lines.get(row).strip().split(" "));
        labels[row] = Long.parseLong(fields.get(0));
        for (String field : fields.subList(1, fields.size())) {
          int colon = field.indexOf(':');
          int pixel = Integer.parseInt(field.substring(0, colon));
          pixels[row * PIXELS + pixel] = Float.parseFloat(field.substring(colon + 1));
        }
      }
      return new Digits(labels, pixels);
    }

    long right(long[] found) {
      long right = 0;
      for (int row = 0; row < labels.length; row++) {
        right += found[row] == labels[row] ? 1 : 0;
      }
      return right;
    }
  }

  @Test
  void aConvolutionalNetworkReadsDigits() throws IOException {
    Digits digits = Digits.read("mnist/mnist_test_head.libsvm");
    int rows = digits.labels.length;
    try (TensorSession session = TensorSession.open(model("mnist/cnn_mnist.onnx"));
        TensorSession single =
            TensorSession.open(model("java_testdata/java/testdata/cnn_mnist_pytorch.onnx"))) {
      Tensor images = Tensor.of(digits.pixels, rows, 1, 28, 28);
      float[] scores =
          tensor(session.runRows(Map.of("input_image", images)), "output_probs").floats();
      long[] best = new long[rows];
      for (int row = 0; row < rows; row++) {
        for (int digit = 1; digit < 10; digit++) {
          if (scores[row * 10 + digit] > scores[row * 10 + (int) best[row]]) {
            best[row] = digit;
          }
        }
      }
      assertTrue(digits.right(best) >= 58, "right " + digits.right(best) + " of " + rows);
      Tensor oneByOne = tensor(single.runRows(Map.of("0", images)), "21");
      assertArrayEquals(new long[] {rows, 10}, oneByOne.shape());
    }
  }

  @Test
  void aLogisticRegressionReadsDigitsAndGivesMaps() throws IOException {
    Digits digits = Digits.read("mnist/transposed_mnist_test_head.libsvm");
    int rows = digits.labels.length;
    try (TensorSession session = TensorSession.open(model("mnist/lr_mnist.onnx"))) {
      Tensor pixels = Tensor.of(digits.pixels, rows, PIXELS);
      Map<String, OnnxOutput> outputs = session.runRows(Map.of("float_input", pixels));
      long right = digits.right(tensor(outputs, "output_label").longs());
      assertTrue(right >= 58, "right " + right + " of " + rows);
      OnnxOutput.OfSequence maps = sequence(outputs, "output_probability");
      assertEquals(rows, maps.elements().size());
      assertEquals(10, ((OnnxOutput.OfMap) maps.elements().get(0)).entries().size());
    }
  }

  @Test
  void aForestGivesAMapForEachRow() {
    try (TensorSession session =
        TensorSession.open(model("onnxruntime_go/sklearn_randomforest.onnx"))) {
      Tensor iris =
          Tensor.of(
              new float[] {5.1f, 3.5f, 1.4f, 0.2f, 6.7f, 3.0f, 5.2f, 2.3f, 5.7f, 2.8f, 4.1f, 1.3f},
              3,
              4);
      Map<String, OnnxOutput> outputs = session.runRows(Map.of("X", iris));
      long[] labels = tensor(outputs, "output_label").longs();
      OnnxOutput.OfSequence maps = sequence(outputs, "output_probability");
      for (int row = 0; row < 3; row++) {
        Map<Object, Object> map = ((OnnxOutput.OfMap) maps.elements().get(row)).entries();
        float most = 0;
        for (Object probability : map.values()) {
          most = Math.max(most, (float) probability);
        }
        assertEquals(most, map.get(labels[row]));
      }
      assertArrayEquals(new long[] {0, 2, 1}, labels);
    }
  }

  @Test
  void weightsInAnotherFileGiveWhatWeightsInTheModelGive() {
    String folder = "java_testdata/java/src/test/resources/";
    Tensor rows = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    try (TensorSession inside = TensorSession.open(model(folder + "java-matmul.onnx"));
        TensorSession outside = TensorSession.open(model(folder + "java-external-matmul.onnx"))) {
      Tensor expected = tensor(inside.run(Map.of("input", rows)), "output");
      assertEquals(expected, tensor(outside.run(Map.of("input", rows)), "output"));
      assertArrayEquals(new float[] {90, 100, 110, 120, 202, 228, 254, 280}, expected.floats());
    }
    try (TensorSession three =
        TensorSession.open(model(folder + "java-three-output-matmul.onnx"))) {
      assertEquals(List.of("output-0", "output-1", "output-2"), three.outputs());
      assertEquals(
          Set.of("output-1"), three.run(Map.of("input", rows), Set.of("output-1")).keySet());
    }
  }

  @Test
  void halvesAreRoundedAsOnnxRuntimeDoes() {
    String folder = "java_testdata/java/src/test/resources/";
    float[] values = {
      1.5f, -3.14159f, 65519, 65520, 1e-7f, 6.1e-5f, 0x1p-24f, 0x1p-25f, 1 + 0x1p-11f, -0f
    };
    Tensor floats = Tensor.of(values, 2, 5);
    for (TensorType type : List.of(TensorType.FLOAT16, TensorType.BFLOAT16)) {
      String name = type == TensorType.FLOAT16 ? "fp16" : "bf16";
      double[] doubles = floats.doubles();
      Tensor halves = Tensor.from(type, doubles, 2, 5);
      try (TensorSession narrow =
              TensorSession.open(model(folder + "java-fp32-to-" + name + ".onnx"));
          TensorSession widen =
              TensorSession.open(model(folder + "java-" + name + "-to-fp32.onnx"))) {
        assertEquals(halves, tensor(narrow.run(Map.of("input", floats)), "output"));
        assertArrayEquals(
            halves.floats(), tensor(widen.run(Map.of("input", halves)), "output").floats());
      }
    }
  }

  @Test
  void sparseInputsAreRefusedByName() {
    OnnxFailure refused =
        assertThrows(
            OnnxFailure.class,
            () ->
                TensorSession.open(
                    model("java_testdata/java/testdata/generic_sparse_to_dense_matmul.onnx")));
    assertEquals(
        "cannot load a model whose input 'sparse_A' is a sparse tensor of float: ONNX Runtime's"
            + " Java interface takes tensors alone",
        refused.getMessage());
  }

  @Test
  void aNameInAnyScriptIsAPath() {
    try (TensorSession session = TensorSession.open(model("onnxruntime_go/example ż 大 김.onnx"))) {
      assertEquals(
          "int32[1]",
          tensor(session.run(Map.of("in", Tensor.of(new int[] {40, 2}, 1, 2))), "out").toString());
    }
  }

  @Test
  void adaptersGoInAsOptionalInputs() {
    OnnxModel lora = model("onnxruntime_go/example_lora.onnx");
    Tensor in = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);
    try (TensorSession plain = TensorSession.open(lora);
        TensorSession adapted = TensorSession.open(lora.withOptionalInputs("lora_a", "lora_b"))) {
      Tensor expected = tensor(plain.run(Map.of("in", in)), "out");
      assertEquals(expected, tensor(adapted.run(Map.of("in", in)), "out"));
      Tensor a = Tensor.of(new float[] {1, 0, 0, 0}, 4, 1);
      Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 1, 4);
      float[] changed =
          tensor(adapted.run(Map.of("in", in, "lora_a", a, "lora_b", b)), "out").floats();
      assertTrue(!Arrays.equals(expected.floats(), changed), Arrays.toString(changed));
    }
  }

  @Test
  void textInUpperCaseByTheExtensions() {
    OnnxModel upper = model("onnxruntime_go/example_needs_extensions.onnx");
    try (TensorSession session = TensorSession.open(upper.withCustomOps(CustomOps.extensions()))) {
      Tensor texts = Tensor.of(new String[] {"abc", "x😀y"}, 2);
      assertArrayEquals(
          new String[] {"ABC", "X😀Y"},
          tensor(session.run(Map.of("input", texts)), "output").strings());
    }
  }

  @Test
  void aMissingLocaleIsExplained() {
    Tensor texts = Tensor.of(new String[] {"Abc"}, 1);
    try (TensorSession session = TensorSession.open(model("onnxruntime_go/example_strings.onnx"))) {
      assertEquals("ABC", tensor(session.run(Map.of("input", texts)), "output_upper").strings()[0]);
    } catch (OnnxFailure e) {
      String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      assertTrue(message.endsWith("on debian, the package locales-all"), message);
    }
  }

  @Test
  void aSmallBertTakesSequencesOfAnyLength() {
    try (TensorSession session = TensorSession.open(model("mnist/extractors/tinybert.onnx"))) {
      for (int length : new int[] {1, 7, 32}) {
        long[] ones = new long[2 * length];
        Arrays.fill(ones, 1);
        Tensor ids = Tensor.of(ones, 2, length);
        Map<String, OnnxOutput> outputs =
            session.runRows(Map.of("input_ids", ids, "attention_mask", ids, "token_type_ids", ids));
        assertArrayEquals(new long[] {2, length, 50}, tensor(outputs, "output_0").shape());
        assertArrayEquals(new long[] {2, 50}, tensor(outputs, "output_1").shape());
      }
    }
  }
}
