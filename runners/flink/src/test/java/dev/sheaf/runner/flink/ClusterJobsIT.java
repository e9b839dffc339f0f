package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.flink.TaskManagerMemory;
import dev.sheaf.sandbox.snowflake.CsvLoader;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trains and scores on a cluster of separate JVMs, submitted as a user would, and on the direct
 * runner: both give the same models and the same predictions.
 */
final class ClusterJobsIT {
  private static final String USER = "SHEAF";
  private static final String PASSWORD = "secret-of-the-test";
  private static final double LINEAR_TOLERANCE = 1e-9;

  private static Path folder;

  private static SnowflakeServer warehouse;
  private static FlinkCluster cluster;
  private static Commands commands;

  @BeforeAll
  static void start(@TempDir Path given) throws IOException {
    folder = given;
    Files.writeString(folder.resolve("password"), PASSWORD);
    warehouse =
        SnowflakeServer.at(folder.resolve("warehouse.duckdb"))
            .withDatabase("SHEAF")
            .withUser(USER, PASSWORD)
            .start();
    cluster =
        FlinkCluster.in(folder.resolve("flink"))
            .withTaskManagers(2)
            .withMemory(TaskManagerMemory.small().withHeap(1024).withMetaspace(384))
            .start();
    commands = new Commands(Files.createDirectories(folder.resolve("commands")));
  }

  @AfterAll
  static void stop() {
    cluster.close();
    warehouse.close();
  }

  /** Sales of 40 stores, of which each store has its own price and promotion effects. */
  private static Path sales() throws IOException {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder("STORE_ID,DAY,PRICE,PROMO,SALES\n");
    for (int store = 1; store <= 40; store++) {
      for (int day = 0; day < 150; day++) {
        double price = random.nextInt(500) / 8.0;
        int promo = random.nextInt(2);
        double sales = 50 * store - store % 7 * price + 30 * promo + random.nextGaussian();
        text.append(store).append(',');
        text.append(java.time.LocalDate.of(2026, 1, 1).plusDays(day)).append(',');
        text.append(price).append(',').append(promo).append(',').append(sales).append('\n');
      }
    }
    return Files.writeString(folder.resolve("sales.csv"), text.toString());
  }

  @Test
  void treesTrainedOnTheClusterAreThoseOfTheDirectRunner() throws Exception {
    load(sales(), "SALES");
    Job job =
        new Job(
            "SALES",
            "STORE_ID",
            "SALES",
            "PRICE,PROMO,DAY:month+day_of_week",
            "lightgbm:rounds=10");
    commands.direct(train(job, "direct"));
    String said = commands.submit(cluster.restAddress(), train(job, "flink"));
    assertTrue(said.contains("40"), said);
    assertEquals(digests("direct"), digests("flink"));

    commands.direct(score(job, "direct", "SCORED_DIRECT"));
    commands.submit(cluster.restAddress(), score(job, "direct", "SCORED_FLINK"));
    assertSamePredictions(6000, "SCORED_DIRECT", "SCORED_FLINK");
  }

  @Test
  void flinksOwnCommandLineRunsTheJar() throws Exception {
    load(sales(), "FEW_SALES");
    Job job = new Job("FEW_SALES", "STORE_ID", "SALES", "PRICE,PROMO", "linear");
    commands.direct(train(job, "direct-linear"));
    commands.flinkRun(cluster, train(job, "flink-linear"));
    commands.direct(score(job, "direct-linear", "LINEAR_DIRECT"));
    commands.flinkRun(cluster, score(job, "flink-linear", "LINEAR_FLINK"));
    assertEquals(0, count(differences("LINEAR_DIRECT", "LINEAR_FLINK", LINEAR_TOLERANCE)));
    assertEquals(6000, count("select count(*) from LINEAR_FLINK where FALLBACK_LEVEL = 'KEY'"));
  }

  @Test
  @Tag("real-data")
  @EnabledIfEnvironmentVariable(
      named = "SHEAF_DATA",
      matches = ".+",
      disabledReason = "set SHEAF_DATA to the folder with the real data")
  void aThousandStoresOnTheCluster() throws Exception {
    Path data = Path.of(System.getenv("SHEAF_DATA"), "sales", "rossmann_open_days.csv.gz");
    load(data, "ROSSMANN");
    Job job =
        new Job(
            "ROSSMANN", "Store", "Sales", "Promo,DayOfWeek,SchoolHoliday", "lightgbm:rounds=20");
    commands.direct(withoutChecks(train(job, "rossmann-direct")));
    commands.submit(cluster.restAddress(), train(job, "rossmann-flink"));
    Map<String, String> models = digests("rossmann-flink");
    assertEquals(1115, models.size());
    assertEquals(digests("rossmann-direct"), models);
    commands.direct(withoutChecks(score(job, "rossmann-direct", "ROSSMANN_DIRECT")));
    commands.submit(cluster.restAddress(), score(job, "rossmann-flink", "ROSSMANN_FLINK"));
    assertSamePredictions(844_338, "ROSSMANN_DIRECT", "ROSSMANN_FLINK");
  }

  /** What is trained from what. */
  private record Job(String table, String key, String label, String features, String trainer) {}

  private static List<String> train(Job job, String store) {
    List<String> arguments = common("train", store);
    arguments.addAll(
        List.of(
            "--sourceTable=" + job.table(),
            "--key=" + job.key(),
            "--label=" + job.label(),
            "--features=" + job.features(),
            "--trainer=" + job.trainer(),
            "--promote=ALWAYS",
            "--modelVersion=20260101T000000.000Z"));
    return arguments;
  }

  private static List<String> score(Job job, String store, String target) {
    List<String> arguments = common("score", store);
    arguments.addAll(
        List.of("--sourceTable=" + job.table(), "--key=" + job.key(), "--targetTable=" + target));
    return arguments;
  }

  /** The direct runner's checks copy every row at every step. */
  private static List<String> withoutChecks(List<String> arguments) {
    arguments.addAll(List.of("--enforceImmutability=false", "--enforceEncodability=false"));
    return arguments;
  }

  private static List<String> common(String command, String store) {
    return new ArrayList<>(
        List.of(
            command,
            "--warehouseUrl=" + warehouse.jdbcUrl(),
            "--warehouseUser=" + USER,
            "--warehousePassword=file:" + folder.resolve("password"),
            "--warehouseDatabase=SHEAF",
            "--staging=" + folder.resolve("staging") + "/",
            "--modelStore=" + folder.resolve("stores").resolve(store)));
  }

  private static void load(Path file, String table) throws Exception {
    CsvLoader.into(warehouse).load(file, table);
  }

  /** The digest of each key's model. */
  private static Map<String, String> digests(String store) {
    ModelStore at = ModelStore.at(folder.resolve("stores").resolve(store).toString());
    ModelVersion version = at.version(at.versions().get(0));
    Map<String, String> digests = new TreeMap<>();
    for (IndexEntry entry : version.index().values()) {
      digests.put(entry.key(), entry.digest());
    }
    return digests;
  }

  private static void assertSamePredictions(long rows, String one, String other)
      throws SQLException {
    assertEquals(rows, count("select count(*) from " + one));
    assertEquals(rows, count("select count(*) from " + other));
    String columns = "* exclude (SCORED_AT)";
    assertEquals(
        0,
        count(
            "select count(*) from ((select %s from %s except select %s from %s) union all (select %s from %s except select %s from %s)) d"
                .formatted(columns, one, columns, other, columns, other, columns, one)));
  }

  private static String differences(String one, String other, double relative) {
    return "select count(*) from %s a join %s b using (STORE_ID, DAY) where abs(a.PREDICTION - b.PREDICTION) > %s * (1 + abs(a.PREDICTION))"
        .formatted(one, other, relative);
  }

  private static long count(String query) throws SQLException {
    Properties login = new Properties();
    login.put("user", USER);
    login.put("password", PASSWORD);
    login.put("db", "SHEAF");
    login.put("schema", "PUBLIC");
    try (Connection connection = DriverManager.getConnection(warehouse.jdbcUrl(), login);
        Statement statement = connection.createStatement();
        ResultSet rows = Objects.requireNonNull(statement.executeQuery(query))) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
