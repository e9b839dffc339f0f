package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.transforms.windowing.WindowFn;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of windows of a stream, against models of the same rows in a batch. */
final class StreamTrainingTest {
  private static final Duration TEN_DAYS = Duration.standardDays(10);

  /** Windows begin at the epoch, 18,262 days before. */
  private static final Duration FROM_NEW_YEAR = Duration.standardDays(2);

  private static TrainPerKey train(String trainer) {
    return TrainPerKey.on("STORE")
        .withLabel("SALES")
        .withFeatures("PRICE", "PROMO")
        .withTrainer(Trainers.parse(trainer))
        .withKeyGroups(4);
  }

  private static Instant timeOf(Row row) {
    LocalDate day = Objects.requireNonNull(row.getLogicalTypeValue("DAY", LocalDate.class));
    return Instant.ofEpochMilli(day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli());
  }

  private static Instant day(int day) {
    return Instant.parse("2020-01-01T00:00:00Z").plus(Duration.standardDays(day));
  }

  private static List<Row> rows(int from, int to, String... stores) {
    List<Row> rows = new ArrayList<>();
    for (String store : stores) {
      Stores.rows(store, 60).stream()
          .filter(row -> !timeOf(row).isBefore(day(from)) && timeOf(row).isBefore(day(to)))
          .forEach(rows::add);
    }
    return rows;
  }

  private static TestStream.Builder<Row> add(TestStream.Builder<Row> stream, List<Row> rows) {
    TestStream.Builder<Row> grown = stream;
    for (Row row : rows) {
      grown = grown.addElements(TimestampedValue.of(row, timeOf(row)));
    }
    return grown;
  }

  private static TestStream.Builder<Row> stream() {
    return TestStream.create(RowCoder.of(Stores.SCHEMA));
  }

  private static Window<Row> into(WindowFn<Object, ?> windows) {
    return Window.<Row>into(windows)
        .withAllowedLateness(Duration.standardDays(5))
        .accumulatingFiredPanes();
  }

  /** What a batch makes of rows: the bytes of each key's model. */
  private static Map<String, byte[]> batch(String trainer, List<Row> rows) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    Map<String, byte[]> models = Collected.begin();
    pipeline
        .apply(Create.of(rows).withRowSchema(Stores.SCHEMA))
        .apply(train(trainer))
        .models()
        .apply(ParDo.of(new Collected()));
    pipeline.run().waitUntilFinish();
    return new TreeMap<>(models);
  }

  /** Keeps models by key. */
  private static final class Collected extends DoFn<CandidateModel, Void> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, byte[]> MODELS =
        new java.util.concurrent.ConcurrentHashMap<>();

    static Map<String, byte[]> begin() {
      MODELS.clear();
      return MODELS;
    }

    @ProcessElement
    public void process(@Element CandidateModel model) {
      MODELS.put(model.key(), model.onnx());
    }
  }

  /** Names a model by its key, the last day of its window and its pane. */
  private static final class Named extends DoFn<CandidateModel, KV<String, byte[]>> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(
        @Element CandidateModel model,
        BoundedWindow window,
        PaneInfo pane,
        OutputReceiver<KV<String, byte[]>> out) {
      long end =
          new Duration(day(0), window.maxTimestamp().plus(Duration.millis(1))).getStandardDays();
      out.output(KV.of(model.key() + " to " + end + " " + pane.getTiming(), model.onnx()));
    }
  }

  private static Map<String, byte[]> byName(Iterable<KV<String, byte[]>> models) {
    Map<String, byte[]> found = new TreeMap<>();
    models.forEach(model -> found.put(model.getKey(), model.getValue()));
    return found;
  }

  @Test
  void everyWindowHasItsModelsAndLateRowsMakeThemAnew() {
    String trainer = "lightgbm:rounds=5,num_leaves=4";
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    TestStream.Builder<Row> stream = add(stream(), rows(0, 9, "n1", "s2"));
    stream = stream.advanceWatermarkTo(day(10));
    stream = add(stream, rows(10, 20, "n1")).advanceWatermarkTo(day(12));
    List<Row> late = rows(9, 10, "n1", "s2");
    stream = add(stream, late);
    PCollection<KV<String, byte[]>> models =
        pipeline
            .apply(stream.advanceWatermarkToInfinity())
            .apply(into(FixedWindows.of(TEN_DAYS).withOffset(FROM_NEW_YEAR)))
            .apply(train(trainer))
            .models()
            .apply(ParDo.of(new Named()));
    Map<String, byte[]> onTime = batch(trainer, rows(0, 9, "n1", "s2"));
    Map<String, byte[]> later = batch(trainer, rows(0, 10, "n1", "s2"));
    Map<String, byte[]> second = batch(trainer, rows(10, 20, "n1"));
    PAssert.that(models)
        .satisfies(
            all -> {
              Map<String, byte[]> found = byName(all);
              assertEquals(
                  List.of(
                      "n1 to 10 LATE",
                      "n1 to 10 ON_TIME",
                      "n1 to 20 ON_TIME",
                      "s2 to 10 LATE",
                      "s2 to 10 ON_TIME"),
                  List.copyOf(found.keySet()));
              assertArrayEquals(onTime.get("n1"), found.get("n1 to 10 ON_TIME"));
              assertArrayEquals(onTime.get("s2"), found.get("s2 to 10 ON_TIME"));
              assertArrayEquals(later.get("n1"), found.get("n1 to 10 LATE"));
              assertArrayEquals(later.get("s2"), found.get("s2 to 10 LATE"));
              assertArrayEquals(second.get("n1"), found.get("n1 to 20 ON_TIME"));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  /** With no date at all some databases write the year 1. */
  @Test
  void anImpossibleTimeIsABadRecordAndARowInManyWindowsIsToldOfOnce() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    Row whole = rows(0, 1, "n1").get(0);
    Row infinite = Row.fromRow(whole).withFieldValue("SALES", Double.POSITIVE_INFINITY).build();
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    PCollection<Row> ledger =
        pipeline
            .apply(
                stream()
                    .addElements(
                        TimestampedValue.of(whole, Instant.parse("0001-01-01T00:00:00Z")),
                        TimestampedValue.of(infinite, day(1)))
                    .advanceWatermarkToInfinity())
            .apply(into(SlidingWindows.of(TEN_DAYS).every(Duration.standardDays(2))))
            .apply(train("mean").withBadRecordErrorHandler(handler))
            .ledger();
    handler.close();
    PAssert.that(ledger).empty();
    PAssert.that(Objects.requireNonNull(handler.getOutput()))
        .satisfies(
            rows -> {
              List<String> reasons = new ArrayList<>();
              rows.forEach(row -> reasons.add(String.valueOf(row.getString("REASON"))));
              assertEquals(2, reasons.size(), reasons::toString);
              assertTrue(
                  reasons.stream()
                      .anyMatch(
                          reason -> reason.contains("valid are times from 1970 to the year 9999")),
                  reasons::toString);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void eachWindowIsJudgedByWhatServesWhenItEnds(@TempDir Path folder) {
    ModelStore store = ModelStore.at(folder.toString());
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    TestStream.Builder<Row> stream = add(stream(), rows(0, 10, "n1")).advanceWatermarkTo(day(10));
    stream = add(stream, rows(10, 20, "n1")).advanceWatermarkTo(day(20));
    stream = add(stream, rows(20, 30, "n1"));
    TrainPerKey.Result trained =
        pipeline
            .apply(stream.advanceWatermarkToInfinity())
            .apply(into(FixedWindows.of(TEN_DAYS).withOffset(FROM_NEW_YEAR)))
            .apply(
                train("linear")
                    .withHoldout(Holdout.fraction(0.3))
                    .withRunId("run")
                    .withChampionsOf(store));
    trained.models().apply(PublishModels.to(store).promoteIf(Gate.always()));
    PAssert.that(trained.ledger())
        .satisfies(
            rows -> {
              Map<String, String> champions = new TreeMap<>();
              rows.forEach(
                  row ->
                      champions.put(
                          String.valueOf(row.getString("RUN_ID")),
                          String.valueOf(row.getString("CHAMPION_VERSION"))));
              assertEquals(
                  Map.of(
                      "run-20200111T000000.000Z", "null",
                      "run-20200121T000000.000Z", "20200111T000000.000Z",
                      "run-20200131T000000.000Z", "20200121T000000.000Z"),
                  champions);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "mean", "lightgbm:rounds=5,num_leaves=4"})
  void slidingWindowsHaveAModelEach(String trainer) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    PCollection<Row> ledger =
        pipeline
            .apply(add(stream(), rows(0, 20, "n1", "s2")).advanceWatermarkToInfinity())
            .apply(
                into(
                    SlidingWindows.of(TEN_DAYS)
                        .every(Duration.standardDays(5))
                        .withOffset(FROM_NEW_YEAR)))
            .apply(train(trainer))
            .ledger();
    PAssert.that(ledger)
        .satisfies(
            rows -> {
              Map<String, Long> counts = new TreeMap<>();
              rows.forEach(
                  row ->
                      counts.merge(
                          row.getString("MODEL_KEY") + " of " + row.getInt64("ROW_COUNT"),
                          1L,
                          Long::sum));
              assertEquals(
                  Map.of("n1 of 5", 2L, "n1 of 10", 3L, "s2 of 5", 2L, "s2 of 10", 3L), counts);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void windowsWithoutAnEndAreRefused() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    PCollection<Row> rows = pipeline.apply(stream().advanceWatermarkToInfinity());
    assertRefused(rows, "which has no end");
    assertRefused(
        rows.apply(
            Window.<Row>into(FixedWindows.of(TEN_DAYS).withOffset(FROM_NEW_YEAR))
                .withAllowedLateness(Duration.standardSeconds(90))
                .discardingFiredPanes()),
        "late rows, which are allowed for 90 s, would be trained on alone");
  }

  private static void assertRefused(PCollection<Row> rows, String why) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> rows.apply(train("linear")));
    assertTrue(String.valueOf(refusal.getMessage()).contains(why), refusal.getMessage());
  }
}
