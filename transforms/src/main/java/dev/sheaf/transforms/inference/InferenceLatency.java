package dev.sheaf.transforms.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.beam.sdk.metrics.DistributionResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricQueryResults;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.metrics.MetricsFilter;

/**
 * How long the calls of models took in a pipeline, with percentiles: of its end, or so far while it
 * runs.
 *
 * <p>A call is one batch that ONNX Runtime scored, with the copying of its inputs and outputs to
 * and from native memory. Reading rows and loading the model are not in it, nor is a call that
 * failed. The times of all inference transforms of the pipeline are counted together unless a step
 * is named. Each count is that of committed bundles; a runner that does not know those counts
 * repeated bundles, too.
 *
 * <p><b>How exact.</b> Times are counted in buckets, four to each doubling ({@code
 * inference_batch_latency_micro_secs_le_<bound>}, each call in one of them). A percentile is the
 * bound of the bucket that holds it, never above {@link #max}: the true one, rounded up to whole
 * microseconds, is no longer than what is given, which is less than 1.25 times as long. Up to 8
 * microseconds, and for {@code max}, the value is exact. Times above 18 minutes are given as {@code
 * max}.
 *
 * <pre>{@code
 * PipelineResult result = pipeline.run();
 * result.waitUntilFinish();
 * InferenceLatency.of(result.metrics()).ifPresent(latency -> System.out.println(latency.p99()));
 * }</pre>
 */
public final class InferenceLatency {
  private final SortedMap<Long, Long> callsByBound;
  private final long calls;
  private final long maximumMicros;

  private InferenceLatency(SortedMap<Long, Long> callsByBound, long calls, long maximumMicros) {
    this.callsByBound = callsByBound;
    this.calls = calls;
    this.maximumMicros = maximumMicros;
  }

  /** What a pipeline's metrics tell, or nothing if no model was called. */
  public static Optional<InferenceLatency> of(MetricResults metrics) {
    return of(metrics, filter());
  }

  /**
   * What the metrics of one step tell, or nothing if no model was called in it.
   *
   * @param step the name of the inference transform or another part of the step's path, in whole
   *     names, such as {@code Score/RunInference}
   */
  public static Optional<InferenceLatency> ofStep(MetricResults metrics, String step) {
    return of(metrics, filter().addStep(step));
  }

  private static MetricsFilter.Builder filter() {
    return MetricsFilter.builder().addNameFilter(MetricNameFilter.inNamespace(RunInference.class));
  }

  private static Optional<InferenceLatency> of(
      MetricResults metrics, MetricsFilter.Builder filter) {
    MetricQueryResults found = metrics.queryMetrics(filter.build());
    SortedMap<Long, Long> callsByBound = new TreeMap<>();
    for (MetricResult<Long> counter : found.getCounters()) {
      OptionalLong bound = LatencyBuckets.bound(counter.getName().getName());
      if (bound.isPresent()) {
        callsByBound.merge(bound.getAsLong(), value(counter), Long::sum);
      }
    }
    callsByBound.values().removeIf(count -> count == 0);
    if (callsByBound.isEmpty()) {
      return Optional.empty();
    }
    long calls = callsByBound.values().stream().mapToLong(Long::longValue).sum();
    return Optional.of(
        new InferenceLatency(callsByBound, calls, maximum(found, callsByBound.lastKey())));
  }

  /** The longest call as the distribution knows it; the last bound where a runner keeps none. */
  private static long maximum(MetricQueryResults found, long lastBound) {
    long maximum = 0;
    for (MetricResult<DistributionResult> distribution : found.getDistributions()) {
      if (distribution.getName().getName().equals(LatencyHistogram.DISTRIBUTION)
          && value(distribution).getCount() > 0) {
        maximum = Math.max(maximum, value(distribution).getMax());
      }
    }
    return maximum > 0 ? maximum : Math.min(lastBound, LatencyBuckets.LAST_BOUND);
  }

  private static <T> T value(MetricResult<T> result) {
    T committed = result.getCommittedOrNull();
    return committed == null ? result.getAttempted() : committed;
  }

  /** The number of calls. */
  public long calls() {
    return calls;
  }

  /** The time that half of the calls took at most. */
  public Duration p50() {
    return percentile(50);
  }

  /** The time that 90 of 100 calls took at most. */
  public Duration p90() {
    return percentile(90);
  }

  /** The time that 99 of 100 calls took at most. */
  public Duration p99() {
    return percentile(99);
  }

  /** The time of the longest call, in whole microseconds. */
  public Duration max() {
    return micros(maximumMicros);
  }

  /**
   * The time that {@code percent} of 100 calls took at most, by nearest rank.
   *
   * @param percent above 0, at most 100
   */
  public Duration percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException(
          "percentile: a number above 0 and at most 100 is needed, found " + percent);
    }
    long rank = (long) Math.ceil(percent / 100 * calls);
    long seen = 0;
    for (Map.Entry<Long, Long> bucket : callsByBound.entrySet()) {
      seen += bucket.getValue();
      if (seen >= rank) {
        return micros(Math.min(bucket.getKey(), maximumMicros));
      }
    }
    return max();
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(Math.multiplyExact(micros, 1000L));
  }

  /** One line such as {@code 1,200 calls: p50 0.16 ms, p90 0.224 ms, p99 1.28 ms, max 3.07 ms}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    parts.add("p50 " + millis(p50()));
    parts.add("p90 " + millis(p90()));
    parts.add("p99 " + millis(p99()));
    parts.add("max " + millis(max()));
    return String.format(Locale.ROOT, "%,d calls: %s", calls, String.join(", ", parts));
  }

  private static String millis(Duration time) {
    double millis = time.toNanos() / 1e6;
    return String.format(Locale.ROOT, millis < 1 ? "%.3f ms" : "%,.2f ms", millis);
  }
}
