package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.RunEnd;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.beam.sdk.PipelineResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The training pipeline from table to table, against the sandbox. */
final class TrainIT {
  @TempDir private Path folder = Path.of("");
  private @Nullable Sandbox opened;

  private Sandbox sandbox() {
    return Objects.requireNonNull(opened);
  }

  /**
   * Stores 1 to 3 with 70 days each, store 4 with one, and of each store a row of weight 0 whose
   * sales are wrong. SALES = 100 STORE + 3 PRICE + 5 if PROMO + 7 on Sundays.
   */
  @BeforeEach
  void open() throws Exception {
    opened = new Sandbox(folder);
    sandbox()
        .execute(
            "create table SALES (STORE number(9,0), STATE varchar, DAY date, PROMO boolean, PRICE"
                + " float, W float, SALES float, MOOD varchar)",
            "insert into SALES values " + String.join(", ", rows()));
  }

  private static List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int store = 1; store <= 4; store++) {
      for (int day = 0; day < (store == 4 ? 1 : 70); day++) {
        boolean promo = day % 3 == 0;
        double price = 1 + day * 37 % 11;
        double sales = 100 * store + 3 * price + (promo ? 5 : 0) + (day % 7 == 6 ? 7 : 0);
        rows.add(row(store, day, promo, price, 1, sales));
      }
      rows.add(row(store, 3, false, 2, 0, 1e6));
    }
    return rows;
  }

  private static String row(
      int store, int day, boolean promo, double price, double weight, double sales) {
    return String.format(
        Locale.ROOT,
        "(%d, '%s', '%s', %s, %s, %s, %s, '%s')",
        store,
        store == 2 ? "TX" : "CA",
        LocalDate.of(2024, 1, 1).plusDays(day),
        promo,
        price,
        weight,
        sales,
        promo ? "good" : "bad");
  }

  @AfterEach
  void close() {
    sandbox().close();
  }

  private TrainOptions options(String... more) {
    String[] all =
        Stream.concat(
                Stream.of("--sourceTable=SALES", "--key=store", "--label=sales"),
                Arrays.stream(more))
            .toArray(String[]::new);
    return sandbox().options(TrainOptions.class, all);
  }

  private void train(TrainOptions options) {
    assertEquals(PipelineResult.State.DONE, Train.pipeline(options).run().waitUntilFinish());
  }

  private List<List<String>> query(String sql) throws SQLException {
    return sandbox().query(sql).stream()
        .map(row -> row.stream().map(String::valueOf).toList())
        .toList();
  }

  private static int count(List<List<String>> rows) {
    return Integer.parseInt(rows.get(0).get(0));
  }

  @Test
  void everyColumnPlaysItsPartAndFallbackModelsScoreTheRest() throws Exception {
    TrainOptions options =
        options(
            "--features=promo,PRICE,DAY:day_of_week",
            "--weight=w",
            "--groupModels=state",
            "--globalModel",
            "--trainer=linear|linear:ridge=0.1",
            "--heldOutTable=HELD_OUT",
            "--runId=first",
            "--badRecordsTable=BAD");
    train(options);
    assertEquals(List.of("promo", "PRICE", "DAY:day_of_week"), options.getFeatures());
    assertEquals(
        List.of(
            List.of("GLOBAL", "@global", "TRAINED", "rmse", "FALSE", "TRUE"),
            List.of("GROUP", "@group:STATE=CA", "TRAINED", "rmse", "FALSE", "TRUE"),
            List.of("GROUP", "@group:STATE=TX", "TRAINED", "rmse", "TRUE", "TRUE"),
            List.of("KEY", "1", "TRAINED", "rmse", "TRUE", "TRUE"),
            List.of("KEY", "2", "TRAINED", "rmse", "TRUE", "TRUE"),
            List.of("KEY", "3", "TRAINED", "rmse", "TRUE", "TRUE"),
            List.of("KEY", "4", "TOO_FEW_ROWS", "rmse", "null", "null")),
        query(
            "select SCOPE, MODEL_KEY, STATUS, LOSS_NAME, LOSS < 1e-6, BASELINE_LOSS > 5 from"
                + " TRAINING_RUNS where RUN_ID = 'first' order by SCOPE, MODEL_KEY"));
    assertEquals(
        query("select sum(HOLDOUT_ROWS) from TRAINING_RUNS where MODEL_DIGEST is not null"),
        query("select count(*) from HELD_OUT where FEATURE_DAY is not null"));

    ModelStore store = ModelStore.at(sandbox().modelStore());
    VersionId version = VersionId.ofText(Objects.requireNonNull(options.getModelVersion()));
    assertEquals("regression", store.version(version).manifest().properties().get("sheaf.task"));
    RunEnd end =
        RunStore.at(sandbox().modelStore()).find("first").orElseThrow().end().orElseThrow();
    assertEquals(version.text(), end.properties().get("version"));
    assertEquals("6", end.properties().get("models"));

    ScoreOptions score =
        sandbox()
            .options(ScoreOptions.class, "--sourceTable=SALES", "--key=STORE", "--fallback=STATE");
    Score.pipeline(score).run().waitUntilFinish();
    assertEquals(
        List.of(
            List.of("1", "KEY", "70"),
            List.of("2", "KEY", "70"),
            List.of("3", "KEY", "70"),
            List.of("4", "GROUP", "0")),
        query(
            "select STORE, FALLBACK_LEVEL, sum(case when abs(PREDICTION - SALES) < 1e-6 then 1 else 0 end) from"
                + " PREDICTIONS group by 1, 2 order by 1"));
  }

  @Test
  void classesAreJudgedByTheirLogLossAndScoredAsClasses() throws Exception {
    TrainOptions options =
        sandbox()
            .options(
                TrainOptions.class,
                "--sourceQuery=select * exclude (W) from SALES where W > 0",
                "--key=STORE",
                "--label=MOOD",
                "--trainer=logistic");
    train(options);
    assertEquals(List.of("PROMO", "PRICE", "SALES"), options.getFeatures());
    assertEquals(
        List.of(
            List.of("1", "TRAINED", "log_loss", "TRUE", "1.0"),
            List.of("2", "TRAINED", "log_loss", "TRUE", "1.0"),
            List.of("3", "TRAINED", "log_loss", "TRUE", "1.0")),
        query(
            "select MODEL_KEY, STATUS || REASON, LOSS_NAME, LOSS < BASELINE_LOSS, ACCURACY from"
                + " TRAINING_RUNS where MODEL_KEY <> '4' order by MODEL_KEY"));
    Score.pipeline(sandbox().options(ScoreOptions.class, "--sourceTable=SALES", "--key=STORE"))
        .run()
        .waitUntilFinish();
    assertEquals(210, count(query("select count(*) from PREDICTIONS where PREDICTION = MOOD")));
  }

  @Test
  void curvesAndImportanceAreWrittenWhereTheyAreWanted() throws Exception {
    train(
        options(
            "--trainer=xgboost:rounds=7,early_stopping=3",
            "--weight=W",
            "--curvesTable=CURVES",
            "--importanceTable=IMPORTANCE"));
    assertEquals(
        List.of(List.of("1", "2", "7"), List.of("2", "2", "7"), List.of("3", "2", "7")),
        query(
            "select MODEL_KEY, count(distinct DATASET), count(distinct ITERATION) from CURVES"
                + " where MODEL_KEY <> '4' group by 1 order by 1"));
    assertTrue(count(query("select count(distinct FEATURE) from IMPORTANCE")) >= 2);
    assertEquals(
        0,
        count(
            query("select count(*) from information_schema.tables where table_name = 'HELD_OUT'")));
  }

  /** Each option by what it does to the ledger's row of store 2, which has 71 rows. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --maximumRows=70 | TOO_LARGE | 71
          --maximumRows=71 | TRAINED | 71
          --sampleRows=40 | TRAINED | 40
          --maximumBytes=2000 | TOO_LARGE | 71
          --minimumRows=72 | TOO_FEW_ROWS | 71
          --gatherRows | TRAINED | 71
          --keyGroups=1 | TRAINED | 71
          """)
  void limitsAreKept(String option, String status, String told) throws Exception {
    train(options("--holdout=none", "--trainer=xgboost:rounds=2", option));
    List<String> row =
        query(
                "select STATUS, ROW_COUNT || ' ' || TRAIN_ROWS || ' ' || REASON from TRAINING_RUNS"
                    + " where MODEL_KEY = '2'")
            .get(0);
    assertEquals(status, row.get(0), row.get(1));
    assertTrue(row.get(1).contains(told), row.get(1));
  }

  @Test
  void aKeyThatIsNotDoneInTimeFails() throws Exception {
    train(options("--holdout=none", "--trainer=mlp:epochs=1000000", "--timeLimit=PT0.1S"));
    assertEquals(
        "not done after the time limit of 0.1 s",
        query("select REASON from TRAINING_RUNS where MODEL_KEY = '2'").get(0).get(0));
  }

  @Test
  void theSeedChoosesTheSample() throws Exception {
    for (String seed : List.of("1", "2", "1")) {
      train(options("--holdout=none", "--sampleRows=40", "--sampleSeed=" + seed, "--gatherRows"));
    }
    List<List<String>> digests =
        query("select MODEL_DIGEST from TRAINING_RUNS where MODEL_KEY = '2' order by TRAINED_AT");
    assertEquals(digests.get(0), digests.get(2));
    assertNotEquals(digests.get(0), digests.get(1));
  }

  @Test
  void theGateGoesByTheBaselineAndByWhatServesOnTheSameRows() throws Exception {
    String[] common = {
      "--features=PRICE,PROMO,DAY", "--holdout=last:DAY:0.2", "--weight=W", "--beatBaseline"
    };
    String seasonal = "seasonal:column=DAY,period=7";
    train(options(with(common, "--trainer=" + seasonal, "--baseline=mean")));
    assertEquals(List.of(), servedOfThree());

    TrainOptions mean = options(with(common, "--trainer=mean", "--baseline=" + seasonal));
    train(mean);
    assertEquals(List.of("1", "2", "3"), servedOfThree());

    TrainOptions linear = options(with(common, "--trainer=linear"));
    train(linear);
    assertEquals(
        List.of(List.of(String.valueOf(mean.getModelVersion()), "TRUE", "TRUE")),
        query(
            "select distinct CHAMPION_VERSION, LOSS < CHAMPION_LOSS, LOSS < BASELINE_LOSS from"
                + " TRAINING_RUNS where RUN_ID = '"
                + linear.getRunId()
                + "' and MODEL_KEY in ('1', '2', '3')"));
    ModelStore store = ModelStore.at(sandbox().modelStore());
    assertEquals(
        String.valueOf(linear.getModelVersion()),
        store.champion().resolve().find("2").orElseThrow().version().text());
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  private List<String> servedOfThree() {
    ModelStore store = ModelStore.at(sandbox().modelStore());
    return store.alias(ModelStore.CHAMPION).isEmpty()
        ? List.of()
        : store.champion().resolve().keys().stream()
            .filter(List.of("1", "2", "3")::contains)
            .sorted()
            .toList();
  }

  @Test
  void whatDoesNotFitTheTableIsToldByItsOption() {
    assertTrue(
        told("--baseline=seasonal:column=DAY,period=7")
            .startsWith("--baseline: cannot go by column 'DAY'"));
    assertEquals(
        "--weight: there is no column named \"X\"; the columns are STORE, STATE, DAY, PROMO,"
            + " PRICE, W, SALES, MOOD",
        told("--weight=X"));
    assertEquals(
        "--weight: \"STATE\" holds text that is no number, such as \"TX\"", told("--weight=STATE"));
    assertTrue(told("--weight=DAY").startsWith("--weight: \"DAY\" holds DATE; a number"));
    assertTrue(told("--groupModels=X").startsWith("--groupModels: there is no column"));
    assertEquals(
        "--groupModels: \"STATE\" is given twice; valid are other columns, each once",
        told("--groupModels=STATE,state"));
    assertEquals(
        "--groupModels: \"STORE\" is the key or the label; valid are other columns, each once",
        told("--groupModels=STORE"));
    assertEquals(
        "--features: \"PRICE\" is given twice; valid are other columns, each once",
        told("--features=PRICE,price:number"));
    assertEquals(
        "--features: \"SALES\" is the label; valid are other columns, each once",
        told("--features=SALES"));
    assertEquals(
        "--features: \"MOOD\" holds text that is no number, such as \"good\"",
        told("--features=MOOD:number"));
    assertEquals(
        "--features: \"MOOD\" holds text that is no date, such as \"good\"",
        told("--features=MOOD:year"));
    assertEquals(
        "--features: \"MOOD\" holds text that is no date and time, such as \"good\"",
        told("--features=MOOD:hour"));
    assertTrue(told("--features=MOOD:colour").startsWith("--features: cannot read \"colour\""));
    assertEquals(List.of(), RunStore.at(sandbox().modelStore()).runs());
  }

  private String told(String... more) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Train.pipeline(options(more)))
            .getMessage());
  }
}
