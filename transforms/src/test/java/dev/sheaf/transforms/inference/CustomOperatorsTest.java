package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sheaf.models.onnx.CustomOps;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;

/** Raw text through operators that are not ONNX's own. */
final class CustomOperatorsTest {
  private static final Schema TEXTS =
      Schema.builder().addInt64Field("ID").addStringField("text").build();

  /** Counts the characters of text in lower case. */
  private static OnnxModel lengths() {
    return new AnyGraph()
        .input("text", DataType.STRING, -1)
        .contribNode("StringLower", List.of("text"), "lower")
        .contribNode("StringLength", List.of("lower"), "length")
        .output("lower", DataType.STRING, -1)
        .output("length", DataType.INT64, -1)
        .model();
  }

  private static Row row(long id, String text) {
    return Row.withSchema(TEXTS).addValues(id, text).build();
  }

  @Test
  void rowsOfTextGoThroughThem() {
    OneBundle<Row> run =
        OneBundle.of(
            RowCoder.of(TEXTS),
            List.of(row(1, "The Shop"), row(2, "BREAD!")),
            RunInference.onRows(lengths().withCustomOps(CustomOps.extensions()))
                ::withBadRecordErrorHandler);
    assertEquals(List.of(), run.reasons());
    assertEquals(
        Set.of("1 the shop 8", "2 bread! 6"),
        run.results().stream()
            .map(
                row ->
                    row.getInt64("ID")
                        + " "
                        + row.getString("lower")
                        + " "
                        + row.getInt64("length"))
            .collect(Collectors.toSet()));
  }

  @Test
  void elementsOfTextGoThroughThem() {
    InferElements<String, Long> inference =
        RunInference.onElements(lengths().withCustomOps(CustomOps.extensions()))
            .withPreProcessing((String text) -> Map.of("text", Tensor.of(new String[] {text}, 1)))
            .withPostProcessing(
                TypeDescriptors.longs(), outputs -> AnyGraph.tensor(outputs, "length").longs()[0]);
    OneBundle<PredictionResult<String, Long>> run =
        OneBundle.of(
            StringUtf8Coder.of(), List.of("a", "Bread"), inference::withBadRecordErrorHandler);
    assertEquals(
        Set.of("a 1", "Bread 5"),
        run.results().stream()
            .map(result -> result.example() + " " + result.inference())
            .collect(Collectors.toSet()));
  }

  @Test
  void withoutThemTheReasonSaysWhereTheyComeFrom() {
    Exception failure =
        assertThrows(
            Exception.class,
            () ->
                OneBundle.of(
                    RowCoder.of(TEXTS),
                    List.of(row(1, "a")),
                    RunInference.onRows(lengths())::withBadRecordErrorHandler));
    assertTrue(failure.toString().contains("CustomOps.extensions()"), failure::toString);
  }
}
