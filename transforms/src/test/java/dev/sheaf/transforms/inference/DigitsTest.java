package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Handwritten digits, scored by a convolutional network and by a logistic regression. */
@Tag("real-data")
@EnabledIfEnvironmentVariable(
    named = "SHEAF_DATA",
    matches = ".+",
    disabledReason = "set SHEAF_DATA to the folder with the real data")
final class DigitsTest {
  private static final int PIXELS = 784;
  private static final Schema DIGITS =
      Schema.builder().addInt64Field("DIGIT").addArrayField("PIXELS", FieldType.FLOAT).build();

  private static Path folder() {
    return Path.of(System.getenv("SHEAF_DATA"), "onnx", "mnist");
  }

  /** Lines such as {@code 7 203:84 204:185}: the digit, and pixels that are not 0, from 0 on. */
  private static List<Row> digits(String file) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(folder().resolve(file))) {
      String[] fields = line.strip().split(" ", -1);
      Float[] pixels = new Float[PIXELS];
      Arrays.fill(pixels, 0f);
      for (int i = 1; i < fields.length; i++) {
        String[] pixel = fields[i].split(":", -1);
        pixels[Integer.parseInt(pixel[0])] = Float.parseFloat(pixel[1]);
      }
      rows.add(
          Row.withSchema(DIGITS)
              .addValue((long) Double.parseDouble(fields[0]))
              .addArray(Arrays.asList(pixels))
              .build());
    }
    return rows;
  }

  private static List<Row> scored(String file, InferRows inference) throws IOException {
    OneBundle<Row> run =
        OneBundle.of(RowCoder.of(DIGITS), digits(file), inference::withBadRecordErrorHandler);
    assertEquals(List.of(), run.reasons());
    return run.results();
  }

  @Test
  void theNetworkReadsEveryDigit() throws IOException {
    List<Row> rows =
        scored(
            "mnist_test_head.libsvm",
            RunInference.onRows(OnnxModel.at(folder().resolve("cnn_mnist.onnx").toString()))
                .withArrayInput("input_image", "PIXELS", 1, 28, 28));
    for (Row row : rows) {
      List<Float> probabilities = List.copyOf(row.getArray("output_probs"));
      int best = 0;
      for (int i = 0; i < probabilities.size(); i++) {
        best = probabilities.get(i) > probabilities.get(best) ? i : best;
      }
      assertEquals(row.getInt64("DIGIT"), best);
    }
  }

  @Test
  void theRegressionGivesALabelAndAMapOfProbabilities() throws IOException {
    List<Row> rows =
        scored(
            "transposed_mnist_test_head.libsvm",
            RunInference.onRows(OnnxModel.at(folder().resolve("lr_mnist.onnx").toString()))
                .withInput("float_input", "PIXELS")
                .withOutput("output_label", "LABEL")
                .withOutput(
                    "output_probability",
                    "PROBABILITIES",
                    FieldType.map(FieldType.INT64, FieldType.FLOAT)));
    int right = 0;
    for (Row row : rows) {
      long label = row.getInt64("LABEL");
      right += label == row.getInt64("DIGIT") ? 1 : 0;
      Map<Long, Float> probabilities = row.getMap("PROBABILITIES");
      float best = Objects.requireNonNull(probabilities.get(label));
      assertEquals(10, probabilities.size());
      assertTrue(
          probabilities.values().stream().allMatch(p -> p <= best), probabilities.toString());
    }
    assertTrue(right >= 0.8 * rows.size(), right + " of " + rows.size() + " digits");
  }
}
