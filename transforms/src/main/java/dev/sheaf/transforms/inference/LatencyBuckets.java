package dev.sheaf.transforms.inference;

import java.util.OptionalLong;

/**
 * The buckets that call times are counted in: four to each doubling, with bounds that are whole
 * microseconds.
 *
 * <p>A bucket takes the times above the bound before it, up to its own bound. Up to 8 there is one
 * for each microsecond; from there a bound is less than 1.25 times any whole number of microseconds
 * in its bucket. The last bound is 2^30 microseconds, about 18 minutes; one more bucket takes all
 * that is longer.
 */
final class LatencyBuckets {
  /** One for each bound, and the last one for what is longer than all of them. */
  static final int COUNT = 8 + 4 * 27 + 1;

  /** The longest time that has a bound, in microseconds. */
  static final long LAST_BOUND = 1L << 30;

  private static final String PREFIX = "inference_batch_latency_micro_secs_le_";
  private static final String LONGER = "inf";

  private LatencyBuckets() {}

  /** The bucket that a time is counted in. */
  static int of(long micros) {
    if (micros <= 8) {
      return (int) Math.max(1, micros) - 1;
    }
    long beforeBound = micros - 1; // So that a bound itself falls into its own bucket.
    int doubling = 63 - Long.numberOfLeadingZeros(beforeBound);
    int quarter = (int) (beforeBound >> (doubling - 2)) & 3;
    return Math.min(COUNT - 1, 8 + 4 * (doubling - 3) + quarter);
  }

  /** The longest time of a bucket in microseconds, or {@link Long#MAX_VALUE} of the last one. */
  static long bound(int bucket) {
    if (bucket == COUNT - 1) {
      return Long.MAX_VALUE;
    }
    if (bucket < 8) {
      return 1L + bucket;
    }
    int doubling = 3 + (bucket - 8) / 4;
    int quarter = (bucket - 8) % 4;
    return (5L + quarter) << (doubling - 2);
  }

  /** The name of the counter of a bucket. */
  static String counter(int bucket) {
    return PREFIX + (bucket == COUNT - 1 ? LONGER : Long.toString(bound(bucket)));
  }

  /** The bound of the bucket whose counter has this name, or nothing for another metric. */
  static OptionalLong bound(String counter) {
    if (!counter.startsWith(PREFIX)) {
      return OptionalLong.empty();
    }
    String bound = counter.substring(PREFIX.length());
    return OptionalLong.of(bound.equals(LONGER) ? Long.MAX_VALUE : Long.parseLong(bound));
  }
}
