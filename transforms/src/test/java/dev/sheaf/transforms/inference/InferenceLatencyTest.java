package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;

/** Percentiles of known call times, by way of a pipeline's metrics. */
final class InferenceLatencyTest {
  @Property
  void aTimeLiesInItsBucketAndTheBoundIsLessThanAQuarterAboveIt(
      @ForAll @LongRange(min = 1, max = LatencyBuckets.LAST_BOUND) long micros) {
    int bucket = LatencyBuckets.of(micros);
    long bound = LatencyBuckets.bound(bucket);
    assertTrue(micros <= bound && bound < 1.25 * micros, micros + " in " + bound);
    assertTrue(bucket == 0 || LatencyBuckets.bound(bucket - 1) < micros, micros + " in " + bound);
  }

  @Test
  void eachBoundIsInItsOwnBucketAndTheNextMicrosecondInTheNext() {
    List<Long> bounds =
        IntStream.range(0, LatencyBuckets.COUNT - 1).mapToObj(LatencyBuckets::bound).toList();
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 10L, 12L, 14L, 16L, 20L), bounds.subList(0, 13));
    assertEquals(LatencyBuckets.LAST_BOUND, bounds.get(bounds.size() - 1));
    for (int bucket = 0; bucket < bounds.size(); bucket++) {
      assertEquals(bucket, LatencyBuckets.of(bounds.get(bucket)));
      assertEquals(bucket + 1, LatencyBuckets.of(bounds.get(bucket) + 1));
      assertEquals(
          bounds.get(bucket), LatencyBuckets.bound(LatencyBuckets.counter(bucket)).orElseThrow());
    }
    assertEquals(
        "inference_batch_latency_micro_secs_le_inf", LatencyBuckets.counter(bounds.size()));
    assertTrue(LatencyBuckets.bound("num_inferences").isEmpty());
  }

  @Test
  void percentilesAreThoseOfTheSortedTimesWithinTheStatedError() {
    Random random = new Random(7);
    long[] nanos =
        LongStream.range(0, 5000)
            .map(i -> (long) (200_000 * Math.exp(1.5 * random.nextGaussian())))
            .toArray();
    InferenceLatency latency = measured(nanos, 200).orElseThrow();
    long[] micros = Arrays.stream(nanos).map(n -> (n + 999) / 1000).sorted().toArray();
    assertEquals(5000, latency.calls());
    for (double percent : new double[] {0.01, 1, 10, 50, 90, 99, 99.9, 100}) {
      long exact = micros[(int) Math.ceil(percent / 100 * micros.length) - 1];
      long given = latency.percentile(percent).toNanos() / 1000;
      assertTrue(exact <= given && given < 1.25 * exact, percent + ": " + exact + " as " + given);
    }
    assertEquals(latency.percentile(50), latency.p50());
    assertEquals(latency.percentile(90), latency.p90());
    assertEquals(latency.percentile(99), latency.p99());
    assertEquals(micros(micros[4999]), latency.max());
  }

  @Test
  void fewTimesAreGivenByNearestRank() {
    InferenceLatency latency = measured(new long[] {2_999, 3_001, 7_000, 950_000}, 1).orElseThrow();
    assertEquals(4, latency.calls());
    assertEquals(micros(3), latency.percentile(25));
    assertEquals(micros(4), latency.p50());
    assertEquals(micros(7), latency.percentile(75));
    assertEquals(micros(950), latency.p90());
    assertEquals(micros(950), latency.max());
    assertEquals(
        "4 calls: p50 0.004 ms, p90 0.950 ms, p99 0.950 ms, max 0.950 ms", latency.toString());
  }

  @Test
  void whatIsLongerThanAllBucketsIsGivenAsTheLongest() {
    long halfAnHour = Duration.ofMinutes(30).toNanos();
    InferenceLatency latency = measured(new long[] {0, halfAnHour, halfAnHour}, 3).orElseThrow();
    assertEquals(micros(1), latency.percentile(1));
    assertEquals(Duration.ofMinutes(30), latency.p50());
    assertEquals(Duration.ofMinutes(30), latency.max());
  }

  @Test
  void withoutACallThereIsNothing() {
    assertTrue(measured(new long[0], 1).isEmpty());
  }

  @Test
  void aPercentileOutsideOfAllIsRefused() {
    InferenceLatency latency = measured(new long[] {5_000}, 1).orElseThrow();
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> latency.percentile(0));
    assertEquals(
        "percentile: a number above 0 and at most 100 is needed, found 0.0", refusal.getMessage());
    assertThrows(IllegalArgumentException.class, () -> latency.percentile(100.5));
    assertThrows(IllegalArgumentException.class, () -> latency.percentile(Double.NaN));
  }

  @Test
  void stepsAreTakenTogetherUnlessOneIsNamed() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Long> times = pipeline.apply(Create.of(5_000L, 6_000L));
    times.apply("Fast", ParDo.of(new Measure(1)));
    times.apply("Slow", ParDo.of(new Measure(1000)));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    MetricResults metrics = result.metrics();
    assertEquals(4, InferenceLatency.of(metrics).orElseThrow().calls());
    assertEquals(micros(6), InferenceLatency.ofStep(metrics, "Fast").orElseThrow().max());
    assertEquals(micros(6_000), InferenceLatency.ofStep(metrics, "Slow").orElseThrow().max());
    assertEquals(2, InferenceLatency.ofStep(metrics, "Slow").orElseThrow().calls());
    assertEquals(Optional.empty(), InferenceLatency.ofStep(metrics, "Other"));
  }

  @Test
  void theDistributionKeepsItsNameAndIsToldAllCalls() {
    PipelineResult result = run(new long[] {5_000, 5_001, 40_000}, 2);
    var distributions =
        result
            .metrics()
            .queryMetrics(
                MetricsFilter.builder()
                    .addNameFilter(
                        MetricNameFilter.named(
                            RunInference.class, "inference_batch_latency_micro_secs"))
                    .build())
            .getDistributions();
    var told = distributions.iterator().next().getCommitted();
    assertEquals(3, told.getCount());
    assertEquals(51, told.getSum());
    assertEquals(5, told.getMin());
    assertEquals(40, told.getMax());
  }

  /** The latency of calls that took the times, spread over some bundles. */
  private static Optional<InferenceLatency> measured(long[] nanos, int bundles) {
    return InferenceLatency.of(run(nanos, bundles).metrics());
  }

  private static Duration micros(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  private static PipelineResult run(long[] nanos, int bundles) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Long> times =
        pipeline.apply(
            Create.of(Arrays.stream(nanos).boxed().toList()).withType(TypeDescriptors.longs()));
    (bundles == 1 ? times : times.apply(Reshuffle.<Long>viaRandomKey().withNumBuckets(bundles)))
        .apply(ParDo.of(new Measure(1)));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    return result;
  }

  private static final class Measure extends DoFn<Long, Void> {
    private static final long serialVersionUID = 1L;

    private final LatencyHistogram latency = new LatencyHistogram();
    private final long factor;

    Measure(long factor) {
      this.factor = factor;
    }

    @ProcessElement
    public void process(@Element Long nanos) {
      latency.record(factor * nanos);
    }

    @FinishBundle
    public void finishBundle() {
      latency.flush();
    }
  }
}
