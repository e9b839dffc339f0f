package dev.sheaf.transforms.inference;

import java.io.Serializable;
import java.util.UUID;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.IterableCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TimestampedValue.TimestampedValueCoder;
import org.jspecify.annotations.Nullable;

/**
 * Puts elements of an unbounded input into groups that have waited for each other, each with its
 * own timestamp, as {@link Batching#waitingAtMost} says.
 */
final class WaitForOthers<InT>
    extends PTransform<PCollection<InT>, PCollection<Iterable<TimestampedValue<InT>>>> {
  private static final long serialVersionUID = 1L;

  private final Batching batching;
  private final Measures<InT> measures;

  /**
   * What can be told of an element before it is read.
   *
   * @param bucket its length bucket; null where all wait together
   * @param weight what it counts of the maximum weight; null where that is not known yet
   */
  record Measures<InT>(
      @Nullable SerializableFunction<InT, Integer> bucket,
      @Nullable SerializableFunction<InT, Long> weight)
      implements Serializable {
    static <InT> Measures<InT> none() {
      return new Measures<>(null, null);
    }

    String bucketOf(InT element) {
      return bucket == null ? "" : "/" + orZero(bucket, element, 0);
    }

    long weightOf(InT element) {
      return weight == null ? 0 : Math.max(0, orZero(weight, element, 0L));
    }

    /** An element that cannot be measured is refused when it is scored, not here. */
    private static <InT, NumberT> NumberT orZero(
        SerializableFunction<InT, NumberT> measure, InT element, NumberT zero) {
      try {
        return measure.apply(element);
      } catch (RuntimeException toldWhenItIsScored) {
        return zero;
      }
    }
  }

  WaitForOthers(Batching batching, Measures<InT> measures) {
    this.batching = batching;
    this.measures = measures;
  }

  @Override
  public PCollection<Iterable<TimestampedValue<InT>>> expand(PCollection<InT> input) {
    if (!input.getWindowingStrategy().getWindowFn().isNonMerging()) {
      throw new IllegalArgumentException(
          "waitingAtMost: windows that do not merge are needed, found "
              + input.getWindowingStrategy().getWindowFn()
              + "; infer before such windows are assigned, or leave waitingAtMost out");
    }
    Coder<TimestampedValue<InT>> coder = TimestampedValueCoder.of(input.getCoder());
    return input
        .apply("Keep timestamps", ParDo.of(new Keep<>(measures)))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), coder))
        .apply("Wait for others", ParDo.of(new Gather<>(batching, measures, coder)))
        .setCoder(IterableCoder.of(coder));
  }

  /** Keeps each element's timestamp with it, under this worker's thread and its length bucket. */
  static final class Keep<InT> extends DoFn<InT, KV<String, TimestampedValue<InT>>> {
    private static final long serialVersionUID = 1L;
    private final Measures<InT> measures;
    private transient String shard = "";

    Keep(Measures<InT> measures) {
      this.measures = measures;
    }

    @Setup
    public void setup() {
      shard = UUID.randomUUID().toString();
    }

    @ProcessElement
    public void process(ProcessContext context) {
      InT element = context.element();
      context.output(
          KV.of(
              shard + measures.bucketOf(element),
              TimestampedValue.of(element, context.timestamp())));
    }
  }
}
