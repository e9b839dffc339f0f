package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.Tensor;
import java.util.List;
import java.util.Map;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.IntervalWindow;
import org.apache.beam.sdk.transforms.windowing.Sessions;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

/** One worker thread, so that there is one shard whose calls can be counted. */
final class WaitingTest {
  private static final Duration TEN_SECONDS = Duration.standardSeconds(10);

  private final TestPipeline pipeline = pipeline();

  private static TestPipeline pipeline() {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setTargetParallelism(1);
    return TestPipeline.fromOptions(options).enableAbandonedNodeEnforcement(true);
  }

  private static InferElements<Long, Float> lookup(int size) {
    return RunInference.onElements(AnyGraph.lookup())
        .withPreProcessing((Long index) -> Map.of("I", Tensor.of(new long[] {index}, 1)))
        .withPostProcessing(
            TypeDescriptors.floats(), outputs -> AnyGraph.tensor(outputs, "Y").floats()[0])
        .withBatching(Batching.upTo(size).waitingAtMost(java.time.Duration.ofSeconds(10)));
  }

  private static TimestampedValue<Long> at(long second, long index) {
    return TimestampedValue.of(index, Instant.EPOCH.plus(Duration.standardSeconds(second)));
  }

  private static Instant second(long second) {
    return Instant.EPOCH.plus(Duration.standardSeconds(second));
  }

  /** Each result with the second of its timestamp. */
  private static final class Describe extends DoFn<PredictionResult<Long, Float>, String> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(ProcessContext context) {
      context.output(
          context.element().example()
              + " -> "
              + context.element().inference()
              + " at "
              + context.timestamp().getMillis() / 1000);
    }
  }

  private static long calls(PipelineResult result) {
    MetricsFilter filter =
        MetricsFilter.builder()
            .addNameFilter(
                MetricNameFilter.named(RunInference.class, "inference_request_batch_size"))
            .build();
    long count = 0;
    for (var distribution : result.metrics().queryMetrics(filter).getDistributions()) {
      count += distribution.getCommitted().getCount();
    }
    return count;
  }

  @Test
  void elementsOfManyBundlesWaitForEachOtherUntilTheWaitIsOver() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 1L))
            .advanceProcessingTime(Duration.standardSeconds(4))
            .addElements(at(3, 3L))
            .advanceProcessingTime(Duration.standardSeconds(4))
            .addElements(at(2, 2L))
            .advanceProcessingTime(Duration.standardSeconds(4)) // the first has waited for 12 s
            .addElements(at(4, 4L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline.apply(stream).apply(lookup(100)).apply(ParDo.of(new Describe()));
    PAssert.that(results)
        .containsInAnyOrder(
            "1 -> 101.0 at 1", "2 -> 102.0 at 2", "3 -> 103.0 at 3", "4 -> 104.0 at 4");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(2, calls(result));
  }

  @Test
  void theLargestSizeEndsTheWait() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 1L))
            .addElements(at(2, 2L))
            .addElements(at(3, 3L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline.apply(stream).apply(lookup(2)).apply(ParDo.of(new Describe()));
    PAssert.that(results)
        .containsInAnyOrder("1 -> 101.0 at 1", "2 -> 102.0 at 2", "3 -> 103.0 at 3");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(2, calls(result));
  }

  @Test
  void theEndOfAWindowEndsTheWaitAndNothingIsLate() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(5, 5L))
            .addElements(at(3, 3L))
            .advanceWatermarkTo(second(4))
            .addElements(at(12, 2L))
            .advanceWatermarkTo(second(11)) // the first window ends; nobody has waited in vain
            .addElements(at(13, 3L))
            .advanceWatermarkToInfinity();
    PCollection<PredictionResult<Long, Float>> results =
        pipeline.apply(stream).apply(Window.into(FixedWindows.of(TEN_SECONDS))).apply(lookup(100));
    IntervalWindow first = new IntervalWindow(second(0), second(10));
    IntervalWindow later = new IntervalWindow(second(10), second(20));
    PCollection<String> described = results.apply(ParDo.of(new Describe()));
    PAssert.that(described)
        .inWindow(first)
        .containsInAnyOrder("5 -> 105.0 at 5", "3 -> 103.0 at 3");
    PAssert.that(described)
        .inWindow(later)
        .containsInAnyOrder("2 -> 102.0 at 12", "3 -> 103.0 at 13");
    PCollection<Long> counts =
        results.apply(
            Combine.globally(Count.<PredictionResult<Long, Float>>combineFn()).withoutDefaults());
    PAssert.that(counts).inOnTimePane(first).containsInAnyOrder(2L);
    PAssert.that(counts).inOnTimePane(later).containsInAnyOrder(2L);
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(2, calls(result));
  }

  @Test
  void anElementThatCameLaterWithAnEarlierTimeIsNotLateForHavingWaited() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(15, 5L))
            .addElements(at(3, 3L))
            .advanceWatermarkTo(second(12)) // beyond the window of the second
            .addElements(at(14, 4L))
            .advanceProcessingTime(TEN_SECONDS)
            .advanceWatermarkToInfinity();
    PCollection<Long> counts =
        pipeline
            .apply(stream)
            .apply(lookup(100))
            .apply(Window.into(FixedWindows.of(TEN_SECONDS)))
            .apply(
                Combine.globally(Count.<PredictionResult<Long, Float>>combineFn())
                    .withoutDefaults());
    PAssert.that(counts)
        .inOnTimePane(new IntervalWindow(second(0), second(10)))
        .containsInAnyOrder(1L);
    PAssert.that(counts)
        .inOnTimePane(new IntervalWindow(second(10), second(20)))
        .containsInAnyOrder(2L);
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(1, calls(result));
  }

  @Test
  void theWaitBeginsAnewWithEachGroup() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 1L))
            .advanceProcessingTime(Duration.standardSeconds(8))
            .addElements(at(2, 2L)) // full: the timer of this group is off
            .advanceProcessingTime(Duration.standardSeconds(1))
            .addElements(at(3, 3L))
            .advanceProcessingTime(Duration.standardSeconds(8)) // the old timer would ring
            .addElements(at(4, 4L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline.apply(stream).apply(lookup(2)).apply(ParDo.of(new Describe()));
    PAssert.that(results)
        .containsInAnyOrder(
            "1 -> 101.0 at 1", "2 -> 102.0 at 2", "3 -> 103.0 at 3", "4 -> 104.0 at 4");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(2, calls(result));
  }

  @Test
  void theMaximumWeightEndsTheWait() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 4L))
            .addElements(at(2, 5L)) // nine of eight: in two calls, at once
            .addElements(at(3, 1L))
            .advanceWatermarkTo(second(8))
            .addElements(at(9, 2L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline
            .apply(stream)
            .apply(
                lookup(100)
                    .withWeight(index -> index)
                    .withBatching(
                        Batching.upTo(100)
                            .withMaximumWeight(8)
                            .waitingAtMost(java.time.Duration.ofSeconds(10))))
            .apply(ParDo.of(new Describe()));
    PAssert.that(results)
        .containsInAnyOrder(
            "4 -> 104.0 at 1", "5 -> 105.0 at 2", "1 -> 101.0 at 3", "2 -> 102.0 at 9");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(3, calls(result));
  }

  @Test
  void aDrainEndsTheWait() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 1L))
            .addElements(at(2, 2L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline.apply(stream).apply(lookup(100)).apply(ParDo.of(new Describe()));
    PAssert.that(results).containsInAnyOrder("1 -> 101.0 at 1", "2 -> 102.0 at 2");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(1, calls(result));
  }

  @Test
  void elementsWaitByLengthBucket() {
    TestStream<Long> stream =
        TestStream.create(VarLongCoder.of())
            .addElements(at(1, 1L))
            .addElements(at(2, 9L))
            .addElements(at(3, 2L))
            .advanceWatermarkToInfinity();
    PCollection<String> results =
        pipeline
            .apply(stream)
            .apply(
                lookup(100)
                    .withLength(index -> index)
                    .withBatching(
                        Batching.upTo(100)
                            .inLengthBuckets(5)
                            .waitingAtMost(java.time.Duration.ofSeconds(10))))
            .apply(ParDo.of(new Describe()));
    PAssert.that(results)
        .containsInAnyOrder("1 -> 101.0 at 1", "9 -> 109.0 at 2", "2 -> 102.0 at 3");
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    assertEquals(2, calls(result));
  }

  @Test
  void windowsThatMergeAreRefused() {
    pipeline.enableAbandonedNodeEnforcement(false);
    PCollection<Long> input =
        pipeline
            .apply(TestStream.create(VarLongCoder.of()).advanceWatermarkToInfinity())
            .apply(Window.into(Sessions.withGapDuration(TEN_SECONDS)));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> input.apply(lookup(10)));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("windows that do not merge are needed"));
  }

  @Test
  void batchAndStreamGiveTheSamePredictions() {
    List<Long> indexes = List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    TestStream.Builder<Long> events = TestStream.create(VarLongCoder.of());
    for (long index : indexes) {
      events = events.addElements(at(index, index));
    }
    PCollection<Float> streamed =
        pipeline
            .apply(events.advanceWatermarkToInfinity())
            .apply(lookup(4))
            .apply(
                org.apache.beam.sdk.transforms.MapElements.into(TypeDescriptors.floats())
                    .via(PredictionResult::inference));
    PAssert.that(streamed)
        .containsInAnyOrder(100f, 101f, 102f, 103f, 104f, 105f, 106f, 107f, 108f, 109f);
    pipeline.run().waitUntilFinish();
    OneBundle<PredictionResult<Long, Float>> batch =
        OneBundle.of(VarLongCoder.of(), indexes, lookup(4)::withBadRecordErrorHandler);
    assertEquals(
        List.of(100f, 101f, 102f, 103f, 104f, 105f, 106f, 107f, 108f, 109f),
        batch.results().stream().map(PredictionResult::inference).sorted().toList());
  }
}
