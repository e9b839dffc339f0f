package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRows;
import java.time.Duration;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupIntoBatches;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.BadRecordRouter;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.util.ShardedKey;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TimestampedValue.TimestampedValueCoder;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;
import org.jspecify.annotations.Nullable;

/** The steps that both general doors are made of. */
final class Infer<InT, OutT> extends PTransform<PCollection<InT>, PCollection<OutT>> {
  private static final long serialVersionUID = 1L;

  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final TupleTag<OutT> results;
  private final Coder<OutT> outputCoder;
  private final @Nullable SerializableFunction<InT, Integer> bucket;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  /**
   * Scores what comes through a door.
   *
   * @param bucket the length bucket of an element before it is read, if that can be told
   */
  Infer(
      Door<InT, OutT> door,
      InferSettings settings,
      Coder<OutT> outputCoder,
      @Nullable SerializableFunction<InT, Integer> bucket,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.door = door;
    this.settings = settings;
    this.results = new TupleTag<OutT>("scored") {};
    this.outputCoder = outputCoder;
    this.bucket = bucket;
    this.errorHandler = errorHandler;
  }

  @Override
  public PCollection<OutT> expand(PCollection<InT> input) {
    Duration wait = settings.batching().longestWait();
    PCollectionTuple scored =
        wait == null || input.isBounded() == IsBounded.BOUNDED
            ? input.apply("Infer", inferring(ParDo.of(new InferBundles<>(door, settings, results))))
            : waiting(input, settings.batching().maximum(), wait, bucket)
                .apply("Infer", inferring(ParDo.of(new InferGroups<>(door, settings, results))));
    BadRows.collect(scored.get(BadRecordRouter.BAD_RECORD_TAG), errorHandler);
    return scored.get(results).setCoder(outputCoder);
  }

  private <T> ParDo.MultiOutput<T, OutT> inferring(ParDo.SingleOutput<T, OutT> infer) {
    PCollectionView<String> updates = settings.updates();
    ParDo.MultiOutput<T, OutT> placed =
        (updates == null ? infer : infer.withSideInputs(updates))
            .withOutputTags(results, TupleTagList.of(BadRecordRouter.BAD_RECORD_TAG));
    placed.setResourceHints(settings.resources().hints());
    return placed;
  }

  /** Elements of an unbounded input in groups that have waited for each other. */
  static <InT> PCollection<KV<ShardedKey<Integer>, Iterable<TimestampedValue<InT>>>> waiting(
      PCollection<InT> input,
      int maximum,
      Duration wait,
      @Nullable SerializableFunction<InT, Integer> bucket) {
    if (!input.getWindowingStrategy().getWindowFn().isNonMerging()) {
      throw new IllegalArgumentException(
          "waitingAtMost: windows that do not merge are needed, found "
              + input.getWindowingStrategy().getWindowFn()
              + "; infer before such windows are assigned, or leave waitingAtMost out");
    }
    return input
        .apply("Keep timestamps", ParDo.of(new Keep<>(bucket)))
        .setCoder(KvCoder.of(VarIntCoder.of(), TimestampedValueCoder.of(input.getCoder())))
        .apply(
            "Wait for others",
            GroupIntoBatches.<Integer, TimestampedValue<InT>>ofSize(maximum)
                .withMaxBufferingDuration(org.joda.time.Duration.millis(wait.toMillis()))
                .withShardedKey());
  }

  /** The first bucket for an element whose length cannot be told: it is refused when scored. */
  private static <InT> int bucket(SerializableFunction<InT, Integer> bucket, InT element) {
    try {
      return bucket.apply(element);
    } catch (RuntimeException toldWhenItIsScored) {
      return 0;
    }
  }

  /** Keeps each element's timestamp with it, under its length bucket. */
  private static final class Keep<InT> extends DoFn<InT, KV<Integer, TimestampedValue<InT>>> {
    private static final long serialVersionUID = 1L;
    private final @Nullable SerializableFunction<InT, Integer> bucket;

    Keep(@Nullable SerializableFunction<InT, Integer> bucket) {
      this.bucket = bucket;
    }

    @ProcessElement
    public void process(ProcessContext context) {
      InT element = context.element();
      int key = bucket == null ? 0 : bucket(bucket, element);
      context.output(KV.of(key, TimestampedValue.of(element, context.timestamp())));
    }
  }
}
