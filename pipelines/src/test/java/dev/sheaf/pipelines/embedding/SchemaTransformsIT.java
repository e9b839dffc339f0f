package dev.sheaf.pipelines.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.pipelines.OptionException;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema transforms as a client finds and sets them, from table to table. */
final class SchemaTransformsIT {
  private static final String PREFIX = "beam:schematransform:dev.sheaf:";
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("STORE").addNullableField("PRICE", FieldType.STRING).build();

  private final SnowflakeServer server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void fillWarehouse() throws Exception {
    Files.writeString(folder.resolve("password"), "pw");
    Files.createDirectories(folder.resolve("staging"));
    execute(
        "create table SANDBOX.PUBLIC.SALES (STORE number(9,0), SOLD date, PRICE float, SALES float,"
            + " SEEN timestamp_tz(9))",
        "insert into SANDBOX.PUBLIC.SALES select 1 + i % 2, '2026-01-02'::date, i, 10 * (1 + i % 2)"
            + " + 2 * i, '2026-01-02 03:04:05.123456789 +0100'::timestamp_tz from range(40) t(i)");
  }

  @AfterEach
  void stopWarehouse() {
    server.close();
  }

  private void execute(String... statements) throws SQLException {
    try (Connection opened = DriverManager.getConnection(server.jdbcUrl(), "sheaf", "pw");
        Statement statement = opened.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private List<List<@Nullable String>> query(String sql) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Connection opened = DriverManager.getConnection(server.jdbcUrl(), "sheaf", "pw");
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

  private static PCollectionRowTuple apply(
      PCollectionRowTuple input, String name, Map<String, Object> values) {
    SchemaTransformProvider provider =
        ServiceLoader.load(SchemaTransformProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.identifier().equals(PREFIX + name + ":v1"))
            .findFirst()
            .orElseThrow();
    Row.Builder configuration = Row.withSchema(provider.configurationSchema());
    for (Field field : provider.configurationSchema().getFields()) {
      configuration.addValue(values.get(field.getName()));
    }
    return input.apply(name, provider.from(configuration.build()));
  }

  private Map<String, Object> connection(String name, Object value) {
    Map<String, Object> values = new HashMap<>();
    values.put("url", server.jdbcUrl());
    values.put("user", "sheaf");
    values.put("password", "file:" + folder.resolve("password"));
    values.put("database", "SANDBOX");
    values.put("staging", folder.resolve("staging") + "/");
    values.put(name, value);
    return values;
  }

  private String store() {
    return folder.resolve("models").toString();
  }

  private void train() {
    Pipeline pipeline = Pipeline.create();
    PCollectionRowTuple trained =
        apply(
            apply(
                PCollectionRowTuple.empty(pipeline),
                "snowflake_read",
                connection("table", "SALES")),
            "train",
            Map.of(
                "model_store", store(),
                "key", "store",
                "label", "SALES",
                "features", List.of("PRICE"),
                "holdout", "none",
                "promote", "always"));
    assertEquals(Set.of("ledger", "published"), trained.getAll().keySet());
    apply(
        PCollectionRowTuple.of("input", trained.get("ledger")),
        "snowflake_write",
        connection("table", "TRAINING_RUNS"));
    PAssert.that(trained.get("published"))
        .satisfies(
            rows -> {
              Row row = rows.iterator().next();
              assertEquals(List.of(2L, 2L, 0L, 0L), row.getValues().subList(1, 5));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void fromTableToTable() throws Exception {
    train();
    assertEquals(
        List.of(List.of("1", "TRAINED", "20"), List.of("2", "TRAINED", "20")),
        query("select MODEL_KEY, STATUS, ROW_COUNT from SANDBOX.PUBLIC.TRAINING_RUNS order by 1"));

    Pipeline pipeline = Pipeline.create();
    PCollectionRowTuple read =
        apply(
            PCollectionRowTuple.empty(pipeline),
            "snowflake_read",
            connection("query", "select STORE, SOLD, SEEN, PRICE from SALES where PRICE < 2"));
    PAssert.that(read.get("output"))
        .satisfies(
            rows -> {
              Row row = rows.iterator().next();
              assertEquals("2026-01-02", row.getValue("SOLD"));
              assertEquals(Instant.parse("2026-01-02T02:04:05.123Z"), row.getValue("SEEN"));
              return null;
            });
    PCollectionRowTuple scored =
        apply(read, "run_inference", Map.of("model_store", store(), "key", "STORE"));
    Map<String, Object> write = connection("table", "PREDICTIONS");
    write.put("mode", "empty");
    assertEquals(Map.of(), apply(scored, "snowflake_write", write).getAll());
    pipeline.run().waitUntilFinish();
    assertEquals(
        List.of(List.of("1", "1", "10", "KEY", "batch"), List.of("2", "2", "22", "KEY", "batch")),
        query(
            "select STORE, MODEL_KEY, round(PREDICTION, 6)::number(9,0), FALLBACK_LEVEL, LAYER from"
                + " SANDBOX.PUBLIC.PREDICTIONS order by 1"));
  }

  @Test
  void badRowsGoToTheOutputThatIsNamed() {
    train();
    Pipeline pipeline = Pipeline.create();
    PCollectionRowTuple input =
        PCollectionRowTuple.of(
            "input",
            pipeline.apply(Create.of(event(1, "3.5"), event(2, "cheap")).withRowSchema(EVENTS)));
    Schema output = Schema.builder().addStringField("output").build();
    PCollectionRowTuple scored =
        apply(
            input,
            "run_inference",
            Map.of(
                "model_store",
                store(),
                "key",
                "STORE",
                "error_handling",
                Row.withSchema(output).addValue("bad").build()));
    assertEquals(Set.of("output", "bad"), scored.getAll().keySet());
    PAssert.that(scored.get("output"))
        .satisfies(
            rows -> {
              Row row = rows.iterator().next();
              assertEquals(17.0, row.getDouble("PREDICTION"), 1e-9);
              return null;
            });
    PAssert.that(scored.get("bad"))
        .satisfies(
            rows -> {
              Row row = rows.iterator().next();
              assertEquals("RunInference", row.getString("STEP"));
              assertEquals(
                  "{\"STORE\":2,\"PRICE\":\"cheap\"}",
                  String.valueOf(row.getString("RECORD")).replaceAll("\\s", ""));
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  private static Row event(long store, String price) {
    return Row.withSchema(EVENTS).addValues(store, price).build();
  }

  @Test
  void wrongParametersAreNamed() {
    PCollectionRowTuple input =
        PCollectionRowTuple.of(
            "input", Pipeline.create().apply(Create.of(event(1, "3.5")).withRowSchema(EVENTS)));
    Map<String, Object> both = connection("table", "SALES");
    both.put("query", "select 1");
    assertRefused("give one of table and query", input, "snowflake_read", both);
    Map<String, Object> none = connection("table", "SALES");
    none.remove("password");
    assertRefused("give one of password and private_key", input, "snowflake_read", none);
    Map<String, Object> open = connection("table", "SALES");
    open.put("password", "pw");
    assertRefused("password must be env:NAME or file:PATH", input, "snowflake_read", open);
    assertRefused("mode: ", input, "snowflake_write", with(connection("table", "T"), "mode", "x"));
    Map<String, Object> train = new HashMap<>();
    train.put("model_store", store());
    train.put("key", "STORE");
    train.put("label", "PRICE");
    train.put("features", List.of("PRICE"));
    assertRefused("trainer: ", input, "train", with(train, "trainer", "magic"));
    assertRefused("holdout: ", input, "train", with(train, "holdout", "half"));
    train();
    Map<String, Object> score = Map.of("model_store", store(), "key", "STORE");
    assertRefused(
        "refreshed_every: ", input, "run_inference", with(score, "refreshed_every", "1m"));
    assertRefused("--provider: ", input, "run_inference", with(score, "provider", "tpu"));
  }

  private static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
    Map<String, Object> changed = new HashMap<>(values);
    changed.put(name, value);
    return changed;
  }

  private static void assertRefused(
      String beginning, PCollectionRowTuple input, String name, Map<String, Object> values) {
    String message =
        String.valueOf(
            assertThrows(OptionException.class, () -> apply(input, name, values)).getMessage());
    assertTrue(message.startsWith(beginning), message);
  }

  @Test
  void everyTransformSaysWhatItsParametersAre() {
    List<SchemaTransformProvider> ours =
        ServiceLoader.load(SchemaTransformProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.identifier().startsWith(PREFIX))
            .toList();
    assertEquals(
        Set.of("run_inference", "train", "snowflake_read", "snowflake_write"),
        ours.stream().map(each -> each.identifier().split(":", -1)[3]).collect(Collectors.toSet()));
    for (SchemaTransformProvider provider : ours) {
      assertFalse(provider.description().isBlank());
      for (Field field : provider.configurationSchema().getFields()) {
        assertTrue(field.getName().matches("[a-z_]+"), field::getName);
        assertFalse(field.getDescription().isBlank(), field::getName);
      }
    }
  }
}
