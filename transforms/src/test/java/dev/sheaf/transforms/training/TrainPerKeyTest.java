package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.train.xgboost.Xgboost;
import dev.sheaf.transforms.failure.BadRecordRows;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TrainPerKeyTest {
  private static final Schema SALES =
      Schema.builder()
          .addNullableField("STORE", FieldType.INT64)
          .addNullableField("DAY", FieldType.logicalType(SqlTypes.DATE))
          .addNullableField("PRICE", FieldType.DOUBLE)
          .addNullableField("PROMO", FieldType.BOOLEAN)
          .addNullableField("SALES", FieldType.STRING)
          .build();

  private static final TrainPerKey TRAIN =
      TrainPerKey.on("STORE").withLabel("SALES").withFeatures("PRICE", "PROMO");

  private static Row row(
      @Nullable Long store,
      int day,
      @Nullable Double price,
      boolean promo,
      @Nullable String sales) {
    return Row.withSchema(SALES)
        .addValues(store, LocalDate.of(2020, 1, 1).plusDays(day), price, promo, sales)
        .build();
  }

  /** Rows of one store that follow sales = 100 store + 3 price + 7 promo exactly. */
  private static List<Row> store(long store, int rows) {
    List<Row> made = new ArrayList<>();
    Random random = new Random(store);
    for (int day = 0; day < rows; day++) {
      double price = random.nextInt(1000) / 8.0;
      boolean promo = random.nextBoolean();
      double sales = 100 * store + 3 * price + (promo ? 7 : 0);
      made.add(row(store, day, price, promo, Double.toString(sales)));
    }
    return made;
  }

  private static Map<String, Row> byKey(Iterable<Row> ledger) {
    Map<String, Row> rows = new TreeMap<>();
    ledger.forEach(row -> rows.put(String.valueOf(row.getString("MODEL_KEY")), row));
    return rows;
  }

  private static @Nullable String status(Map<String, Row> ledger, String key) {
    return Objects.requireNonNull(ledger.get(key)).getString("STATUS");
  }

  private static PCollection<Row> create(Pipeline pipeline, List<Row> rows) {
    return pipeline.apply(Create.of(rows).withRowSchema(SALES));
  }

  @Test
  void everyKeyGetsAModelAndALedgerRow() {
    Pipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    List<Row> rows = new ArrayList<>(store(1, 40));
    rows.addAll(store(2, 60));
    TrainPerKey.Result result =
        create(pipeline, rows)
            .apply(
                TRAIN
                    .withHoldout(Holdout.last("DAY", 0.25))
                    .withRunId("run-9")
                    .withClock(Clock.fixed(Instant.parse("2021-02-03T04:05:06Z"), ZoneOffset.UTC)));
    PAssert.that(result.ledger())
        .satisfies(
            ledger -> {
              Map<String, Row> found = byKey(ledger);
              assertEquals(List.of("1", "2"), List.copyOf(found.keySet()));
              Row two = Objects.requireNonNull(found.get("2"));
              assertEquals("run-9", two.getString("RUN_ID"));
              assertEquals("TRAINED", two.getString("STATUS"));
              assertEquals(60L, two.getInt64("ROW_COUNT"));
              assertEquals(45L, two.getInt64("TRAIN_ROWS"));
              assertEquals(15L, two.getInt64("HOLDOUT_ROWS"));
              assertEquals(0.0, two.getDouble("RMSE"), 1e-9);
              assertTrue(two.getDouble("BASELINE_LOSS") > 1);
              assertEquals(
                  Instant.parse("2021-02-03T04:05:06Z"),
                  two.getLogicalTypeValue("TRAINED_AT", Instant.class));
              return null;
            });
    PAssert.that(result.models())
        .satisfies(
            models -> {
              models.forEach(
                  model -> {
                    assertEquals(0.0, Objects.requireNonNull(model.metrics().get("rmse")), 1e-9);
                    assertEquals(
                        "{\"column\":\"DAY\",\"first\":\"2020-01-01\",\"last\":\""
                            + (model.key().equals("1") ? "2020-01-30" : "2020-02-14")
                            + "\"}",
                        ModelMetadata.read(model.onnx()).get(ModelMetadata.TRAINING_WINDOW));
                  });
              assertEquals(2, StreamSupport.stream(models.spliterator(), false).count());
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void whatIsWrongWithOneKeyTouchesNoOther() {
    List<Row> good = new ArrayList<>(store(1, 50));
    good.addAll(store(2, 50));
    Map<String, String> alone = digests(good, good.size(), 0);

    List<Row> rows = new ArrayList<>(good);
    rows.add(row(3L, 0, 1.0, true, "5")); // one row
    for (int day = 0; day < 20; day++) {
      rows.add(row(4L, day, day + 0.5, day % 2 == 0, "42")); // a constant label
      rows.add(row(5L, day, null, day % 3 == 0, Integer.toString(day % 3))); // nothing known
    }
    rows.add(row(null, 1, 1.0, true, "5"));
    rows.add(row(1L, 2, 1.0, true, null));
    rows.add(row(2L, 3, 1.0, true, "n/a"));
    rows.add(row(2L, 3, Double.POSITIVE_INFINITY, true, "5"));
    Map<String, String> together = digests(rows, rows.size() - 4, 4);

    assertEquals(alone.get("1"), together.get("1"));
    assertEquals(alone.get("2"), together.get("2"));
    assertEquals("TOO_FEW_ROWS", together.get("3"));
    assertEquals("TOO_FEW_ROWS", STATUSES.get("3"));
    assertEquals("TRAINED", STATUSES.get("4"));
    assertEquals("TRAINED", STATUSES.get("5"));
    assertEquals("", REASONS.get("4"));
    assertEquals(
        "feature PRICE has no value in the training rows; its coefficient is 0", REASONS.get("5"));
  }

  private static final Map<String, String> OUTCOMES = Collections.synchronizedMap(new TreeMap<>());
  private static final Map<String, String> STATUSES = Collections.synchronizedMap(new TreeMap<>());
  private static final Map<String, String> REASONS = Collections.synchronizedMap(new TreeMap<>());

  /** Trains and gives each key's model digest, or its status where there is none. */
  private static Map<String, String> digests(List<Row> rows, long used, int badRows) {
    Pipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    OUTCOMES.clear();
    STATUSES.clear();
    REASONS.clear();
    List<Row> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(rows.size()));
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    TrainPerKey.Result result =
        create(pipeline, shuffled).apply(TRAIN.gatheringRows().withBadRecordErrorHandler(handler));
    handler.close();
    PAssert.that(result.ledger()).satisfies(new Collect(used));
    PAssert.that(handler.getOutput())
        .satisfies(
            bad -> {
              List<String> reasons = new ArrayList<>();
              bad.forEach(row -> reasons.add(String.valueOf(row.getString("REASON"))));
              Collections.sort(reasons);
              List<String> expected =
                  List.of(
                      "PRICE is infinite",
                      "SALES is not a number: \"n/a\"",
                      "the key STORE is NULL",
                      "the label SALES is NULL, not a number");
              assertEquals(badRows == 0 ? List.of() : expected, reasons);
              return null;
            });
    pipeline.run().waitUntilFinish();
    return new TreeMap<>(OUTCOMES);
  }

  private static final class Collect implements SerializableFunction<Iterable<Row>, Void> {
    private static final long serialVersionUID = 1L;
    private final long used;

    Collect(long used) {
      this.used = used;
    }

    @Override
    public @Nullable Void apply(Iterable<Row> ledger) {
      long rows = 0;
      for (Row row : ledger) {
        rows += row.getInt64("ROW_COUNT");
        String key = String.valueOf(row.getString("MODEL_KEY"));
        String status = String.valueOf(row.getString("STATUS"));
        String digest = row.getString("MODEL_DIGEST");
        OUTCOMES.put(key, digest == null ? status : digest);
        STATUSES.put(key, status);
        REASONS.put(key, String.valueOf(row.getString("REASON")));
      }
      assertEquals(used, rows);
      return null;
    }
  }

  @Test
  void withoutAHandlerABadRowFailsThePipelineAndSaysHowToKeepItApart() {
    Pipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    create(pipeline, List.of(row(1L, 0, 1.0, true, "x"))).apply(TRAIN);
    Exception e = assertThrows(Exception.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(String.valueOf(e.getMessage()).contains("SALES is not a number: \"x\""));
    assertTrue(String.valueOf(e.getMessage()).contains("withBadRecordErrorHandler"));
  }

  @Test
  void withTrainerChangesTheAlgorithm() {
    Pipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    TrainPerKey.Result result =
        create(pipeline, store(6, 80))
            .apply(TRAIN.withTrainer(Xgboost.regression().withRounds(5).withMaxDepth(3)));
    PAssert.thatSingleton(result.ledger())
        .satisfies(
            row -> {
              assertTrue(String.valueOf(row.getString("TRAINER")).startsWith("xgboost"));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void withMinimumRowsAndWithMaximumRowsBoundAKey() {
    Pipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    List<Row> rows = new ArrayList<>(store(1, 9));
    rows.addAll(store(2, 10));
    rows.addAll(store(3, 31));
    TrainPerKey.Result result =
        create(pipeline, rows).apply(TRAIN.withMinimumRows(10).withMaximumRows(30));
    PAssert.that(result.ledger())
        .satisfies(
            ledger -> {
              Map<String, Row> found = byKey(ledger);
              assertEquals("TOO_FEW_ROWS", status(found, "1"));
              assertEquals("TRAINED", status(found, "2"));
              assertEquals("TOO_LARGE", status(found, "3"));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void oneModelPerKeyIsTheSameInAnyOrderOfRows() {
    List<Row> rows = new ArrayList<>(store(1, 70));
    rows.addAll(store(2, 30));
    Map<String, String> forwards = digests(rows, 100, 0);
    Collections.reverse(rows);
    assertEquals(forwards, digests(rows, 100, 0));
    assertFalse(forwards.isEmpty());
  }

  @Test
  void wrongColumnsAreRefusedWhenThePipelineIsBuilt() {
    assertRefused(
        TrainPerKey.on("SHOP").withLabel("SALES").withFeatures("PRICE"),
        "key: there is no column named \"SHOP\"; the columns are STORE, DAY, PRICE, PROMO, SALES");
    assertRefused(
        TrainPerKey.on("STORE").withLabel("DAY").withFeatures("PRICE"),
        "label: \"DAY\" holds DATE; a number, a boolean or text that is a number is needed");
    assertRefused(
        TRAIN.withFeatures("PRICE", "SALES"),
        "features: \"SALES\" is the label; a label cannot be its own feature");
    assertRefused(
        TrainPerKey.on("STORE").withFeatures("PRICE"),
        "TrainPerKey needs withLabel: the column to predict");
    assertRefused(
        TrainPerKey.on("STORE").withLabel("SALES"),
        "TrainPerKey needs withFeatures: the columns to predict from");
  }

  @Test
  void aHoldoutThatDoesNotFitItsColumnIsRefusedWhenThePipelineIsBuilt() {
    assertTrue(
        refusal(TRAIN.withHoldout(Holdout.parse("where:DAY>=abc")))
            .contains("'abc' is not a date"));
    assertTrue(refusal(TRAIN.withHoldout(Holdout.last("SALES", 0.2))).contains("is text"));
    assertTrue(
        refusal(TRAIN.withHoldout(Holdout.last("WEEK", 0.2)))
            .startsWith("holdout: there is no column named \"WEEK\""));
  }

  @Test
  void aKeyOfBytesOrNestedValuesIsRefusedWhenThePipelineIsBuilt() {
    for (FieldType type :
        List.of(
            FieldType.BYTES,
            FieldType.array(FieldType.STRING),
            FieldType.map(FieldType.STRING, FieldType.INT64),
            FieldType.row(SALES))) {
      Schema schema =
          Schema.builder()
              .addField("STORE", type)
              .addDoubleField("PRICE")
              .addBooleanField("PROMO")
              .addDoubleField("SALES")
              .build();
      PCollection<Row> rows =
          TestPipeline.create().enableAbandonedNodeEnforcement(true).apply(Create.empty(schema));
      assertEquals(
          "key: \"STORE\" holds "
              + type.getTypeName()
              + "; a key must be a number, boolean, text, date or time",
          assertThrows(IllegalArgumentException.class, () -> rows.apply(TRAIN)).getMessage());
    }
  }

  private static void assertRefused(TrainPerKey transform, String message) {
    assertEquals(message, refusal(transform));
  }

  private static String refusal(TrainPerKey transform) {
    PCollection<Row> rows =
        create(TestPipeline.create().enableAbandonedNodeEnforcement(true), store(1, 2));
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> rows.apply(transform)).getMessage());
  }

  @Test
  void wrongSettingsAreRefusedAtOnce() {
    assertEquals(
        "withMinimumRows: at least 1 row is needed, found 0",
        assertThrows(IllegalArgumentException.class, () -> TRAIN.withMinimumRows(0)).getMessage());
    assertEquals(
        "withFeatures: at least one column is needed, found none",
        assertThrows(IllegalArgumentException.class, () -> TRAIN.withFeatures()).getMessage());
    assertEquals(
        "on: a name is needed, found blank text",
        assertThrows(IllegalArgumentException.class, () -> TrainPerKey.on(" ")).getMessage());
  }

  @Test
  void aLedgerRowHasItsDocumentedColumns() {
    assertEquals(
        List.of(
            "RUN_ID",
            "SCOPE",
            "MODEL_KEY",
            "STATUS",
            "REASON",
            "ROW_COUNT",
            "TRAIN_ROWS",
            "HOLDOUT_ROWS",
            "RMSE",
            "MAE",
            "WAPE",
            "SMAPE",
            "R2",
            "PINBALL",
            "LOG_LOSS",
            "AUC",
            "ACCURACY",
            "F1",
            "LOSS_NAME",
            "LOSS",
            "BASELINE_LOSS",
            "CHAMPION_LOSS",
            "CHAMPION_VERSION",
            "SCORES",
            "PARITY_ERROR",
            "SECONDS",
            "PEAK_BYTES",
            "TRAINER",
            "FINGERPRINT",
            "MODEL_DIGEST",
            "REUSED",
            "TRAINED_AT"),
        TrainPerKey.ledgerSchema().getFieldNames());
  }
}
