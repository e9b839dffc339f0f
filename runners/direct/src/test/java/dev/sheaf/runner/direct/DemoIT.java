package dev.sheaf.runner.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo, its options and its failures, with the sandbox's warehouse and real pipelines. */
final class DemoIT {
  @TempDir private Path folder = Path.of("");

  private Path out() {
    return folder.resolve("out");
  }

  private Path csv(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  /** Rows of five stores that follow sales = 10 store + 2 x, twenty each. */
  private static String[] goodRows(String header) {
    return Stream.concat(
            Stream.of(header),
            Stream.iterate(0, i -> i + 1)
                .limit(100)
                .map(i -> (i / 20 + 1) + "," + i % 20 + "," + (10 * (i / 20 + 1) + 2 * (i % 20))))
        .toArray(String[]::new);
  }

  @Test
  void theGeneratedTableEndsInATableAndInFilesThatAgree() throws IOException {
    DemoRun run = DemoRun.demo(out());
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("30,000 rows of SALES, 10 keys: 10 trained, 0 not"), run.out());
    assertTrue(run.err().contains("10 of 10 keys trained"), run.err());
    assertTrue(
        run.out().contains("Rows          30,000 scored, 0 without a model, 0 refused"), run.out());
    assertTrue(
        run.out().lines().anyMatch(line -> line.matches("Model calls .* p99 .* max .* ms")),
        run.out());

    JsonNode summary = DemoRun.summary(out());
    assertEquals(30_000, summary.get("rows").asLong());
    assertEquals(10, summary.get("perKey").size());
    for (JsonNode key : summary.get("perKey")) {
      assertTrue(key.get("rmse").asDouble() < key.get("baselineRmse").asDouble(), key.toString());
      assertEquals("TRAINED", key.get("status").asText());
    }
    List<List<String>> lines = DemoRun.predictions(out());
    assertEquals(
        List.of(
            "PRODUCT_ID",
            "STORE_ID",
            "ORDER_QUARTER",
            "ORDER_MONTH",
            "ORDER_YEAR",
            "TOTAL_ORDERS",
            "PREDICTION",
            "MODEL_KEY",
            "MODEL_VERSION",
            "FALLBACK_LEVEL",
            "LAYER",
            "SCORED_AT"),
        lines.get(0));
    assertEquals(30_001, lines.size());
    for (List<String> line : lines.subList(1, lines.size())) {
      assertEquals(line.get(1), line.get(7));
    }
    assertEquals(
        List.of("models", "predictions.csv", "summary.json", "warehouse.duckdb"), left(out()));
  }

  private static List<String> left(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().collect(Collectors.toList());
    }
  }

  @Test
  void columnNamesMatchWithoutRegardToCaseAndJsonStandsAloneOnStandardOutput() throws IOException {
    Path data = csv("sales.csv", goodRows("Store,x,\"Sales\""));
    DemoRun run =
        DemoRun.demo(
            out(), "--data", data.toString(), "--key", "sToRe", "--label", "SALES", "--json");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode summary = new ObjectMapper().readTree(run.out());
    assertEquals(5, summary.get("trained").asInt());
    assertEquals(0.0, summary.get("perKey").get(3).get("rmse").asDouble(), 1e-9);
    assertEquals(List.of("STORE", "X", "SALES"), DemoRun.predictions(out()).get(0).subList(0, 3));
  }

  @Test
  void anotherFileCanBeScored() throws IOException {
    Path data = csv("sales.csv", goodRows("STORE,X,SALES"));
    Path score = csv("next.csv", "ID,X,STORE", "a,100,2", "b,50,4", "c,1,77");
    DemoRun run =
        DemoRun.demo(
            out(),
            "--data",
            data.toString(),
            "--key",
            "STORE",
            "--label",
            "SALES",
            "--score",
            score.toString());
    assertEquals(0, run.exitCode(), run.err());
    List<List<String>> lines =
        DemoRun.predictions(out()).stream()
            .sorted((a, b) -> a.get(0).compareTo(b.get(0)))
            .collect(Collectors.toList());
    assertEquals(4, lines.size());
    assertEquals(220, Double.parseDouble(lines.get(1).get(3)), 1e-6);
    assertEquals(140, Double.parseDouble(lines.get(2).get(3)), 1e-6);
    assertEquals(List.of("c", "1", "77", "", "", "", "NONE"), lines.get(3).subList(0, 7));
  }

  @Test
  void oddRowsAndStoresEndAsAStatusOrABadRecordAndNoneIsLost() throws IOException {
    String[] good = goodRows("STORE,X,SALES");
    String[] odd =
        Stream.concat(
                Stream.of(good),
                Stream.of("6,1,5", ",3,4", "1,4,", "2,5,n/a", "7,,3", "7,,9", "8,1,42", "8,2,42"))
            .toArray(String[]::new);
    DemoRun plain =
        DemoRun.demo(
            out(),
            "--data",
            csv("good.csv", good).toString(),
            "--key",
            "STORE",
            "--label",
            "SALES",
            "--holdout",
            "none");
    assertEquals(0, plain.exitCode(), plain.err());
    List<List<String>> before = DemoRun.predictions(out());

    DemoRun run =
        DemoRun.demo(
            out(),
            "--data",
            csv("odd.csv", odd).toString(),
            "--key",
            "STORE",
            "--label",
            "SALES",
            "--holdout",
            "none");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode summary = DemoRun.summary(out());
    assertEquals(108, summary.get("rows").asInt());
    assertEquals(8, summary.get("keys").asInt());
    // NULL key twice (training and scoring), NULL label, a label that is no number.
    assertEquals(4, summary.get("badRecords").asInt());
    assertEquals(107, summary.get("scored").asInt());
    assertEquals("TOO_FEW_ROWS", summary.get("perKey").get(5).get("status").asText());
    for (int i = 0; i < 5; i++) {
      assertEquals("TRAINED", summary.get("perKey").get(i).get("status").asText());
      assertEquals(20, summary.get("perKey").get(i).get("rows").asInt());
    }
    List<List<String>> after = DemoRun.predictions(out());
    for (List<String> line : before.subList(1, before.size())) {
      assertTrue(
          after.stream().anyMatch(other -> other.subList(0, 5).equals(line.subList(0, 5))),
          line.toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --key SHOP           | key: there is no column named "SHOP"; the columns are STORE, X, SALES
          --label PRICE        | label: there is no column named "PRICE"; the columns are STORE, X, SALES
          --features X,Y       | --features: there is no column named "Y"; the columns are STORE, X, SALES
          --trainer forest     | forest
          --holdout half       | half
          --holdout where:X>=y | 'y' is not
          --holdout last:DAY:0.2 | DAY
          --data missing.csv   | --data: there is no file missing.csv
          --score missing.csv  | --score: there is no file missing.csv
          --out /tmp/a[b]      | --out: the path /tmp/a[b] may have none of the characters
          --out /dev/null      | --out: /dev/null is not a folder
          --out /proc/sheaf    | --out: cannot write to the folder /proc/sheaf
          --frobnicate         | Unknown option: '--frobnicate'
          """)
  void aWrongOptionIsOneLineAndExitCodeTwo(String option, String message) throws IOException {
    Path data = csv("sales.csv", goodRows("STORE,X,SALES"));
    List<String> arguments =
        Stream.concat(
                Stream.of("demo", "--data", data.toString(), "--key", "STORE", "--label", "SALES"),
                Stream.concat(Stream.of("--out", out().toString()), Stream.of(option.split(" "))))
            .collect(Collectors.toList());
    // An option that is given again replaces the good one.
    DemoRun run = runWithOverrides(arguments);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.lastError().contains(message), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    assertFalse(Files.exists(out().resolve("summary.json")));
    assertFalse(Files.exists(out().resolve("warehouse.duckdb")));
    assertFalse(Files.exists(out().resolve("predictions.csv")));
  }

  private static DemoRun runWithOverrides(List<String> arguments) {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < arguments.size(); i += 2) {
      options.put(arguments.get(i), i + 1 < arguments.size() ? arguments.get(i + 1) : "");
    }
    List<String> flat = new ArrayList<>(List.of("demo"));
    options.forEach(
        (name, value) -> {
          flat.add(name);
          if (!value.isEmpty()) {
            flat.add(value);
          }
        });
    return DemoRun.of(flat.toArray(String[]::new));
  }

  @Test
  void dataThatCannotBeLoadedIsOneLineAndExitCodeOne() throws IOException {
    Path broken = csv("broken.csv", "STORE,X,SALES", "1,2,3", "1,2,3,4,5", "2,2,2");
    DemoRun run = DemoRun.demo(out(), "--data", broken.toString(), "--key", "STORE");
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.lastError().contains("broken.csv"), run.err());
    assertTrue(run.lastError().contains("3"), run.err());
    assertFalse(run.err().contains("\tat "), run.err());

    Path empty = csv("empty.csv", "STORE,X,SALES");
    DemoRun nothing = DemoRun.demo(out(), "--data", empty.toString(), "--key", "STORE");
    assertEquals(1, nothing.exitCode(), nothing.err());
    assertTrue(nothing.lastError().contains("empty.csv"), nothing.err());
    assertEquals(List.of(), left(out()));
  }

  @Test
  void aFailedRunLeavesTheEarlierResultsAsTheyWere() throws IOException {
    Path data = csv("sales.csv", goodRows("STORE,X,SALES"));
    String[] options = {"--data", data.toString(), "--key", "STORE", "--label", "SALES"};
    assertEquals(0, DemoRun.demo(out(), options).exitCode());
    byte[] summary = Files.readAllBytes(out().resolve("summary.json"));
    List<String> files = left(out());
    assertEquals(2, DemoRun.demo(out(), "--data", data.toString(), "--key", "NOPE").exitCode());
    assertEquals(files, left(out()));
    assertEquals(
        new String(summary, StandardCharsets.UTF_8),
        Files.readString(out().resolve("summary.json")));
  }

  @Test
  void aSecondRunInTheSameFolderUsesItsOwnModelsAlone() throws IOException {
    String[] key = {"--key", "STORE", "--label", "SALES", "--holdout", "none"};
    Path first = csv("first.csv", goodRows("STORE,X,SALES"));
    assertEquals(0, DemoRun.demo(out(), with(key, "--data", first.toString())).exitCode());

    String[] rows = goodRows("STORE,Y,SALES");
    String[] fewer =
        Stream.concat(Stream.of(rows).filter(row -> !row.startsWith("3,")), Stream.of("3,5,1"))
            .toArray(String[]::new);
    Path second = csv("order.csv", fewer); // a table's name that SQL reserves
    DemoRun run = DemoRun.demo(out(), with(key, "--data", second.toString()));
    assertEquals(0, run.exitCode(), run.err());
    String version = DemoRun.summary(out()).get("perKey").get(0).get("modelVersion").asText();
    for (List<String> line : DemoRun.predictions(out()).subList(1, fewer.length)) {
      boolean third = line.get(0).equals("3");
      assertEquals(third ? "NONE" : "KEY", line.get(6), line.toString());
      assertEquals(third ? "" : version, line.get(5), line.toString());
    }
    assertEquals(0, DemoRun.summary(out()).get("badRecords").asInt());
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void whatCannotFitTheDataIsToldBeforeAnythingIsTrained() throws IOException {
    Path data = csv("sales.csv", goodRows("STORE,X,SALES"));
    Path score = csv("score.csv", "STORE,Z", "1,2");
    DemoRun missing =
        DemoRun.demo(
            out(),
            "--data",
            data.toString(),
            "--key",
            "STORE",
            "--label",
            "SALES",
            "--score",
            score.toString());
    assertEquals(2, missing.exitCode(), missing.err());
    assertEquals(
        "sheaf demo: --score: the file has no column \"X\", which the models need; its columns are"
            + " STORE, Z",
        missing.lastError());

    Path names = csv("names.csv", "STORE,X,NAME", "1,2,ann", "1,3,bob", "1,4,cid");
    DemoRun text =
        DemoRun.demo(out(), "--data", names.toString(), "--key", "STORE", "--label", "NAME");
    assertEquals(2, text.exitCode(), text.err());
    assertEquals(
        "sheaf demo: --label: \"NAME\" holds text that is no number, such as \"cid\"",
        text.lastError());
  }

  @Test
  void aTableOfWhichNoKeyCanBeTrainedIsAFailure() throws IOException {
    Path data = csv("few.csv", "STORE,X,SALES", "1,2,3", "2,3,4");
    DemoRun run =
        DemoRun.demo(out(), "--data", data.toString(), "--key", "STORE", "--label", "SALES");
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.lastError().contains("none of 2 keys could be trained"), run.err());
    assertFalse(Files.exists(out().resolve("summary.json")));
  }

  @Test
  void aServerThatIsDownOrRefusesThePasswordIsOneLineAndExitCodeOne() throws IOException {
    Path password = csv("password", "wrong");
    try (LocalWarehouse warehouse =
        LocalWarehouse.start(folder.resolve("w.duckdb"), Files.createDirectory(out()))) {
      DemoRun refused = DemoRun.of(train(warehouse.port(), password));
      assertEquals(1, refused.exitCode(), refused.err());
      assertEquals(1, refused.err().lines().count(), refused.err());
    }
    DemoRun down = DemoRun.of(train(1, password));
    assertEquals(1, down.exitCode(), down.err());
    assertEquals(1, down.err().lines().count(), down.err());
  }

  private String[] train(int port, Path password) {
    return new String[] {
      "train",
      "--warehouseUrl=jdbc:snowflake://127.0.0.1:" + port + "/?ssl=off&account=local",
      "--warehouseUser=SHEAF",
      "--warehousePassword=file:" + password,
      "--warehouseDatabase=SHEAF",
      "--staging=" + folder + "/",
      "--sourceTable=SALES",
      "--key=STORE",
      "--label=SALES",
      "--modelStore=" + folder.resolve("models")
    };
  }
}
