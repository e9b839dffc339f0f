package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.inference.WaitForOthers.Measures;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.InstantCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.state.BagState;
import org.apache.beam.sdk.state.StateSpec;
import org.apache.beam.sdk.state.StateSpecs;
import org.apache.beam.sdk.state.TimeDomain;
import org.apache.beam.sdk.state.Timer;
import org.apache.beam.sdk.state.TimerSpec;
import org.apache.beam.sdk.state.TimerSpecs;
import org.apache.beam.sdk.state.ValueState;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;

/**
 * Keeps elements in state until there are enough, they weigh enough, the first has waited long
 * enough, or their window ends.
 *
 * <p>Both timers hold the watermark at the earliest of those that wait, whichever came first, so
 * that none of them is late for having waited. (The direct runner looks at event-time timers alone
 * for that.)
 */
final class Gather<InT>
    extends DoFn<KV<String, TimestampedValue<InT>>, Iterable<TimestampedValue<InT>>> {
  private static final long serialVersionUID = 1L;
  private static final String WAITING = "waiting";
  private static final String SIZE = "size";
  private static final String WEIGHT = "weight";
  private static final String EARLIEST = "earliest";
  private static final String DEADLINE = "deadline";
  private static final String WAIT_OVER = "waitOver";
  private static final String WINDOW_OVER = "windowOver";

  private final int maximum;
  private final long maximumWeight;
  private final Duration wait;
  private final Measures<InT> measures;

  @StateId(WAITING)
  private final StateSpec<BagState<TimestampedValue<InT>>> waitingSpec;

  @StateId(SIZE)
  private final StateSpec<ValueState<Integer>> sizeSpec = StateSpecs.value(VarIntCoder.of());

  @StateId(WEIGHT)
  private final StateSpec<ValueState<Long>> weightSpec = StateSpecs.value(VarLongCoder.of());

  @StateId(EARLIEST)
  private final StateSpec<ValueState<Instant>> earliestSpec = StateSpecs.value(InstantCoder.of());

  @StateId(DEADLINE)
  private final StateSpec<ValueState<Instant>> deadlineSpec = StateSpecs.value(InstantCoder.of());

  @TimerId(WAIT_OVER)
  private final TimerSpec waitOverSpec = TimerSpecs.timer(TimeDomain.PROCESSING_TIME);

  @TimerId(WINDOW_OVER)
  private final TimerSpec windowOverSpec = TimerSpecs.timer(TimeDomain.EVENT_TIME);

  Gather(Batching batching, Measures<InT> measures, Coder<TimestampedValue<InT>> coder) {
    java.time.Duration longest = batching.longestWait();
    if (longest == null) {
      throw new IllegalArgumentException("no wait is set in " + batching);
    }
    this.maximum = batching.maximum();
    this.maximumWeight = batching.maximumWeight();
    this.wait = Duration.millis(longest.toMillis());
    this.measures = measures;
    this.waitingSpec = StateSpecs.bag(coder);
  }

  @ProcessElement
  public void process(
      @Element KV<String, TimestampedValue<InT>> element,
      BoundedWindow window,
      @StateId(WAITING) BagState<TimestampedValue<InT>> waiting,
      @StateId(SIZE) ValueState<Integer> size,
      @StateId(WEIGHT) ValueState<Long> weight,
      @StateId(EARLIEST) ValueState<Instant> earliest,
      @StateId(DEADLINE) ValueState<Instant> deadline,
      @TimerId(WAIT_OVER) Timer waitOver,
      @TimerId(WINDOW_OVER) Timer windowOver,
      OutputReceiver<Iterable<TimestampedValue<InT>>> out) {
    Held<InT> held = new Held<>(waiting, size, weight, earliest, deadline);
    TimestampedValue<InT> value = element.getValue();
    Instant since = earliest.read();
    Integer before = size.read();
    Long weighed = weight.read();
    int count = before == null ? 1 : before + 1;
    long weighs = (weighed == null ? 0 : weighed) + measures.weightOf(value.getValue());
    boolean isEarliest = since == null || value.getTimestamp().isBefore(since);
    Instant from = isEarliest ? value.getTimestamp() : since;
    waiting.add(value);
    if (count >= maximum || weighs >= maximumWeight) {
      held.release(from, out);
      waitOver.clear();
      windowOver.clear();
      return;
    }
    size.write(count);
    if (maximumWeight < Long.MAX_VALUE) {
      weight.write(weighs);
    }
    if (!isEarliest) {
      return;
    }
    earliest.write(from);
    Instant now = waitOver.getCurrentRelativeTime();
    Instant until = deadline.read();
    if (until == null) {
      until = now.plus(wait);
      deadline.write(until);
    }
    windowOver.withOutputTimestamp(from).set(window.maxTimestamp());
    // Set relatively: not every runner takes an absolute processing time.
    Duration left = until.isAfter(now) ? new Duration(now, until) : Duration.ZERO;
    waitOver.offset(left).withOutputTimestamp(from).setRelative();
  }

  @OnTimer(WAIT_OVER)
  public void waitOver(
      @StateId(WAITING) BagState<TimestampedValue<InT>> waiting,
      @StateId(SIZE) ValueState<Integer> size,
      @StateId(WEIGHT) ValueState<Long> weight,
      @StateId(EARLIEST) ValueState<Instant> earliest,
      @StateId(DEADLINE) ValueState<Instant> deadline,
      @TimerId(WINDOW_OVER) Timer windowOver,
      OutputReceiver<Iterable<TimestampedValue<InT>>> out) {
    Instant from = earliest.read();
    if (from != null) {
      new Held<>(waiting, size, weight, earliest, deadline).release(from, out);
      windowOver.clear();
    }
  }

  @OnTimer(WINDOW_OVER)
  public void windowOver(
      @StateId(WAITING) BagState<TimestampedValue<InT>> waiting,
      @StateId(SIZE) ValueState<Integer> size,
      @StateId(WEIGHT) ValueState<Long> weight,
      @StateId(EARLIEST) ValueState<Instant> earliest,
      @StateId(DEADLINE) ValueState<Instant> deadline,
      @TimerId(WAIT_OVER) Timer waitOver,
      OutputReceiver<Iterable<TimestampedValue<InT>>> out) {
    Instant from = earliest.read();
    if (from != null) {
      new Held<>(waiting, size, weight, earliest, deadline).release(from, out);
      waitOver.clear();
    }
  }

  /** The state of what waits. */
  private record Held<InT>(
      BagState<TimestampedValue<InT>> waiting,
      ValueState<Integer> size,
      ValueState<Long> weight,
      ValueState<Instant> earliest,
      ValueState<Instant> deadline) {
    /** Emits all that waits as one group, and holds nothing any more. */
    void release(Instant from, OutputReceiver<Iterable<TimestampedValue<InT>>> out) {
      List<TimestampedValue<InT>> group = new ArrayList<>();
      waiting.read().forEach(group::add);
      out.outputWithTimestamp(group, from);
      waiting.clear();
      size.clear();
      weight.clear();
      earliest.clear();
      deadline.clear();
    }
  }

  /** A group has the timestamp of its earliest element, which the watermark was held at. */
  @Override
  @SuppressWarnings("deprecation") // There is no other way to output an earlier timestamp.
  public Duration getAllowedTimestampSkew() {
    return Outlet.ANY_SKEW;
  }
}
