package dev.sheaf.runner.expansion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The examples for Beam Python and Beam YAML, run by a real Python without Docker. */
@EnabledIfEnvironmentVariable(
    named = "SHEAF_PYTHON",
    matches = ".+",
    disabledReason = "set SHEAF_PYTHON to a Python with apache-beam[yaml] of Beam's version")
final class PythonClientIT {
  private static final String RUNNER =
      "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner";

  @TempDir private Path folder = Path.of("");

  @Test
  void python() throws Exception {
    List<String> lines =
        run(
            Path.of("examples", "train_and_score.py").toString(),
            jar(),
            folder.resolve("models").toString(),
            RUNNER);
    assertTrue(
        lines.containsAll(
            List.of("1 TRAINED 20", "2 TRAINED 20", "1 40.0 KEY", "2 199.0 KEY", "3 None NONE")),
        lines::toString);
  }

  @Test
  void yaml() throws Exception {
    Files.writeString(folder.resolve("password"), "pw");
    Files.createDirectories(folder.resolve("staging"));
    try (SnowflakeServer server = SnowflakeServer.inMemory().withUser("sheaf", "pw").start();
        Connection opened = DriverManager.getConnection(server.jdbcUrl(), "sheaf", "pw");
        Statement statement = opened.createStatement()) {
      statement.execute("use schema SANDBOX.PUBLIC");
      statement.execute("create table SALES (STORE number(9,0), PRICE float, SALES float)");
      statement.execute(
          "insert into SALES select 1 + i % 2, i, 100 * (1 + i % 2) - 2 * i from range(40) t(i)");
      statement.execute("create table EVENTS (STORE number(9,0), PRICE varchar)");
      statement.execute("insert into EVENTS values (1, '30'), (2, '0.5'), (2, 'cheap')");
      yaml("nightly.yaml", server);
      assertEquals(
          List.of("1 TRAINED", "2 TRAINED"),
          query(statement, "select MODEL_KEY || ' ' || STATUS from TRAINING_RUNS order by 1"));
      yaml("score.yaml", server);
      assertEquals(
          List.of("1 40", "2 199"),
          query(
              statement,
              "select STORE || ' ' || round(PREDICTION)::number(9,0) from PREDICTIONS order by 1"));
      assertEquals(
          List.of("RunInference"), query(statement, "select STEP from BAD_EVENTS order by 1"));
    }
  }

  private void yaml(String file, SnowflakeServer server) throws Exception {
    Map<String, String> variables =
        Map.of(
            "jar",
            jar(),
            "url",
            server.jdbcUrl(),
            "user",
            "sheaf",
            "password",
            "file:" + folder.resolve("password"),
            "database",
            "SANDBOX",
            "staging",
            folder.resolve("staging") + "/",
            "model_store",
            folder.resolve("models").toString());
    run(
        "-m",
        "apache_beam.yaml.main",
        "--yaml_pipeline_file=" + Path.of("examples", file),
        "--jinja_variables=" + new ObjectMapper().writeValueAsString(variables),
        RUNNER);
  }

  private static List<String> query(Statement statement, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private static String jar() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.toString().endsWith("-bundled.jar"))
          .findFirst()
          .orElseThrow()
          .toAbsolutePath()
          .toString();
    }
  }

  /** Runs Python and gives what it printed. */
  private List<String> run(String... arguments) throws Exception {
    Path log = Files.createTempFile(folder, "python", ".log");
    Process process =
        new ProcessBuilder(
                Stream.concat(Stream.of(System.getenv("SHEAF_PYTHON")), Stream.of(arguments))
                    .toList())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      List<String> lines = Files.readAllLines(log);
      assertTrue(ended && process.exitValue() == 0, () -> String.join("\n", lines));
      return lines;
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
