package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.runs.RunStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same rows give the same models, and a run that is repeated does only what is needed. */
final class TrainPerKeyRepeatTest {
  /** The ledger rows of the runs of this class, by run and key. */
  private static final Map<String, Map<String, Row>> LEDGERS = new ConcurrentHashMap<>();

  private static final TrainPerKey TRAIN =
      TrainPerKey.on("STORE")
          .withLabel("SALES")
          .withFeatures("PRICE", "PROMO", "SKY", "DAY")
          .withHoldout(Holdout.last("DAY", 0.2));

  private static List<Row> stores(int seed) {
    List<Row> rows = new ArrayList<>();
    for (int store = 0; store < 6; store++) {
      rows.addAll(Stores.rows((char) ('A' + store % 2) + "-" + store, 60 + 20 * store));
    }
    Collections.shuffle(rows, new Random(seed));
    return rows;
  }

  private static Map<String, Row> run(
      String name, TrainPerKey train, List<Row> rows, int parallelism) {
    PipelineOptions options = PipelineOptionsFactory.create();
    options.as(DirectOptions.class).setTargetParallelism(parallelism);
    TestPipeline pipeline = TestPipeline.fromOptions(options).enableAbandonedNodeEnforcement(true);
    LEDGERS.put(name, new ConcurrentSkipListMap<>());
    pipeline
        .apply(Create.of(rows).withRowSchema(Stores.SCHEMA))
        .apply(train.withRunId(name))
        .ledger()
        .apply(
            MapElements.into(TypeDescriptors.strings())
                .via(row -> String.valueOf(keep(name, row))));
    pipeline.run().waitUntilFinish();
    return Objects.requireNonNull(LEDGERS.get(name));
  }

  private static boolean keep(String name, Row row) {
    Objects.requireNonNull(LEDGERS.get(name))
        .put(row.getString("SCOPE") + " " + row.getString("MODEL_KEY"), row);
    return true;
  }

  private static Map<String, String> digests(Map<String, Row> ledger) {
    Map<String, String> digests = new TreeMap<>();
    ledger.forEach((key, row) -> digests.put(key, String.valueOf(row.getString("MODEL_DIGEST"))));
    return digests;
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "xgboost:rounds=8", "lightgbm:rounds=8", "mlp:epochs=3"})
  void anyOrderAndParallelismGivesTheSameBytes(String trainer) {
    TrainPerKey train =
        TRAIN.withTrainer(Trainers.parse(trainer)).withGroupModels("STATE").withGlobalModel();
    Map<String, Row> one = run(trainer + " 1", train, stores(1), 1);
    Map<String, Row> four = run(trainer + " 4", train.withKeyGroups(3), stores(2), 4);
    assertEquals(9, one.size());
    one.forEach((key, row) -> assertEquals("TRAINED", row.getString("STATUS"), key + ": " + row));
    assertEquals(digests(one), digests(four));
    assertTrue(one.containsKey("GROUP @group:STATE=A"), one.keySet().toString());
    assertEquals(660L, Objects.requireNonNull(one.get("GLOBAL @global")).getInt64("ROW_COUNT"));
  }

  @Test
  void modelsFromSumsEqualThoseFromRows() {
    TrainPerKey train = TRAIN.withHoldout(Holdout.fraction(0.2)).withWeight("WEIGHT");
    Map<String, Row> sums = run("sums", train, stores(1), 1);
    Map<String, Row> otherSums = run("other sums", train.withKeyGroups(2), stores(2), 4);
    Map<String, Row> rows = run("rows", train.gatheringRows(), stores(3), 2);
    assertEquals(6, rows.size());
    for (String key : rows.keySet()) {
      Row expected = Objects.requireNonNull(rows.get(key));
      for (Row found :
          List.of(
              Objects.requireNonNull(sums.get(key)), Objects.requireNonNull(otherSums.get(key)))) {
        for (String metric : List.of("RMSE", "MAE", "WAPE", "R2", "BASELINE_LOSS")) {
          double value = Objects.requireNonNull(expected.getDouble(metric));
          assertEquals(
              value,
              Objects.requireNonNull(found.getDouble(metric)),
              1e-9 * Math.abs(value),
              key + " " + metric);
        }
        assertEquals(expected.getInt64("TRAIN_ROWS"), found.getInt64("TRAIN_ROWS"));
      }
      assertEquals(
          Objects.requireNonNull(sums.get(key)).getString("FINGERPRINT"),
          Objects.requireNonNull(otherSums.get(key)).getString("FINGERPRINT"));
    }
  }

  @Test
  void aSampleIsTheSameWhateverTheOrder() {
    TrainPerKey train =
        TRAIN.withTrainer(Trainers.parse("xgboost:rounds=4")).withSample(50, 7).withGlobalModel();
    Map<String, Row> one = run("sample 1", train, stores(1), 1);
    Map<String, Row> four = run("sample 4", train, stores(2), 4);
    assertEquals(digests(one), digests(four));
    Row global = Objects.requireNonNull(one.get("GLOBAL @global"));
    assertEquals(660L, global.getInt64("ROW_COUNT"));
    assertEquals("trained on a sample of 50 of 660 rows", global.getString("REASON"));
    assertNotEquals(digests(one), digests(run("sample 8", train.withSample(50, 8), stores(1), 1)));
  }

  @Test
  void aRunOfWindowsIsRefusedWhereOutcomesAreKeptByKey(@TempDir Path folder) {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    PCollection<Row> windows =
        pipeline
            .apply(Create.of(stores(1)).withRowSchema(Stores.SCHEMA))
            .apply(Window.into(FixedWindows.of(Duration.standardDays(1))));
    TrainPerKey kept = TRAIN.withRunId("run").recordedIn(RunStore.at(folder.toString()));
    assertEquals(
        "recordedIn: a run keeps one outcome per key, so the input must be in the global window,"
            + " found FixedWindows; leave out recordedIn, or apply Window.into(new"
            + " GlobalWindows())",
        assertThrows(IllegalArgumentException.class, () -> windows.apply(kept)).getMessage());
    windows.apply("WithoutRun", TRAIN);
  }

  @Test
  void aRepeatedRunTrainsOnlyWhatChangedOrFailed(@TempDir Path folder) {
    RunStore runs = RunStore.at(folder.toString());
    TrainPerKey train =
        TRAIN
            .withTrainer(new MisbehavingTrainer())
            .withFeatures("PRICE")
            .withHoldout(Holdout.none())
            .recordedIn(runs);
    List<Row> rows = new ArrayList<>();
    for (int count : new int[] {40, 50, 60, MisbehavingTrainer.FAILS}) {
      rows.addAll(Stores.rows("rows-" + count, count));
    }
    Map<String, Row> first = Map.copyOf(run("again", train, rows, 2));
    assertEquals(4, runs.find("again").orElseThrow().ledger().size());
    rows.removeIf(row -> "rows-60".equals(row.getString("STORE")));
    rows.addAll(Stores.rows("rows-60", 61));
    Map<String, Row> second = run("again", train, rows, 1);
    for (String reused : List.of("KEY rows-40", "KEY rows-50")) {
      Row row = Objects.requireNonNull(second.get(reused));
      assertEquals(true, row.getBoolean("REUSED"), row.toString());
      assertEquals(digests(first).get(reused), row.getString("MODEL_DIGEST"));
    }
    for (String trained : List.of("KEY rows-60", "KEY rows-32")) {
      assertEquals(false, Objects.requireNonNull(second.get(trained)).getBoolean("REUSED"));
    }
    assertEquals(2, runs.find("again").orElseThrow().ledger().progress().skipped());
  }
}
