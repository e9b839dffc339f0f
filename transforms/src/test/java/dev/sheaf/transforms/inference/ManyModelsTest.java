package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.mlp.Mlp;
import dev.sheaf.models.train.naive.Naive;
import dev.sheaf.models.train.xgboost.Xgboost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store of models of many families, most of which share templates. */
final class ManyModelsTest {
  private static final Schema EVENTS =
      Schema.builder()
          .addInt64Field("ID")
          .addStringField("STORE")
          .addNullableField("STATE", FieldType.STRING)
          .addNullableField("PRICE", FieldType.STRING)
          .build();
  private static final TableSchema TABLE =
      new TableSchema(
          List.of(
              new Feature("STATE", FeatureType.TEXT_CATEGORY),
              new Feature("PRICE", FeatureType.FLOAT)),
          "SALES");
  private static final int KEYS = 60;
  private static final int ROWS = 3000;
  private static final List<String> STATES = List.of("CA", "NY", "TX", "ÖÄ");
  private static final Map<Long, Double> EXPECTED = new TreeMap<>();
  private static final List<Row> ROWS_OF_ALL = new ArrayList<>();
  private static final Map<Long, Double> FOUND = Collections.synchronizedMap(new TreeMap<>());

  @TempDir private static Path folder = Path.of("");
  private static ModelStore store = ModelStore.at("unset");

  @BeforeAll
  static void publish() {
    store = ModelStore.at(folder.resolve("models").toString());
    List<CandidateModel> models = new ArrayList<>();
    Map<String, ModelSession> sessions = new TreeMap<>();
    for (int k = 0; k < KEYS; k++) {
      byte[] onnx = train(k);
      models.add(ScoredRows.model(ModelScope.key("s" + k), onnx));
      sessions.put("s" + k, ModelSession.open(onnx, ExecutionProvider.cpu()));
    }
    ScoredRows.publish(store, models.toArray(CandidateModel[]::new));
    Random random = new Random(3);
    for (int i = 0; i < ROWS; i++) {
      String key = "s" + random.nextInt(KEYS);
      String state =
          random.nextInt(9) == 0 ? null : random.nextInt(9) == 0 ? "??" : STATES.get(i % 4);
      String price = random.nextInt(12) == 0 ? null : Double.toString(50 * random.nextGaussian());
      ROWS_OF_ALL.add(Row.withSchema(EVENTS).addValues((long) i, key, state, price).build());
      InputColumns columns = InputColumns.of(TABLE.features(), 1);
      columns.texts(0)[0] = state == null ? "" : state;
      columns.numbers(1)[0] = price == null ? Double.NaN : Double.parseDouble(price);
      EXPECTED.put((long) i, Objects.requireNonNull(sessions.get(key)).predict(columns)[0]);
    }
    sessions.values().forEach(ModelSession::close);
  }

  private static byte[] train(int key) {
    List<Trainer> trainers =
        List.of(
            Linear.regression(),
            Linear.regression(),
            Mlp.regression().withHidden(4).withEpochs(2),
            Naive.mean(),
            Xgboost.regression().withRounds(3));
    Random random = new Random(key);
    RowBlock.Builder rows = RowBlock.builder(TABLE);
    for (int i = 0; i < 60; i++) {
      int state = random.nextInt(STATES.size() - key % 2);
      double price = 50 * random.nextGaussian();
      double label = key + state * 10 + price * (1 + key % 7) + random.nextGaussian();
      rows.append(new double[] {rows.code(0, STATES.get(state)), price}, label, i, 0);
    }
    return Objects.requireNonNull(
        KeyTrainer.of(trainers.get(key % trainers.size()), Holdout.none(), TABLE)
            .train("s" + key, List.of(rows.build()))
            .onnx());
  }

  private static RunInference champion() {
    return RunInference.with(store.champion()).keyedBy("STORE");
  }

  private static void assertAllAsExpected(Map<Long, Double> found) {
    assertEquals(EXPECTED.keySet(), found.keySet());
    EXPECTED.forEach(
        (id, expected) ->
            assertEquals(
                Double.doubleToLongBits(expected),
                Double.doubleToLongBits(Objects.requireNonNull(found.get(id))),
                () -> "row " + ROWS_OF_ALL.get(id.intValue())));
  }

  private static Map<Long, Double> score(RunInference inference) {
    ScoredRows scored = ScoredRows.of(inference, EVENTS, ROWS_OF_ALL.toArray(Row[]::new));
    assertEquals(List.of(), scored.reasons());
    Map<Long, Double> found = new TreeMap<>();
    for (long id = 0; id < scored.size(); id++) {
      found.put(id, Objects.requireNonNull(scored.row(id).getDouble("PREDICTION")));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 4096})
  void predictionsAreThoseOfEachModelAloneWhateverTheBatch(int maximum) {
    assertAllAsExpected(score(champion().withMaximumBatchSize(maximum)));
  }

  @Test
  void predictionsAreTheSameUnderATinyBudget() {
    assertAllAsExpected(score(champion().withCacheBudget(1 << 20)));
  }

  @Test
  void aLimitThatNoCallReachesChangesNothing() {
    assertAllAsExpected(score(champion().withTimeLimit(Duration.ofMinutes(5))));
  }

  @Test
  void predictionsAreTheSameInManyBundlesAtOnce() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    keep(pipeline.apply(Create.of(ROWS_OF_ALL).withRowSchema(EVENTS)).apply(champion()));
    pipeline.run().waitUntilFinish();
    assertAllAsExpected(FOUND);
  }

  @Test
  void predictionsAreTheSameInAStreamThatWaitsAcrossBundlesAndAsksForTokens() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    TestStream.Builder<Row> stream = TestStream.create(EVENTS);
    for (int from = 0; from < ROWS; from += 250) {
      List<TimestampedValue<Row>> part = new ArrayList<>();
      for (Row row : ROWS_OF_ALL.subList(from, from + 250)) {
        long millis = Objects.requireNonNull(row.getInt64("ID"));
        part.add(TimestampedValue.of(row, org.joda.time.Instant.ofEpochMilli(millis)));
      }
      stream = stream.addElements(part.get(0), rest(part));
    }
    keep(
        pipeline
            .apply(stream.advanceWatermarkToInfinity())
            .apply(
                champion()
                    .withBatching(Batching.upTo(400).waitingAtMost(Duration.ofMinutes(1)))
                    .refreshedBy(
                        pipeline
                            .apply("Token", Create.of(store.champion().token()))
                            .apply(View.asSingleton()))));
    pipeline.run().waitUntilFinish();
    assertAllAsExpected(FOUND);
  }

  // Beam's builder takes further elements as an array of a generic type.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static TimestampedValue<Row>[] rest(List<TimestampedValue<Row>> part) {
    return Arrays.copyOfRange(
        part.toArray((TimestampedValue<Row>[]) new TimestampedValue[0]), 1, part.size());
  }

  private static void keep(PCollection<Row> scored) {
    FOUND.clear();
    PAssert.that(scored).satisfies(new Keep());
  }

  private static final class Keep implements SerializableFunction<Iterable<Row>, Void> {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void apply(Iterable<Row> rows) {
      rows.forEach(
          row ->
              FOUND.put(
                  Objects.requireNonNull(row.getInt64("ID")),
                  Objects.requireNonNull(row.getDouble("PREDICTION"))));
      return null;
    }
  }

  @Test
  void rowsOfManyKeysShareCalls() {
    ScoredRows scored = ScoredRows.of(champion(), EVENTS, ROWS_OF_ALL.toArray(Row[]::new));
    // 12 keys of trees, 12 networks, the first of each shape, and few calls for all others
    assertTrue(scored.calls() < 12 + 12 + 12, scored.calls() + " calls");
    assertEquals(ROWS, scored.counter("num_inferences"));
    long misses = scored.counter("model_cache_misses");
    assertTrue(misses <= KEYS, misses + " misses");
    assertEquals(ROWS, misses + scored.counter("model_cache_hits"));
  }

  @Test
  void onePoisonedRowAmongTenThousandIsOneBadRecord() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Row row = ROWS_OF_ALL.get(i % ROWS);
      String price = i == 6789 ? "poison" : row.getString("PRICE");
      rows.add(
          Row.withSchema(EVENTS)
              .addValues((long) i, row.getString("STORE"), row.getString("STATE"), price)
              .build());
    }
    ScoredRows scored = ScoredRows.of(champion(), EVENTS, rows.toArray(Row[]::new));
    assertEquals(9_999, scored.size());
    assertEquals(List.of("PRICE is not a number: \"poison\""), scored.reasons());
    for (long id = 0; id < 10_000; id++) {
      if (id != 6789) {
        assertEquals(EXPECTED.get(id % ROWS), scored.row(id).getDouble("PREDICTION"), "row " + id);
      }
    }
  }

  @Test
  void whatCannotBeSetForManyModelsIsRefused() {
    assertEquals(
        "withBatching: of rows with a model per key only upTo and waitingAtMost can be set, found "
            + "Batching[1 to 64, weight 100]",
        message(() -> champion().withBatching(Batching.upTo(64).withMaximumWeight(100))));
    assertEquals(
        "withTimeLimit: 1 millisecond to 1 day is needed, found PT0S",
        message(() -> champion().withTimeLimit(Duration.ZERO)));
  }

  private static @Nullable String message(org.junit.jupiter.api.function.Executable refused) {
    return org.junit.jupiter.api.Assertions.assertThrows(IllegalArgumentException.class, refused)
        .getMessage();
  }

  @Test
  void fewLargeRowsAreScoredBeforeTheyTakeTooMuchMemory() {
    // Half of the rows are of the model that is opened first, and has a session of its own.
    assertEquals(2, callsFor("x"));
    assertEquals(1 + 3, callsFor("x".repeat(1 << 20)));
  }

  /** The calls for 24 rows, in one bundle, of two models that share a template. */
  private static long callsFor(String note) {
    Schema noted = Schema.builder().addFields(EVENTS.getFields()).addStringField("NOTE").build();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      rows.add(Row.withSchema(noted).addValues((long) i, "s" + i % 2, "CA", "2", note).build());
    }
    return ScoredRows.of(champion(), noted, rows.toArray(Row[]::new)).calls();
  }
}
