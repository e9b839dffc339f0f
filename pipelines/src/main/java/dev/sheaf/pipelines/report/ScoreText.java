package dev.sheaf.pipelines.report;

import dev.sheaf.transforms.inference.InferenceLatency;
import dev.sheaf.transforms.inference.RunInference;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.metrics.MetricsFilter;

/** What scoring came to, for a person: how many rows, and how long the calls of models took. */
public final class ScoreText {
  private ScoreText() {}

  /**
   * The lines:
   *
   * <pre>
   * Rows          30,000 scored, 3 without a model, 2 refused
   * Model calls   1,200 calls: p50 0.160 ms, p90 0.224 ms, p99 1.28 ms, max 3.07 ms
   * </pre>
   *
   * @param metrics of a pipeline that has ended; the second line is left out if no model was called
   */
  public static String of(MetricResults metrics) {
    Map<String, Long> counters = new HashMap<>();
    MetricsFilter inference =
        MetricsFilter.builder()
            .addNameFilter(MetricNameFilter.inNamespace(RunInference.class))
            .build();
    for (MetricResult<Long> counter : metrics.queryMetrics(inference).getCounters()) {
      Long committed = counter.getCommittedOrNull();
      counters.merge(
          counter.getName().getName(),
          committed == null ? counter.getAttempted() : committed,
          Long::sum);
    }
    String rows =
        String.format(
            Locale.ROOT,
            "Rows          %,d scored, %,d without a model, %,d refused%n",
            counters.getOrDefault("num_inferences", 0L),
            counters.getOrDefault("rows_without_model", 0L),
            counters.getOrDefault("rows_refused", 0L));
    return InferenceLatency.of(metrics)
        .map(latency -> rows + String.format(Locale.ROOT, "Model calls   %s%n", latency))
        .orElse(rows);
  }
}
