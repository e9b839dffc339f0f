package dev.sheaf.benchmarks;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;

/** Whole pipelines on the direct runner, as the demo runs it, with a sink that counts. */
final class Pipelines {
  /** The direct runner as the demo runs it. */
  static final List<String> DIRECT =
      List.of(
          "--runner=DirectRunner",
          "--enforceImmutability=false",
          "--enforceEncodability=false",
          "--targetParallelism=" + Runtime.getRuntime().availableProcessors());

  private Pipelines() {}

  /**
   * Runs a graph to its end.
   *
   * @param expected how many elements its sinks must have counted
   * @return seconds from the start of building to the end of running
   */
  static double seconds(long expected, Consumer<Pipeline> graph) {
    return seconds(DIRECT, expected, graph);
  }

  /** As {@link #seconds(long, Consumer)} with the arguments of any runner. */
  static double seconds(List<String> runner, long expected, Consumer<Pipeline> graph) {
    long start = System.nanoTime();
    PipelineResult result = run(runner, graph);
    double seconds = (System.nanoTime() - start) / 1e9;
    long counted = counters(result, Sink.class).values().stream().mapToLong(Long::longValue).sum();
    if (counted != expected) {
      throw new IllegalStateException("counted " + counted + " elements instead of " + expected);
    }
    return seconds;
  }

  /** Runs a graph to its end. */
  static PipelineResult run(Consumer<Pipeline> graph) {
    return run(DIRECT, graph);
  }

  private static PipelineResult run(List<String> runner, Consumer<Pipeline> graph) {
    Pipeline pipeline =
        Pipeline.create(PipelineOptionsFactory.fromArgs(runner.toArray(String[]::new)).create());
    graph.accept(pipeline);
    PipelineResult result = pipeline.run();
    PipelineResult.State state = result.waitUntilFinish();
    if (state != PipelineResult.State.DONE) {
      throw new IllegalStateException("a pipeline ended as " + state);
    }
    return result;
  }

  /** What a run has counted, by the counters' names. */
  static SortedMap<String, Long> counters(PipelineResult result, Class<?> namespace) {
    MetricsFilter filter =
        MetricsFilter.builder().addNameFilter(MetricNameFilter.inNamespace(namespace)).build();
    SortedMap<String, Long> counters = new TreeMap<>();
    for (MetricResult<Long> counter : result.metrics().queryMetrics(filter).getCounters()) {
      Long committed = counter.getCommittedOrNull(); // Flink has no such thing.
      counters.merge(
          counter.getName().getName(),
          committed == null ? counter.getAttempted() : committed,
          Long::sum);
    }
    return counters;
  }

  /** Counts elements and drops them. */
  static <T> PTransform<PCollection<T>, PDone> sink() {
    return new Sink<>();
  }

  private static final class Sink<T> extends PTransform<PCollection<T>, PDone> {
    private static final long serialVersionUID = 1L;

    @Override
    public PDone expand(PCollection<T> input) {
      input.apply(ParDo.of(new CountFn<T>()));
      return PDone.in(input.getPipeline());
    }
  }

  private static final class CountFn<T> extends DoFn<T, Void> {
    private static final long serialVersionUID = 1L;
    private final Counter elements = Metrics.counter(Sink.class, "elements");

    @ProcessElement
    public void process() {
      elements.inc();
    }
  }
}
