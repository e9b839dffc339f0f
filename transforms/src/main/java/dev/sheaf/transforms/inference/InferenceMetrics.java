package dev.sheaf.transforms.inference;

import java.io.Serializable;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Gauge;
import org.apache.beam.sdk.metrics.Metrics;

/** The metrics of Beam's Python RunInference under the same names, and those of the cache. */
final class InferenceMetrics implements Serializable {
  private static final long serialVersionUID = 1L;

  final Counter inferences = counter("num_inferences");
  final Counter failedBatches = counter("failed_batches_counter");
  final Distribution batchSize = distribution("inference_request_batch_size");
  final Distribution batchByteSize = distribution("inference_request_batch_byte_size");
  final LatencyHistogram batchLatency = new LatencyHistogram();
  final Distribution modelByteSize = distribution("model_byte_size");
  final Distribution loadLatencyMillis = distribution("load_model_latency_milli_secs");
  final Counter cacheHits = counter("model_cache_hits");
  final Counter cacheMisses = counter("model_cache_misses");
  final Counter cacheEvictions = counter("model_cache_evictions");
  final Gauge cacheBytes = Metrics.gauge(RunInference.class, "model_cache_bytes");
  final Counter providerFallbacks = counter("execution_provider_fallbacks");
  final Counter loadRetries = counter("model_load_retries");
  final Counter rowsWithoutModel = counter("rows_without_model");
  final Counter rowsRefused = counter("rows_refused");
  final Counter refreshes = counter("model_refreshes");
  final Counter failedRefreshes = counter("failed_model_refreshes");

  private static Counter counter(String name) {
    return Metrics.counter(RunInference.class, name);
  }

  private static Distribution distribution(String name) {
    return Metrics.distribution(RunInference.class, name);
  }
}
