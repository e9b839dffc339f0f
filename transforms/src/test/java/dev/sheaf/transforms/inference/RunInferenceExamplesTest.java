package dev.sheaf.transforms.inference;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of {@code docs/run-inference.md}, run. */
final class RunInferenceExamplesTest {
  @TempDir private Path folder = Path.of("");
  private final TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);

  private String file(String name, AnyGraph graph) throws IOException {
    return Files.write(folder.resolve(name), graph.bytes()).toString();
  }

  @Test
  void rows() throws IOException {
    String iris =
        file(
            "iris.onnx",
            new AnyGraph()
                .input("X", DataType.FLOAT, -1, 4)
                .floats("weights", new long[] {4, 2}, 1, 0, 0, 0, 0, 1, 0, 0)
                .node("MatMul", List.of("X", "weights"), "probabilities")
                .output("probabilities", DataType.FLOAT, -1, 2));
    Schema schema =
        Schema.builder()
            .addDoubleField("SEPAL_LENGTH")
            .addDoubleField("SEPAL_WIDTH")
            .addDoubleField("PETAL_LENGTH")
            .addDoubleField("PETAL_WIDTH")
            .build();
    PCollection<Row> flowers =
        pipeline.apply(
            Create.of(Row.withSchema(schema).addValues(0.75, 2.0, 0.25, 4.0).build())
                .withRowSchema(schema));
    PCollection<Row> scored =
        flowers.apply(
            RunInference.onRows(OnnxModel.at(iris))
                .withInput("X", "SEPAL_LENGTH", "SEPAL_WIDTH", "PETAL_LENGTH", "PETAL_WIDTH")
                .convertingNumbers()
                .withOutputs("probabilities", "P_SETOSA", "P_OTHER"));
    PAssert.that(
            scored.apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(row -> row.getFloat("P_SETOSA") + " " + row.getFloat("P_OTHER"))))
        .containsInAnyOrder("0.75 0.25");
    pipeline.run().waitUntilFinish();
  }

  @Test
  void elements() throws IOException {
    String mood =
        file(
            "mood.onnx",
            new AnyGraph()
                .input("text", DataType.STRING, -1)
                .mlNode(
                    "LabelEncoder",
                    List.of("text"),
                    "score",
                    AnyGraph.texts("keys_strings", "good", "bad"),
                    AnyGraph.numbers("values_floats", 1, -1))
                .output("score", DataType.FLOAT, -1));
    PCollection<String> reviews = pipeline.apply(Create.of("good", "bad", "good"));
    PCollection<PredictionResult<String, Float>> moods =
        reviews.apply(
            RunInference.onElements(OnnxModel.at(mood))
                .withPreProcessing(
                    (String text) -> Map.of("text", Tensor.of(new String[] {text}, 1)))
                .withPostProcessing(
                    TypeDescriptors.floats(),
                    outputs -> AnyGraph.tensor(outputs, "score").floats()[0])
                .withBatching(
                    Batching.upTo(512)
                        .adapting(0.05, Duration.ofMillis(100))
                        .inLengthBuckets(32, 128)
                        .waitingAtMost(Duration.ofMillis(50))));
    PAssert.that(
            moods.apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(result -> result.example() + " " + result.inference())))
        .containsInAnyOrder("good 1.0", "bad -1.0", "good 1.0");
    pipeline.run().waitUntilFinish();
  }
}
