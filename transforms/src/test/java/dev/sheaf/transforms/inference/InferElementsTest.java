package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;

final class InferElementsTest {
  private final TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);

  /** Gives 10 A + B. */
  private static OnnxModel model() {
    return OnnxModel.ofBytes(
        Graphs.sum(10, new Feature("A", FeatureType.FLOAT), new Feature("B", FeatureType.FLOAT)));
  }

  private static InferElements<Double, Double> sums() {
    return RunInference.onElements(model())
        .withPreProcessing(
            (Double number) ->
                Map.of(
                    "A", Tensor.of(new double[] {number}, 1, 1),
                    "B", Tensor.of(new double[] {1}, 1, 1)))
        .withPostProcessing(
            TypeDescriptors.doubles(), outputs -> outputs.get("prediction").tensor().doubles()[0]);
  }

  @Test
  void eachElementGetsItsOwnInference() {
    List<Double> numbers = IntStream.range(0, 1000).mapToObj(i -> (double) i).toList();
    PCollection<PredictionResult<Double, Double>> results =
        pipeline.apply(Create.of(numbers)).apply(sums());
    List<PredictionResult<Double, Double>> expected = new ArrayList<>();
    for (double number : numbers) {
      expected.add(new PredictionResult<>(number, 10 * number + 1, model().id()));
    }
    PAssert.that(results).containsInAnyOrder(expected);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void keysPassThrough() {
    PCollection<KV<String, Double>> results =
        pipeline
            .apply(Create.of(List.of(KV.of("x", 1.0), KV.of("y", 2.0), KV.of("x", 3.0))))
            .apply(sums().keyed())
            .apply(
                MapElements.into(
                        TypeDescriptors.kvs(TypeDescriptors.strings(), TypeDescriptors.doubles()))
                    .via(result -> KV.of(result.getKey(), result.getValue().inference())));
    PAssert.that(results)
        .containsInAnyOrder(List.of(KV.of("x", 11.0), KV.of("y", 21.0), KV.of("x", 31.0)));
    pipeline.run().waitUntilFinish();
  }

  @Test
  void resultsHaveACoderWhereverTheyAppear() throws Exception {
    assertEquals(
        PredictionResultCoder.of(
            org.apache.beam.sdk.coders.StringUtf8Coder.of(),
            org.apache.beam.sdk.coders.DoubleCoder.of()),
        pipeline
            .getCoderRegistry()
            .getCoder(new TypeDescriptor<PredictionResult<String, Double>>() {}));
    pipeline.run().waitUntilFinish();
  }
}
