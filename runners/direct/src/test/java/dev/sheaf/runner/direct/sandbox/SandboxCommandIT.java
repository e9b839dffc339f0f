package dev.sheaf.runner.direct.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class SandboxCommandIT {
  private final Path folder;

  SandboxCommandIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void stop() {
    assertEquals(0, SandboxRun.of(folder, "down").exitCode());
  }

  @Test
  void startsOnceTellsWhereAndStops() throws Exception {
    Path csv = folder.resolve("sales.csv");
    Files.writeString(csv, "STORE,UNITS\na,1\nb,2\n");
    SandboxRun up = SandboxRun.of(folder, "up", "--load=SALES=" + csv, "--task-managers=1");
    assertEquals(0, up.exitCode(), up::toString);
    Properties first = properties();
    String broker = first.getProperty("kafka.bootstrapServers");
    assertTrue(up.out().contains(first.getProperty("snowflake.url")), up::toString);
    assertTrue(up.out().contains(broker), up::toString);
    assertTrue(
        up.out().contains(first.getProperty("flink.web") + ", 1 TaskManager\n"), up::toString);
    assertTrue(up.out().contains("Try next:"), up::toString);
    assertTrue(
        Files.readString(folder.resolve("snowflake").resolve("warehouse.log"))
            .contains("loaded 2 rows into SALES"));

    SandboxRun again = SandboxRun.of(folder, "up");
    assertEquals(3, again.out().split("runs already", -1).length - 1, again::toString);
    assertEquals(first, properties());

    kill(first.getProperty("flink.jobmanager.pid"));
    SandboxRun status = SandboxRun.of(folder, "status", "flink");
    assertEquals(1, status.exitCode(), status::toString);
    assertTrue(status.out().contains("the JobManager has ended"), status::toString);
    assertEquals(0, SandboxRun.of(folder, "status", "kafka", "snowflake").exitCode());

    SandboxRun down = SandboxRun.of(folder, "down");
    assertEquals(
        "flink      stopped\nkafka      stopped\nsnowflake  stopped\n", down.out(), down::toString);
    assertEquals(new Properties(), properties());
    SandboxRun.of(folder, "up", "kafka");
    assertEquals(broker, properties().getProperty("kafka.bootstrapServers"));
  }

  private static void kill(String pid) {
    ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    process.destroyForcibly();
    process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private Properties properties() throws Exception {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("sandbox.properties"))) {
      properties.load(reader);
    }
    return properties;
  }
}
