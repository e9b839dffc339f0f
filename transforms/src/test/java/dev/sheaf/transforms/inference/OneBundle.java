package dev.sheaf.transforms.inference;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricQueryResults;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Runs a transform over elements that are all in one bundle, and keeps what comes out. */
final class OneBundle<T> {
  private static final List<Object> RESULTS = Collections.synchronizedList(new ArrayList<>());
  private static final List<String> REASONS = Collections.synchronizedList(new ArrayList<>());

  private final List<T> results;
  private final List<String> reasons;
  private final PipelineResult run;

  private OneBundle(List<T> results, List<String> reasons, PipelineResult run) {
    this.results = results;
    this.reasons = reasons;
    this.run = run;
  }

  /** Makes the transform when there is a handler for its bad records. */
  interface Maker<InT, OutT> {
    PTransform<PCollection<InT>, PCollection<OutT>> make(
        BadRecordErrorHandler<PCollection<Row>> handler);
  }

  @SuppressWarnings("unchecked") // Only results of this run are in the list.
  static <InT, OutT> OneBundle<OutT> of(
      Coder<InT> coder, List<InT> elements, Maker<InT, OutT> maker) {
    RESULTS.clear();
    REASONS.clear();
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(dev.sheaf.transforms.failure.BadRecordRows.create());
    PCollection<InT> input =
        pipeline.apply(Create.of(0)).apply(ParDo.of(new Emit<>(coder, elements))).setCoder(coder);
    if (coder instanceof org.apache.beam.sdk.coders.RowCoder rows) {
      ((PCollection<Row>) input).setRowSchema(rows.getSchema());
    }
    PCollection<OutT> scored = input.apply(maker.make(handler));
    handler.close();
    PAssert.that(scored).satisfies(new Keep<>());
    PAssert.that(Objects.requireNonNull(handler.getOutput())).satisfies(new KeepReasons());
    PipelineResult run = pipeline.run();
    run.waitUntilFinish();
    return new OneBundle<>((List<OutT>) new ArrayList<>(RESULTS), new ArrayList<>(REASONS), run);
  }

  List<T> results() {
    return results;
  }

  List<String> reasons() {
    return reasons;
  }

  private MetricQueryResults metric(String name) {
    return run.metrics()
        .queryMetrics(
            MetricsFilter.builder()
                .addNameFilter(MetricNameFilter.named(RunInference.class, name))
                .build());
  }

  long counter(String name) {
    long sum = 0;
    for (var counter : metric(name).getCounters()) {
      sum += counter.getCommitted();
    }
    return sum;
  }

  /** The number of calls that succeeded. */
  long calls() {
    long count = 0;
    for (var sizes : metric("inference_request_batch_size").getDistributions()) {
      count += sizes.getCommitted().getCount();
    }
    return count;
  }

  /** The most elements in a call that succeeded. */
  long largestCall() {
    long largest = 0;
    for (var sizes : metric("inference_request_batch_size").getDistributions()) {
      largest = Math.max(largest, sizes.getCommitted().getMax());
    }
    return largest;
  }

  private static final class Emit<T> extends DoFn<Integer, T> {
    private static final long serialVersionUID = 1L;
    private final Coder<T> coder;
    private final ArrayList<byte[]> encoded = new ArrayList<>();

    Emit(Coder<T> coder, List<T> elements) {
      this.coder = coder;
      elements.forEach(element -> encoded.add(Coded.toBytes(coder, element)));
    }

    @ProcessElement
    public void process(OutputReceiver<T> out) {
      encoded.forEach(bytes -> out.output(Coded.fromBytes(coder, bytes)));
    }
  }

  private static final class Keep<T> implements SerializableFunction<Iterable<T>, Void> {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void apply(Iterable<T> results) {
      results.forEach(RESULTS::add);
      return null;
    }
  }

  private static final class KeepReasons
      implements SerializableFunction<Iterable<Row>, Void>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void apply(Iterable<Row> rows) {
      rows.forEach(row -> REASONS.add(String.valueOf(row.getString("REASON"))));
      return null;
    }
  }
}
