package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** Publishes models, scores rows in one bundle and keeps them by their ID, for tests. */
final class ScoredRows {
  static final VersionId VERSION = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
  private static final Map<Long, Row> SCORED = Collections.synchronizedMap(new TreeMap<>());
  private static final List<String> REASONS = Collections.synchronizedList(new ArrayList<>());

  private final PipelineResult result;

  private ScoredRows(PipelineResult result) {
    this.result = result;
  }

  static CandidateModel model(ModelScope scope, byte[] onnx) {
    return CandidateModel.of(scope.storeKey(), onnx, 20, Map.of());
  }

  static void publish(ModelStore store, CandidateModel... models) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    pipeline
        .apply(Create.of(List.of(models)))
        .apply(PublishModels.to(store).withVersion(VERSION).withShards(2).promoteIf(Gate.always()));
    pipeline.run().waitUntilFinish();
  }

  /** The model of a key, loaded into a cache. */
  static ChosenModel load(ModelCache cache, Generation generation, String key) {
    ChosenModel chosen = Objects.requireNonNull(generation.ofKey(key));
    ModelCache.Found found =
        cache.acquire(
            new ModelCache.Key(chosen.ref().digest(), ExecutionProvider.cpu()),
            templates -> generation.open(chosen.ref(), templates, ExecutionProvider.cpu()));
    chosen.found(found.lease().cached(), found.lease().model());
    found.lease().close();
    return chosen;
  }

  /** Scores rows that have a column ID, all of them in one bundle. */
  static ScoredRows of(RunInference inference, Schema schema, Row... rows) {
    SCORED.clear();
    REASONS.clear();
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    PCollection<Row> scored =
        pipeline
            .apply(Create.of(0))
            .apply(ParDo.of(new Emit(List.of(rows))))
            .setRowSchema(schema)
            .apply(inference.withBadRecordErrorHandler(handler));
    handler.close();
    scored.apply("Keep", ParDo.of(new Keep()));
    Objects.requireNonNull(handler.getOutput()).apply("KeepReasons", ParDo.of(new KeepReasons()));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    return new ScoredRows(result);
  }

  Row row(long id) {
    return Objects.requireNonNull(SCORED.get(id), "row " + id);
  }

  /** Prediction, model key and fallback level. */
  List<@Nullable Object> answer(long id) {
    Row row = row(id);
    List<@Nullable Object> answer = new ArrayList<>();
    answer.add(row.getValue("PREDICTION"));
    answer.add(row.getString("MODEL_KEY"));
    answer.add(row.getString("FALLBACK_LEVEL"));
    return answer;
  }

  int size() {
    return SCORED.size();
  }

  /** Why rows were refused, sorted. */
  List<String> reasons() {
    return REASONS.stream().sorted().toList();
  }

  long counter(String name) {
    MetricsFilter filter =
        MetricsFilter.builder()
            .addNameFilter(MetricNameFilter.named(RunInference.class, name))
            .build();
    long sum = 0;
    for (var counter : result.metrics().queryMetrics(filter).getCounters()) {
      sum += counter.getCommitted();
    }
    return sum;
  }

  /** The number of calls of models that succeeded. */
  long calls() {
    MetricsFilter filter =
        MetricsFilter.builder()
            .addNameFilter(
                MetricNameFilter.named(RunInference.class, "inference_request_batch_size"))
            .build();
    long count = 0;
    for (var distribution : result.metrics().queryMetrics(filter).getDistributions()) {
      count += distribution.getCommitted().getCount();
    }
    return count;
  }

  private static final class Emit extends DoFn<Integer, Row> {
    private static final long serialVersionUID = 1L;
    private final List<Row> rows;

    Emit(List<Row> rows) {
      this.rows = rows;
    }

    @ProcessElement
    public void process(OutputReceiver<Row> out) {
      rows.forEach(out::output);
    }
  }

  private static final class Keep extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row) {
      Row before = SCORED.put(row.getInt64("ID"), row);
      if (before != null) {
        throw new AssertionError("predicted twice: " + before + " and " + row);
      }
    }
  }

  private static final class KeepReasons extends DoFn<Row, Void> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row) {
      REASONS.add(String.valueOf(row.getString("REASON")));
    }
  }
}
