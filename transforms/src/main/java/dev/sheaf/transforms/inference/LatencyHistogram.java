package dev.sheaf.transforms.inference;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;

/**
 * How long the calls of models take: counted here while a bundle lasts, told to Beam once at its
 * end.
 *
 * <p>Tells the distribution {@code inference_batch_latency_micro_secs} and, because a distribution
 * of Beam knows no percentiles, one counter for each of the {@link LatencyBuckets} that a call fell
 * into. A call costs two additions and no call of a metric. For one thread, as a DoFn is; a copy
 * made by serialization begins with nothing counted.
 */
final class LatencyHistogram implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String DISTRIBUTION = "inference_batch_latency_micro_secs";

  private final Distribution distribution = Metrics.distribution(RunInference.class, DISTRIBUTION);
  private transient long[] counts = new long[LatencyBuckets.COUNT];
  private transient long sum;
  private transient long calls;
  private transient long minimum = Long.MAX_VALUE;
  private transient long maximum;

  /** Counts one call that took {@code nanos}; a part of a microsecond counts as a whole one. */
  void record(long nanos) {
    long micros = Math.max(1, (nanos + 999) / 1000);
    counts[LatencyBuckets.of(micros)]++;
    sum += micros;
    calls++;
    minimum = Math.min(minimum, micros);
    maximum = Math.max(maximum, micros);
  }

  /** Tells what was counted since the last time; to be called at the end of each bundle. */
  void flush() {
    if (calls == 0) {
      return;
    }
    distribution.update(sum, calls, minimum, maximum);
    for (int bucket = 0; bucket < counts.length; bucket++) {
      if (counts[bucket] > 0) {
        counter(bucket).inc(counts[bucket]);
      }
    }
    clear();
  }

  private static Counter counter(int bucket) {
    return Metrics.counter(RunInference.class, LatencyBuckets.counter(bucket));
  }

  private void clear() {
    Arrays.fill(counts, 0);
    sum = 0;
    calls = 0;
    minimum = Long.MAX_VALUE;
    maximum = 0;
  }

  private Object readResolve() {
    return new LatencyHistogram();
  }
}
