package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.cli.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricQueryResults;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** A pipeline under way, watched through its metrics. */
final class RunningPipeline {
  private static final Duration BETWEEN_LOOKS = Duration.millis(250);
  private static final Duration LONGEST_RUN = Duration.standardHours(24);

  private final PipelineResult result;

  /** The counters of a pipeline by name, summed over its steps. */
  record Counters(Map<String, Long> values) {
    long value(String name) {
      return values.getOrDefault(name, 0L);
    }
  }

  RunningPipeline(PipelineResult result) {
    this.result = result;
  }

  /** Waits for the end and shows the counters on the way. */
  void await(Consumer<Counters> onProgress) throws DemoException {
    Instant deadline = Instant.now().plus(LONGEST_RUN);
    try {
      PipelineResult.@Nullable State state = null;
      while (state == null || !state.isTerminal()) {
        state = result.waitUntilFinish(BETWEEN_LOOKS);
        onProgress.accept(counters());
        if (Instant.now().isAfter(deadline)) {
          throw new DemoException(
              new Failure(Failure.FAILED, "the pipeline did not end within " + LONGEST_RUN));
        }
      }
      if (state != PipelineResult.State.DONE) {
        throw new DemoException(new Failure(Failure.FAILED, "the pipeline ended as " + state));
      }
    } catch (RuntimeException e) {
      throw new DemoException(Failure.whileRunning(e), e);
    }
  }

  MetricResults metrics() {
    return result.metrics();
  }

  Counters counters() {
    MetricQueryResults metrics = result.metrics().queryMetrics(MetricsFilter.builder().build());
    Map<String, Long> sums = new HashMap<>();
    metrics
        .getCounters()
        .forEach(
            counter -> sums.merge(counter.getName().getName(), counter.getAttempted(), Long::sum));
    return new Counters(sums);
  }
}
