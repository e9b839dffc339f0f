package dev.sheaf.transforms.inference;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How many elements go into one call of a model, and how long they may wait for each other.
 *
 * <p>What a model gives for an element does not depend on any of this; only the cost does. Elements
 * are gathered within a bundle, and what has been gathered when the bundle ends is scored then.
 * With {@link #waitingAtMost} elements of an unbounded input are gathered across bundles. Elements
 * whose tensors differ in shape never share a call.
 *
 * <pre>{@code
 * Batching.upTo(512).adapting(0.05, Duration.ofMillis(100)).waitingAtMost(Duration.ofMillis(50))
 * }</pre>
 */
public final class Batching implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final double DEFAULT_OVERHEAD = 0.05;
  private static final Duration DEFAULT_LATENCY = Duration.ofSeconds(1);

  private final int minimum;
  private final int maximum;
  private final @Nullable Adaptation adaptation;
  private final long maximumWeight;
  private final int[] lengthBounds;
  private final @Nullable Duration longestWait;

  /**
   * What an adaptive size aims at.
   *
   * @param overhead the largest share of a call's time that may be cost that every call has,
   *     whatever its size
   * @param latency the longest that a call should take
   */
  record Adaptation(double overhead, Duration latency) implements Serializable {}

  private Batching(
      int minimum,
      int maximum,
      @Nullable Adaptation adaptation,
      long maximumWeight,
      int[] lengthBounds,
      @Nullable Duration longestWait) {
    this.minimum = minimum;
    this.maximum = maximum;
    this.adaptation = adaptation;
    this.maximumWeight = maximumWeight;
    this.lengthBounds = lengthBounds;
    this.longestWait = longestWait;
  }

  /**
   * As many elements as there are, up to {@code size} in a call.
   *
   * @param size at least 1
   */
  public static Batching upTo(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("upTo: a size of at least 1 is needed, found " + size);
    }
    return new Batching(1, size, null, Long.MAX_VALUE, new int[0], null);
  }

  /**
   * Each element in a call of its own, its tensors as they are: for models that have no batch
   * dimension, or whose result for an element depends on the others of the batch.
   */
  public static Batching eachAlone() {
    return upTo(1);
  }

  /**
   * The size that {@link #adapting} begins with and never goes below; 1 unless set.
   *
   * @param size from 1 to the maximum
   */
  public Batching atLeast(int size) {
    if (size < 1 || size > maximum) {
      throw new IllegalArgumentException(
          "atLeast: a size from 1 to the maximum " + maximum + " is needed, found " + size);
    }
    return new Batching(size, maximum, adaptation, maximumWeight, lengthBounds, longestWait);
  }

  /** As {@link #adapting(double, Duration)} with 5 % of overhead and calls of up to a second. */
  public Batching adapting() {
    return adapting(DEFAULT_OVERHEAD, DEFAULT_LATENCY);
  }

  /**
   * Lets the size follow the measured cost of calls: the smallest size whose fixed cost is at most
   * the given share of a call's time, and none that takes longer than the given time, between the
   * minimum and the maximum. The cost of a call is taken to be fixed + n * cost of an element,
   * fitted to what calls took.
   *
   * @param overhead above 0 and below 1
   * @param latency positive
   */
  public Batching adapting(double overhead, Duration latency) {
    if (!(overhead > 0 && overhead < 1)) {
      throw new IllegalArgumentException(
          "adapting: an overhead above 0 and below 1 is needed, found " + overhead);
    }
    return new Batching(
        minimum,
        maximum,
        new Adaptation(overhead, positive("adapting", latency)),
        maximumWeight,
        lengthBounds,
        longestWait);
  }

  /**
   * The most that the elements of a call may weigh together; without limit unless set. An element
   * weighs what the transform's weight function says, else the bytes of its tensors. One that alone
   * weighs more has a call of its own.
   *
   * @param weight at least 1
   */
  public Batching withMaximumWeight(long weight) {
    if (weight < 1) {
      throw new IllegalArgumentException(
          "withMaximumWeight: a weight of at least 1 is needed, found " + weight);
    }
    return new Batching(minimum, maximum, adaptation, weight, lengthBounds, longestWait);
  }

  /**
   * Keeps elements of unlike length apart, so that little is padded: those up to the first bound,
   * those up to the second, and so on, and those beyond the last. An element is as long as the
   * transform's length function says, else as its longest dimension after the first.
   *
   * @param bounds ascending, the first at least 0
   */
  public Batching inLengthBuckets(int... bounds) {
    boolean ascending =
        bounds.length > 0
            && bounds[0] >= 0
            && IntStream.range(1, bounds.length).allMatch(i -> bounds[i - 1] < bounds[i]);
    if (!ascending) {
      throw new IllegalArgumentException(
          "inLengthBuckets: ascending bounds from 0 are needed, found " + Arrays.toString(bounds));
    }
    return new Batching(minimum, maximum, adaptation, maximumWeight, bounds.clone(), longestWait);
  }

  /**
   * Lets elements of an unbounded input wait for others across bundles, in the state of the runner,
   * until the maximum size is there, the longest wait has passed in processing time, or their
   * window ends; or they have the maximum weight, where the transform was told how to weigh them.
   * Each keeps its timestamp and window, and the watermark does not pass the earliest of those that
   * wait. By default nothing waits beyond its bundle; a bounded input never does.
   *
   * <p>Each worker's thread, window and length bucket gathers its own. Windows that merge, such as
   * sessions, are refused when the pipeline is built. As before every step with state, the runner
   * drops and counts elements that come after the end of their window and the allowed lateness.
   *
   * @param wait at least a millisecond
   */
  public Batching waitingAtMost(Duration wait) {
    if (positive("waitingAtMost", wait).toMillis() < 1) {
      throw new IllegalArgumentException(
          "waitingAtMost: at least a millisecond is needed, found " + wait);
    }
    return new Batching(minimum, maximum, adaptation, maximumWeight, lengthBounds, wait);
  }

  private static Duration positive(String option, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(
          option + ": a positive duration is needed, found " + duration);
    }
    return duration;
  }

  int minimum() {
    return minimum;
  }

  int maximum() {
    return maximum;
  }

  @Nullable Adaptation adaptation() {
    return adaptation;
  }

  long maximumWeight() {
    return maximumWeight;
  }

  /** Which bucket an element of a length is in. */
  int bucketOf(long length) {
    int bucket = 0;
    while (bucket < lengthBounds.length && length > lengthBounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  boolean hasBuckets() {
    return lengthBounds.length > 0;
  }

  @Nullable Duration longestWait() {
    return longestWait;
  }

  @Override
  public String toString() {
    return "Batching["
        + minimum
        + " to "
        + maximum
        + (adaptation == null ? "" : ", " + adaptation)
        + (maximumWeight == Long.MAX_VALUE ? "" : ", weight " + maximumWeight)
        + (lengthBounds.length == 0 ? "" : ", lengths " + Arrays.toString(lengthBounds))
        + (longestWait == null ? "" : ", wait " + longestWait)
        + "]";
  }
}
