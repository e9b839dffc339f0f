package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.OnnxFailure;
import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.OnnxOutput;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.MapCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.runners.TransformHierarchy;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.resourcehints.ResourceHint;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Providers on a GPU, tested where there is none. */
final class ProviderTest {
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("ID").addStringField("STORE").addDoubleField("PRICE").build();
  private static final String ACCELERATOR = "beam:resources:accelerator:v1";
  private static final String MEMORY = "beam:resources:min_ram_bytes:v1";

  @TempDir private Path folder = Path.of("");
  private RunInference inference = RunInference.with(ModelStore.at("unset").champion());

  @BeforeEach
  void aStoreWithOneModel() {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    ScoredRows.publish(store, ScoredRows.model(ModelScope.key("a"), StoredModel.onnx("a", 10)));
    inference = RunInference.with(store.champion()).keyedBy("STORE");
  }

  private static void assumeNoGpu() {
    ExecutionProvider cuda = ExecutionProvider.cuda().orCpu();
    assumeFalse(cuda.activate().equals(cuda), "this machine has a GPU and the artefact for it");
  }

  private static Pipeline scoring(RunInference inference) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    PAssert.that(
            pipeline
                .apply(
                    Create.of(Row.withSchema(EVENTS).addValues(1L, "a", 3.0).build())
                        .withRowSchema(EVENTS))
                .apply(inference)
                .apply(
                    MapElements.into(TypeDescriptors.longs())
                        .via(row -> Math.round(row.getDouble("PREDICTION")))))
        .containsInAnyOrder(16L);
    return pipeline;
  }

  @Test
  void theCpuScoresTheSameInADevicesPlaceAndIsCounted() {
    assumeNoGpu();
    for (ExecutionProvider provider :
        new ExecutionProvider[] {
          ExecutionProvider.cuda().orCpu(), ExecutionProvider.tensorRt().orCpu()
        }) {
      assertTrue(fallbacks(scoring(inference.on(provider))) >= 1);
    }
    assertEquals(0, fallbacks(scoring(inference)));
  }

  private static long fallbacks(Pipeline pipeline) {
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    long fallbacks = 0;
    for (MetricResult<Long> counter :
        result
            .metrics()
            .queryMetrics(
                MetricsFilter.builder()
                    .addNameFilter(
                        MetricNameFilter.named(RunInference.class, "execution_provider_fallbacks"))
                    .build())
            .getCounters()) {
      fallbacks += counter.getCommitted();
    }
    return fallbacks;
  }

  @Test
  void aMissingDeviceFailsThePipelineAndNotTheRows() {
    assumeNoGpu();
    Pipeline pipeline = scoring(inference.on(ExecutionProvider.cuda().onDevice(1)));
    Throwable failure =
        assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    while (!(failure instanceof OnnxFailure) && failure.getCause() != null) {
      failure = failure.getCause();
    }
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("cannot use CUDA device 1: "), message);
  }

  private static Map<String, String> hints(RunInference inference) {
    return hints(scoring(inference), "ScoreRows");
  }

  private Map<String, String> hints(OnnxModel model, UnaryOperator<Elements> setting) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    Map<String, Tensor> example = Map.of("PRICE", Tensor.of(new double[] {3}, 1, 1));
    pipeline
        .apply(
            Create.of(List.of(example))
                .withCoder(MapCoder.of(StringUtf8Coder.of(), TensorCoder.of())))
        .apply(setting.apply(new Elements(RunInference.onElements(model))).transform());
    return hints(pipeline, "Infer");
  }

  /** The door for elements, whose type is long. */
  private record Elements(InferElements<Map<String, Tensor>, Map<String, OnnxOutput>> transform) {}

  private static Map<String, String> hints(Pipeline pipeline, String step) {
    Map<String, String> hints = new HashMap<>();
    pipeline.traverseTopologically(
        new Pipeline.PipelineVisitor.Defaults() {
          @Override
          public CompositeBehavior enterCompositeTransform(TransformHierarchy.Node node) {
            collect(node);
            return CompositeBehavior.ENTER_TRANSFORM;
          }

          @Override
          public void visitPrimitiveTransform(TransformHierarchy.Node node) {
            collect(node);
          }

          private void collect(TransformHierarchy.Node node) {
            PTransform<?, ?> transform = node.getTransform();
            if (transform == null || !node.getFullName().contains("/" + step)) {
              return;
            }
            for (Map.Entry<String, ResourceHint> hint :
                transform.getResourceHints().hints().entrySet()) {
              hints.put(
                  hint.getKey(), new String(hint.getValue().toBytes(), StandardCharsets.UTF_8));
            }
          }
        });
    return hints;
  }

  @Test
  void workersForElementsGetAGpuWhereTheModelIsOnOne() {
    OnnxModel model = OnnxModel.ofBytes(StoredModel.onnx("a", 10));
    assertEquals(Map.of(), hints(model, door -> door));
    assertEquals(
        Map.of(ACCELERATOR, "type:nvidia-tesla-t4;count:1;install-nvidia-driver"),
        hints(model.on(ExecutionProvider.cuda()), door -> door));
    assertEquals(
        Map.of(MEMORY, "1048576"),
        hints(
            model.on(ExecutionProvider.cuda()),
            door ->
                new Elements(
                    door.transform()
                        .withWorkers(WorkerResources.any().withMemory(1 << 20))
                        .withBatching(Batching.upTo(3)))));
  }

  @Test
  void workersGetAGpuWhereOneIsAskedFor() {
    assertEquals(Map.of(), hints(inference));
    String usual = "type:nvidia-tesla-t4;count:1;install-nvidia-driver";
    assertEquals(Map.of(ACCELERATOR, usual), hints(inference.on(ExecutionProvider.cuda().orCpu())));
    assertEquals(Map.of(ACCELERATOR, usual), hints(inference.on(ExecutionProvider.tensorRt())));
    assertEquals(
        Map.of(
            ACCELERATOR,
            "type:nvidia-l4;count:2;install-nvidia-driver",
            MEMORY,
            Long.toString(16L << 30)),
        hints(
            inference
                .withWorkers(WorkerResources.gpu("nvidia-l4").withGpus(2).withMemory(16L << 30))
                .on(ExecutionProvider.cuda())
                .classifying()
                .fallingBackTo()
                .withMaximumBatchSize(7)));
    assertEquals(
        Map.of(), hints(inference.on(ExecutionProvider.cuda()).withWorkers(WorkerResources.any())));
    assertEquals(
        Map.of(MEMORY, "1048576"),
        hints(inference.withWorkers(WorkerResources.any().withMemory(1 << 20))));
  }

  @Test
  void resourcesThatNoMachineHasAreRefused() {
    assertEquals(
        "cannot ask for 17 GPUs of the kind 'nvidia-l4'; valid are 1 to 16 of a kind, or 0 of none",
        refusal(() -> WorkerResources.gpu("nvidia-l4").withGpus(17)));
    assertEquals(
        "cannot ask for 1 GPUs of the kind ''; valid are 1 to 16 of a kind, or 0 of none",
        refusal(() -> WorkerResources.any().withGpus(1)));
    assertEquals(
        "cannot ask for a GPU of the kind 'a;count:9'; valid are lower-case words joined by"
            + " hyphens, such as nvidia-l4",
        refusal(() -> WorkerResources.gpu("a;count:9")));
    assertEquals(
        "cannot ask for a GPU of no kind; valid is a kind such as nvidia-l4",
        refusal(() -> WorkerResources.gpu("")));
    assertEquals(
        "cannot ask for 9 bytes of memory; at least 1048576 are needed",
        refusal(() -> WorkerResources.any().withMemory(9)));
  }

  private static String refusal(Executable wrong) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
  }
}
