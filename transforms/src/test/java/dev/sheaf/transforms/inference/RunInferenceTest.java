package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunInferenceTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addNullableField("STORE", FieldType.STRING)
          .addNullableField("PRICE", FieldType.STRING)
          .build();
  private static final TableSchema TRAINING =
      new TableSchema(List.of(new Feature("PRICE", FeatureType.FLOAT)), "SALES");
  private static final VersionId FIRST = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
  private static final VersionId SECOND = VersionId.at(Instant.parse("2026-01-02T00:00:00Z"));
  private static final Map<Long, Row> SCORED = Collections.synchronizedMap(new TreeMap<>());

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");

  @BeforeEach
  void aStoreWithOneVersion() {
    store = ModelStore.at(folder.resolve("models").toString());
    publish(FIRST, model("a", 10, 2), model("b", 20, 3));
  }

  /** A model of sales = intercept + slope * price. */
  private static CandidateModel model(String key, double intercept, double slope) {
    return model(TRAINING, key, intercept, slope);
  }

  private static CandidateModel model(
      TableSchema schema, String key, double intercept, double slope) {
    RowBlock.Builder rows = RowBlock.builder(1);
    for (int i = 0; i < 20; i++) {
      rows.append(new double[] {i}, intercept + slope * i, i, 0);
    }
    KeyOutcome outcome =
        KeyTrainer.of(Linear.regression(), Holdout.none(), schema)
            .train(key, List.of(rows.build()));
    return CandidateModel.of(key, Objects.requireNonNull(outcome.onnx()), 20, Map.of());
  }

  private void publish(VersionId version, CandidateModel... models) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    pipeline
        .apply(Create.of(List.of(models)))
        .apply(PublishModels.to(store).withVersion(version).withShards(2).promoteIf(Gate.always()));
    pipeline.run().waitUntilFinish();
  }

  private static Row event(long id, @Nullable String store, @Nullable String price) {
    return Row.withSchema(EVENTS).addValues(id, store, price).build();
  }

  private RunInference champion() {
    return RunInference.with(store.champion()).keyedBy("store");
  }

  /** Scores and keeps the rows by id. */
  private static PipelineResult score(RunInference inference, Row... events) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Row> scored =
        pipeline.apply(Create.of(List.of(events)).withRowSchema(EVENTS)).apply(inference);
    PAssert.that(scored).satisfies(new Keep());
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    return result;
  }

  private static final class Keep implements SerializableFunction<Iterable<Row>, Void> {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void apply(Iterable<Row> rows) {
      SCORED.clear();
      rows.forEach(row -> SCORED.put(row.getInt64("ID"), row));
      return null;
    }
  }

  private static Row scored(long id) {
    return Objects.requireNonNull(SCORED.get(id));
  }

  private static long counter(PipelineResult result, String name) {
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

  private static long largest(PipelineResult result, String name) {
    MetricsFilter filter =
        MetricsFilter.builder()
            .addNameFilter(MetricNameFilter.named(RunInference.class, name))
            .build();
    long max = Long.MIN_VALUE;
    for (var distribution : result.metrics().queryMetrics(filter).getDistributions()) {
      max = Math.max(max, distribution.getCommitted().getMax());
    }
    return max;
  }

  @Test
  void aModelIsLoadedOnceAndThenFoundInTheCache() {
    publish(SECOND, model("a", 0.375, 2)); // a model that no cache has seen
    Row[] events =
        IntStream.range(0, 40)
            .mapToObj(i -> event(i, "a", Integer.toString(i)))
            .toArray(Row[]::new);
    Models running = running(1);
    PipelineResult first = score(champion().withMaximumBatchSize(1), events);
    assertEquals(1, counter(first, "model_cache_misses"));
    assertEquals(39, counter(first, "model_cache_hits"));
    PipelineResult second = score(champion().withMaximumBatchSize(1), events);
    assertEquals(0, counter(second, "model_cache_misses"));
    assertEquals(40, counter(second, "model_cache_hits"));
    running.close();
  }

  /** Another transform of this JVM, so that the cache lives on between pipelines. */
  private Models running(int batchSize) {
    return new Models(
        ScoreSettings.of(store.champion()).withMaximumBatchSize(batchSize).withCacheBytes(1 << 20),
        new InferenceMetrics(),
        Sleeper.DEFAULT);
  }

  @Test
  void eachRowIsScoredByTheModelOfItsKey() {
    Instant now = Instant.parse("2026-03-04T05:06:07Z");
    score(
        champion().withClock(Clock.fixed(now, ZoneOffset.UTC)),
        event(1, "a", "5"),
        event(2, "b", "7"),
        event(3, "a", "0.5"));
    assertEquals(20, scored(1).getDouble("PREDICTION"), 1e-9);
    assertEquals(41, scored(2).getDouble("PREDICTION"), 1e-9);
    assertEquals(11, scored(3).getDouble("PREDICTION"), 1e-9);
    assertEquals("b", scored(2).getString("MODEL_KEY"));
    assertEquals(FIRST.toString(), scored(2).getString("MODEL_VERSION"));
    assertEquals("KEY", scored(2).getString("FALLBACK_LEVEL"));
    assertEquals("batch", scored(2).getString("LAYER"));
    assertEquals(now, scored(2).getLogicalTypeValue("SCORED_AT", Instant.class));
    assertEquals("7", scored(2).getString("PRICE"));
  }

  @Test
  void aKeyWithoutAModelKeepsItsRowWithANullPrediction() {
    PipelineResult result = score(champion(), event(1, "z", "5"), event(2, "b", "1"));
    assertNull(scored(1).getDouble("PREDICTION"));
    assertNull(scored(1).getString("MODEL_KEY"));
    assertNull(scored(1).getString("MODEL_VERSION"));
    assertEquals("NONE", scored(1).getString("FALLBACK_LEVEL"));
    assertEquals(23, scored(2).getDouble("PREDICTION"), 1e-9);
    assertEquals(1, counter(result, "rows_without_model"));
    assertEquals(1, counter(result, "num_inferences"));
  }

  @Test
  void aMissingFeatureIsScoredAsTheTrainerTreatsIt() {
    score(champion(), event(1, "a", null));
    assertEquals(10 + 2 * 9.5, scored(1).getDouble("PREDICTION"), 1e-9);
  }

  @Test
  void rowsThatCannotBeScoredLeaveWithTheirReasonAndTheOthersStay() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    PCollection<Row> scored =
        pipeline
            .apply(
                Create.of(
                        event(1, "a", "x1"),
                        event(2, null, "1"),
                        event(3, "a", "4"),
                        event(4, "b", "Infinity"))
                    .withRowSchema(EVENTS))
            .apply(champion().withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(scored).satisfies(new Keep());
    PAssert.that(reasons(handler.getOutput()))
        .containsInAnyOrder(
            "PRICE is not a number: \"x1\"", "the key STORE is NULL", "PRICE is infinite");
    pipeline.run().waitUntilFinish();
    assertEquals(List.of(3L), List.copyOf(SCORED.keySet()));
  }

  private static PCollection<String> reasons(@Nullable PCollection<Row> badRecords) {
    return Objects.requireNonNull(badRecords)
        .apply(
            MapElements.into(TypeDescriptors.strings())
                .via(row -> String.valueOf(row.getString("REASON"))));
  }

  @Test
  void aModelThatWantsAColumnTheInputLacksSaysSo() {
    TableSchema other = new TableSchema(List.of(new Feature("WEIGHT", FeatureType.FLOAT)), "SALES");
    publish(SECOND, model(other, "a", 1, 1), model("b", 20, 3));
    Exception e = assertThrows(Exception.class, () -> score(champion(), event(1, "a", "5")));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains(
                "the model of key \"a\" in version "
                    + SECOND
                    + " cannot be used: the model's input: there is no column named \"WEIGHT\""),
        e.getMessage());
  }

  @Test
  void aDamagedModelIsABadRecordForItsKeyAlone() throws IOException {
    publish(SECOND, model("a", 0.125, 2)); // a model that no cache has seen
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path zip :
          files.filter(file -> file.toString().endsWith(".zip")).collect(Collectors.toList())) {
        byte[] bytes = Files.readAllBytes(zip);
        Files.write(zip, Arrays.copyOf(bytes, bytes.length / 2));
      }
    }
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    PCollection<Row> scored =
        pipeline
            .apply(Create.of(event(1, "a", "1"), event(2, "z", "1")).withRowSchema(EVENTS))
            .apply(champion().withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(scored).satisfies(new Keep());
    PAssert.thatSingleton(reasons(handler.getOutput()))
        .satisfies(
            reason -> {
              assertTrue(reason.startsWith("the model of key \"a\" in version"), reason);
              return null;
            });
    pipeline.run().waitUntilFinish();
    assertEquals(List.of(2L), List.copyOf(SCORED.keySet()));
  }

  @Test
  void thePredictionOfARowDoesNotDependOnItsBatch() {
    Row[] events =
        IntStream.range(0, 500)
            .mapToObj(i -> event(i, i % 3 == 0 ? "b" : "a", Double.toString(i / 7.0)))
            .toArray(Row[]::new);
    score(champion(), events);
    Map<Long, Row> large = new TreeMap<>(SCORED);
    PipelineResult result = score(champion().withMaximumBatchSize(1), events);
    for (long id = 0; id < events.length; id++) {
      assertEquals(
          Objects.requireNonNull(large.get(id)).getDouble("PREDICTION"),
          scored(id).getDouble("PREDICTION"));
    }
    assertEquals(events.length, counter(result, "num_inferences"));
    assertEquals(1, largest(result, "inference_request_batch_size"));
  }

  @Test
  void unboundedInputGivesTheSamePredictionsInTheStreamLayer() {
    score(champion(), event(1, "a", "0.1"), event(2, "b", "0.7"));
    List<Double> batch =
        List.of(scored(1).getDouble("PREDICTION"), scored(2).getDouble("PREDICTION"));
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Row> scored =
        pipeline
            .apply(
                TestStream.create(EVENTS)
                    .addElements(event(1, "a", "0.1"))
                    .addElements(event(2, "b", "0.7"))
                    .advanceWatermarkToInfinity())
            .apply(champion());
    PAssert.that(scored).satisfies(new Keep());
    pipeline.run().waitUntilFinish();
    assertEquals(batch.get(0), scored(1).getDouble("PREDICTION"));
    assertEquals(batch.get(1), scored(2).getDouble("PREDICTION"));
    assertEquals("stream", scored(1).getString("LAYER"));
  }

  @Test
  void anOverriddenKeyIsScoredByItsOwnVersion() {
    publish(SECOND, model("a", 1000, 2), model("b", 2000, 3));
    store.promote(ModelStore.CHAMPION, Alias.to(SECOND).withOverride("a", FIRST));
    score(champion(), event(1, "a", "0"), event(2, "b", "0"));
    assertEquals(10, scored(1).getDouble("PREDICTION"), 1e-9);
    assertEquals(FIRST.toString(), scored(1).getString("MODEL_VERSION"));
    assertEquals(2000, scored(2).getDouble("PREDICTION"), 1e-9);
  }

  @Test
  void aStoreWithNothingToServeFailsWithOneClearMessage() {
    ModelStore empty = ModelStore.at(folder.resolve("empty").toString());
    Exception e =
        assertThrows(
            Exception.class,
            () -> score(RunInference.with(empty.champion()).keyedBy("STORE"), event(1, "a", "1")));
    assertTrue(String.valueOf(e.getMessage()).contains("champion"), e.getMessage());
  }

  @Test
  void aRunningWorkerTakesOverANewVersionAndKeepsTheOldOneWhenTheNewIsBroken() throws IOException {
    MutableClock clock = new MutableClock();
    ScoreSettings settings =
        ScoreSettings.of(store.champion())
            .refreshedEvery(Duration.ofMinutes(1))
            .withCacheBytes(1 << 20)
            .withClock(clock);
    Models models = new Models(settings, new InferenceMetrics(), Sleeper.DEFAULT);
    publish(SECOND, model("a", 11, 2));

    models.refresh();
    assertEquals(FIRST, version(models));
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    assertEquals(SECOND, version(models));

    Files.writeString(folder.resolve("models/aliases/champion.json"), "{ broken");
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    assertEquals(SECOND, version(models));
    models.close();
  }

  private static VersionId version(Models models) {
    return Objects.requireNonNull(models.generation().ofKey("a")).ref().version();
  }

  @Test
  void wrongSettingsAreRefusedAtOnce() {
    assertEquals(
        "withMaximumBatchSize: at least 1 row is needed, found 0",
        assertThrows(IllegalArgumentException.class, () -> champion().withMaximumBatchSize(0))
            .getMessage());
    assertEquals(
        "withCacheBudget: at least 1048576 bytes are needed, found 7",
        assertThrows(IllegalArgumentException.class, () -> champion().withCacheBudget(7))
            .getMessage());
    assertEquals(
        "refreshedEvery: a positive duration is needed, found PT0S",
        assertThrows(IllegalArgumentException.class, () -> champion().refreshedEvery(Duration.ZERO))
            .getMessage());
  }

  @Test
  void wrongColumnsAreRefusedWhenThePipelineIsBuilt() {
    assertEquals(
        "RunInference needs keyedBy: the column whose value names the model",
        refusal(RunInference.with(store.champion()), EVENTS));
    assertEquals(
        "keyedBy: there is no column named \"SHOP\"; the columns are ID, STORE, PRICE",
        refusal(champion().keyedBy("SHOP"), EVENTS));
    Schema bytes = Schema.builder().addByteArrayField("STORE").build();
    assertEquals(
        "keyedBy: \"STORE\" holds BYTES; a key must be a number, boolean, text, date or time",
        refusal(champion(), bytes));
    Schema clash = Schema.builder().addStringField("STORE").addDoubleField("prediction").build();
    assertEquals(
        "RunInference cannot add its columns: the input has PREDICTION already; rename or leave"
            + " out",
        refusal(champion(), clash));
  }

  private static String refusal(RunInference inference, Schema schema) {
    PCollection<Row> rows =
        TestPipeline.create().enableAbandonedNodeEnforcement(true).apply(Create.empty(schema));
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> rows.apply(inference)).getMessage());
  }
}
