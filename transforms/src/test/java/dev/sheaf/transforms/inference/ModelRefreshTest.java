package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Filter;
import org.apache.beam.sdk.transforms.Latest;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.windowing.AfterPane;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Repeatedly;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelRefreshTest {
  @TempDir private Path folder = Path.of("");
  private final OpenModels open = new OpenModels(TensorSession::open);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** The test's own time. */
  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };

  /** Inputs that the models before took. */
  private static Map<String, Tensor> sample() {
    return Map.of("I", Tensor.of(new long[] {9}, 1));
  }

  private Path write(String name, byte[] onnx, int minute) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, onnx);
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(60L * minute)));
    return file;
  }

  private static InferElements<String, Float> lookup(OnnxModel model) {
    return RunInference.onElements(model)
        .withPreProcessing(
            (String index) -> Map.of("I", Tensor.of(new long[] {Long.parseLong(index)}, 1)))
        .withPostProcessing(
            TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0]);
  }

  /** The model of a file that is looked at every minute. */
  private CurrentModel<Long, PredictionResult<Long, Float>> polled(Path file) {
    InferSettings settings =
        InferSettings.of(OnnxModel.at(file.toString()))
            .refreshedEvery(Duration.ofMinutes(1))
            .withClock(clock);
    return new CurrentModel<>(
        new ElementDoor<>(
            ElementDoor.Envelope.<Long, Float>bare(),
            new InferElements.Functions<>(index -> Map.of(), outputs -> 0f, null, null, Map.of()),
            false,
            new BadElements<>(org.apache.beam.sdk.coders.VarLongCoder.of(), "test", null)),
        settings,
        new InferenceMetrics(),
        open,
        Contents.bySizeAndTime());
  }

  @Test
  void newContentIsOpenBeforeTheOldIsLetGo() throws IOException {
    Path file = write("m.onnx", AnyGraph.lookupBytes(100), 0);
    try (var current = polled(file)) {
      String first = current.serving().lease().session().id();
      write("m.onnx", AnyGraph.lookupBytes(200), 1);
      assertNull(current.next(null, ModelRefreshTest::sample), "the interval has not passed");
      now = now.plusSeconds(61);
      var next = current.next(null, ModelRefreshTest::sample);
      assertNotNull(next);
      assertEquals(2, open.size());
      assertEquals(first, current.serving().lease().session().id());
      current.switchTo(next);
      assertEquals(1, open.size());
      assertTrue(!first.equals(current.serving().lease().session().id()));
    }
    assertEquals(0, open.size());
  }

  @Test
  void contentThatDidNotChangeIsNotOpenedAgain() throws IOException {
    Path file = write("m.onnx", AnyGraph.lookupBytes(100), 0);
    try (var current = polled(file)) {
      now = now.plusSeconds(61);
      assertNull(current.next(null, ModelRefreshTest::sample));
      assertEquals(1, open.size());
    }
  }

  @Test
  void brokenContentLeavesTheOldOneServing() throws IOException {
    Path file = write("m.onnx", AnyGraph.lookupBytes(100), 0);
    try (var current = polled(file)) {
      write("m.onnx", new byte[] {1, 2, 3}, 1);
      now = now.plusSeconds(61);
      assertNull(current.next(null, ModelRefreshTest::sample));
      Files.delete(file);
      now = now.plusSeconds(61);
      assertNull(current.next(null, ModelRefreshTest::sample));
      write("m.onnx", AnyGraph.lookupBytes(300), 2);
      now = now.plusSeconds(61);
      var next = Objects.requireNonNull(current.next(null, ModelRefreshTest::sample));
      next.lease().close();
      assertEquals(1, open.size());
    }
  }

  @Test
  void contentThatRefusesWhatTheOldOneTookIsBroken() throws IOException {
    Path file = write("m.onnx", AnyGraph.lookupBytes(100), 0);
    try (var current = polled(file)) {
      byte[] other =
          new AnyGraph()
              .input("J", ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64, -1)
              .node("Identity", List.of("J"), "Y")
              .output("Y", ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64, -1)
              .bytes();
      write("m.onnx", other, 1);
      now = now.plusSeconds(61);
      assertNull(current.next(null, ModelRefreshTest::sample));
      assertEquals(1, open.size());
    }
  }

  @Test
  void aSideInputTellsWhichModelServes() throws IOException {
    String first = write("a.onnx", AnyGraph.lookupBytes(100), 0).toString();
    String second = write("b.onnx", AnyGraph.lookupBytes(200), 0).toString();
    String broken = write("c.onnx", new byte[] {1, 2, 3}, 0).toString();
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<KV<String, String>> events =
        pipeline.apply(
            TestStream.create(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()))
                .addElements(KV.of("element", "1"))
                .addElements(KV.of("model", broken))
                .addElements(KV.of("element", "2"))
                .addElements(KV.of("model", second))
                .addElements(KV.of("element", "3"), KV.of("element", "4"))
                .addElements(KV.of("model", first))
                .addElements(KV.of("element", "5"))
                .advanceWatermarkToInfinity());
    PCollectionView<String> locations =
        events
            .apply("Models", Filter.by(event -> event.getKey().equals("model")))
            .apply("Locations", Values.create())
            .apply(
                Window.<String>into(new GlobalWindows())
                    .triggering(Repeatedly.forever(AfterPane.elementCountAtLeast(1)))
                    .discardingFiredPanes())
            .apply(Latest.globally())
            .apply(View.<String>asSingleton().withDefaultValue(""));
    PCollection<String> results =
        events
            .apply("Elements", Filter.by(event -> event.getKey().equals("element")))
            .apply("Indexes", Values.create())
            .apply(lookup(OnnxModel.at(first)).withModelUpdates(locations))
            .apply(
                MapElements.into(TypeDescriptors.strings())
                    .via(
                        result ->
                            result.inference()
                                + " by "
                                + result.modelId().replaceAll(".*/|@.*", "")));
    PAssert.that(results)
        .containsInAnyOrder(
            "101.0 by a.onnx",
            "102.0 by a.onnx",
            "203.0 by b.onnx",
            "204.0 by b.onnx",
            "105.0 by a.onnx");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertTrue(counter(result, "failed_model_refreshes") > 0);
    assertTrue(counter(result, "model_refreshes") > 0);
    for (String location : List.of(first, second, broken)) {
      assertFalse(OpenModels.shared().isOpen(OnnxModel.at(location)), location);
    }
  }

  private static long counter(PipelineResult result, String name) {
    MetricsFilter filter =
        MetricsFilter.builder()
            .addNameFilter(MetricNameFilter.named(RunInference.class, name))
            .build();
    long sum = 0;
    for (var counter : result.metrics().queryMetrics(filter).getCounters()) {
      sum += counter.getCommitted();
    }
    return sum;
  }
}
