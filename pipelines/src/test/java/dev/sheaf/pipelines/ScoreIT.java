package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.pipelines.report.ScoreText;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scoring pipeline from table to table, against the sandbox. */
final class ScoreIT {
  private static final VersionId VERSION = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir private Path folder = Path.of("");

  @Test
  void classifiersAndFallbackGroupsAreFoundOut() throws Exception {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    publish(
        store,
        classifier(ModelScope.key("1"), "it's", "\u00fcber"),
        classifier(ModelScope.group("STATE", "CA"), "a", "b"),
        classifier(ModelScope.global(), "c", "d"));
    try (SnowflakeServer server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start()) {
      ScoreOptions options = options(server, store);
      SnowflakeConnection connection = Warehouse.connection(options);
      execute(
          connection,
          "create table EVENTS (ID number(9,0), STORE number(38,0), STATE varchar, P float)",
          "insert into EVENTS values (1, 1, 'CA', 0.25), (2, 2, 'CA', 0.75), (3, 2, 'TX', 0.25),"
              + " (4, 3, null, 0.5)");
      PipelineResult result = Score.pipeline(options).run();
      result.waitUntilFinish();
      List<String> report = ScoreText.of(result.metrics()).lines().toList();
      assertEquals("Rows          4 scored, 0 without a model, 0 refused", report.get(0));
      assertTrue(
          report
              .get(1)
              .matches("Model calls   \\d calls: p50 .* ms, p90 .* ms, p99 .* ms, max .* ms"));
      assertEquals(
          List.of(
              List.of("1", "\u00fcber", "0.75", "{\"it's\":0.25,\"\u00fcber\":0.75}", "1", "KEY"),
              List.of("2", "a", "0.75", "{\"a\":0.75,\"b\":0.25}", "@group:STATE=CA", "GROUP"),
              List.of("3", "d", "0.75", "{\"c\":0.25,\"d\":0.75}", "@global", "GLOBAL"),
              List.of("4", "c", "0.5", "{\"c\":0.5,\"d\":0.5}", "@global", "GLOBAL")),
          query(
              connection,
              "select EVENT_ID, PREDICTION, PROBABILITY, PROBABILITIES, MODEL_KEY, FALLBACK_LEVEL from"
                  + " PREDICTIONS order by ID"));
    }
  }

  private ScoreOptions options(SnowflakeServer server, ModelStore store) throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "pw");
    return PipelineOptionsFactory.fromArgs(
            "--warehouseUrl=" + server.jdbcUrl(),
            "--warehouseUser=sheaf",
            "--warehousePassword=file:" + password,
            "--warehouseDatabase=SANDBOX",
            "--warehouseSchema=PUBLIC",
            "--staging=" + Files.createDirectory(folder.resolve("staging")) + "/",
            "--sourceTable=EVENTS",
            "--key=STORE",
            "--fallback=state",
            "--eventId=id",
            "--modelStore=" + store.location())
        .withValidation()
        .as(ScoreOptions.class);
  }

  private static void publish(ModelStore store, CandidateModel... models) {
    store
        .write(VERSION)
        .commit(
            List.of(store.write(VERSION).writeShard(0, 1, Arrays.asList(models))),
            List.of(),
            Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(VERSION));
  }

  /** A model whose probabilities are P and 1 - P. */
  private static CandidateModel classifier(ModelScope scope, String first, String second) {
    OnnxGraph graph =
        OnnxGraph.of(
            new ModelMetadata(
                scope.storeKey(),
                "LABEL",
                List.of(new Feature("P", FeatureType.FLOAT)),
                List.of(first, second),
                "hand",
                Map.of(),
                1,
                "none"));
    String rest =
        graph.node(
            "Sub", List.of(graph.constant("one", new double[] {1}, 1), "P"), graph.name("rest"));
    graph.classify(
        graph.node("Concat", List.of("P", rest), graph.name("both"), Attributes.of("axis", 1)));
    return CandidateModel.of(scope.storeKey(), graph.toBytes(), 20, Map.of());
  }

  private static void execute(SnowflakeConnection connection, String... statements)
      throws Exception {
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static List<List<@Nullable String>> query(SnowflakeConnection connection, String sql)
      throws Exception {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Connection opened = connection.open();
        Statement statement = opened.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(result.getString(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
