package dev.sheaf.runner.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.runs.RunLedger;
import dev.sheaf.models.runs.RunStore;
import dev.sheaf.models.store.ModelStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are started again, looked at while they work, and cancelled. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class TrainAgainIT {
  private static final String URL = "jdbc:snowflake://127.0.0.1:%d/?ssl=off&account=local";

  @TempDir private Path folder = Path.of("");
  private @Nullable LocalWarehouse opened;

  private LocalWarehouse warehouse() {
    return Objects.requireNonNull(opened);
  }

  @BeforeEach
  void open() throws IOException {
    opened =
        LocalWarehouse.start(
            folder.resolve("w.duckdb"), Files.createDirectory(folder.resolve("w")));
    Files.createDirectory(folder.resolve("staging"));
  }

  @AfterEach
  void close() {
    warehouse().close();
  }

  private RunStore runs() {
    return RunStore.at(models());
  }

  private String models() {
    return folder.resolve("models").toString();
  }

  /**
   * Loads a table with sales = 10 STORE + X.
   *
   * @param negative a store whose sales are negative, which cannot be counts; 0 for none
   * @param moved a store whose first row is another one; 0 for none
   */
  private void load(String table, int stores, int rowsEach, int negative, int moved)
      throws Exception {
    List<String> lines = new ArrayList<>(List.of("STORE,X,Y,SALES"));
    for (int store = 1; store <= stores; store++) {
      for (int row = 0; row < rowsEach; row++) {
        int x = row == 0 && store == moved ? 7 : row % 10;
        int sales = (10 * store + x) * (store == negative ? -1 : 1);
        lines.add(store + "," + x + "," + row % 7 + "," + sales);
      }
    }
    Path csv = Files.writeString(folder.resolve(table + ".csv"), String.join("\n", lines) + "\n");
    warehouse().load(csv, table, new Progress(new PrintWriter(new StringWriter())));
  }

  private String[] arguments(String table, String... more) {
    return Stream.concat(
            Stream.of(
                "train",
                "--warehouseUrl=" + String.format(Locale.ROOT, URL, warehouse().port()),
                "--warehouseUser=SHEAF",
                "--warehousePassword=file:" + folder.resolve("w/password"),
                "--warehouseDatabase=SHEAF",
                "--staging=" + folder.resolve("staging") + "/",
                "--sourceTable=" + table,
                "--key=STORE",
                "--label=SALES",
                "--runId=nightly",
                "--modelStore=" + models()),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private DemoRun train(String table, String trainer) {
    DemoRun run = DemoRun.of(arguments(table, "--trainer=" + trainer));
    assertEquals(0, run.exitCode(), run.err());
    return run;
  }

  @Test
  void aSecondRunTrainsWhatFailedOrChangedAndSaysHowManyItSkipped() throws Exception {
    String counts = "xgboost:rounds=5,objective=count";
    load("FIRST", 5, 40, 4, 0);
    load("CHANGED", 5, 40, 4, 2);
    load("REPAIRED", 5, 40, 0, 2);

    DemoRun first = train("FIRST", counts);
    assertTrue(first.out().contains("Keys          5: 1 FAILED, 4 TRAINED"), first.out());
    assertTrue(first.out().contains("Failed keys, the latest first:"), first.out());
    DemoRun second = train("CHANGED", counts);
    assertTrue(second.out().contains("Run           nightly, attempt 2"), second.out());
    assertTrue(second.out().contains("This attempt  2 finished, 3 skipped"), second.out());
    DemoRun third = train("REPAIRED", counts);
    assertTrue(third.out().contains("Keys          5: 5 TRAINED"), third.out());
    assertTrue(third.out().contains("This attempt  1 finished, 4 skipped"), third.out());
    assertTrue(third.out().contains("models        5"), third.out());

    List<String> reused =
        List.of(
            "1 false", "1 true", "1 true", //
            "2 false", "2 false", "2 true", //
            "3 false", "3 true", "3 true", //
            "4 false", "4 false", "4 false", //
            "5 false", "5 true", "5 true");
    assertEquals(
        reused,
        query(
            "select MODEL_KEY || ' ' || REUSED from TRAINING_RUNS order by MODEL_KEY, TRAINED_AT"));
    assertEquals(
        List.of("1 1", "2 2", "3 1", "4 1", "5 1"),
        query(
            "select MODEL_KEY || ' ' || count(distinct MODEL_DIGEST) from TRAINING_RUNS group by"
                + " MODEL_KEY order by MODEL_KEY"));
    ModelStore store = ModelStore.at(models());
    assertEquals(5, store.champion().resolve().keys().size());
  }

  @Test
  void aRunIsSeenWhileItWorksAndOneThatIsCancelledKeepsWhatItFinished() throws Exception {
    load("SALES", 24, 200, 0, 0);
    String slow = "mlp:epochs=2000,patience=0,hidden=32";
    Process child = started(arguments("SALES", "--trainer=" + slow));
    String shown = shownWhileItWorks(child);
    assertTrue(shown.contains("State         not ended, last key finished "), shown);
    assertTrue(shown.contains("Keys          "), shown);
    assertFalse(shown.contains("Keys          24:"), shown);
    child.destroy();
    assertTrue(child.waitFor(1, TimeUnit.MINUTES));

    RunLedger cancelled = runs().find("nightly").orElseThrow().ledger();
    int kept = cancelled.size();
    assertTrue(kept >= 2 && kept < 24, kept + " keys");
    assertEquals(null, cancelled.progress().end());
    assertTrue(ModelStore.at(models()).alias(ModelStore.CHAMPION).isEmpty());

    DemoRun again = train("SALES", slow);
    assertTrue(
        again.out().contains("This attempt  " + (24 - kept) + " finished, " + kept + " skipped"),
        again.out());
    assertTrue(again.out().contains("Keys          24: 24 TRAINED"), again.out());
    assertTrue(again.out().contains("State         ended after "), again.out());
    assertEquals(24, ModelStore.at(models()).champion().resolve().keys().size());
  }

  private Process started(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("child.log").toFile())
        .start();
  }

  /** What {@code sheaf runs show} says as soon as two keys are finished. */
  private String shownWhileItWorks(Process child) throws Exception {
    while (true) {
      boolean ended = child.waitFor(200, TimeUnit.MILLISECONDS);
      assertFalse(ended, () -> "the run ended before it was seen: " + log());
      int keys = runs().find("nightly").map(run -> run.ledger().size()).orElse(0);
      if (keys >= 2) {
        DemoRun show = DemoRun.of("runs", "show", "nightly", "--model-store", models());
        assertEquals(0, show.exitCode(), show.err());
        return show.out();
      }
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("child.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private List<String> query(String sql) throws SQLException, IOException {
    Properties properties = new Properties();
    properties.put("user", "SHEAF");
    properties.put("password", Files.readString(folder.resolve("w/password")));
    properties.put("db", "SHEAF");
    properties.put("schema", "PUBLIC");
    List<String> values = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                String.format(Locale.ROOT, URL, warehouse().port()), properties);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }
}
