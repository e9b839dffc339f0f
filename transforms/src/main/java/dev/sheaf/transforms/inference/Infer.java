package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRows;
import java.time.Duration;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollection.IsBounded;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.jspecify.annotations.Nullable;

/** The steps that both general doors are made of. */
final class Infer<InT, OutT> extends PTransform<PCollection<InT>, PCollection<OutT>> {
  private static final long serialVersionUID = 1L;

  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final TupleTag<OutT> results;
  private final Coder<OutT> outputCoder;
  private final WaitForOthers.Measures<InT> measures;
  private final transient @Nullable ErrorHandler<BadRecord, ?> errorHandler;

  /**
   * Scores what comes through a door.
   *
   * @param measures what can be told of an element before it is read
   */
  Infer(
      Door<InT, OutT> door,
      InferSettings settings,
      Coder<OutT> outputCoder,
      WaitForOthers.Measures<InT> measures,
      @Nullable ErrorHandler<BadRecord, ?> errorHandler) {
    this.door = door;
    this.settings = settings;
    this.results = new TupleTag<OutT>("scored") {};
    this.outputCoder = outputCoder;
    this.measures = measures;
    this.errorHandler = errorHandler;
  }

  @Override
  public PCollection<OutT> expand(PCollection<InT> input) {
    Duration wait = settings.batching().longestWait();
    PCollectionTuple scored =
        wait == null || input.isBounded() == IsBounded.BOUNDED
            ? input.apply("Infer", inferring(ParDo.of(new InferBundles<>(door, settings, results))))
            : input
                .apply(new WaitForOthers<>(settings.batching(), measures))
                .apply("Infer", inferring(ParDo.of(new InferGroups<>(door, settings, results))));
    BadRows.collect(scored, errorHandler);
    return scored.get(results).setCoder(outputCoder);
  }

  private <T> ParDo.MultiOutput<T, OutT> inferring(ParDo.SingleOutput<T, OutT> infer) {
    PCollectionView<String> updates = settings.updates();
    ParDo.MultiOutput<T, OutT> placed =
        (updates == null ? infer : infer.withSideInputs(updates))
            .withOutputTags(results, BadRows.tags(errorHandler));
    placed.setResourceHints(settings.resources().hints());
    return placed;
  }
}
