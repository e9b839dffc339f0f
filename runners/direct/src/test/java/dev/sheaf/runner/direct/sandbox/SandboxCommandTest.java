package dev.sheaf.runner.direct.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxCommandTest {
  private final Path folder;

  SandboxCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void nothingRunsInAnEmptyFolder() {
    SandboxRun status = SandboxRun.of(folder, "status");
    assertEquals(1, status.exitCode());
    assertTrue(
        status
            .out()
            .startsWith(
                "snowflake  does not run\nkafka      does not run\nflink      does not run\n"),
        status::toString);
    SandboxRun down = SandboxRun.of(folder, "down", "KAFKA");
    assertEquals(new SandboxRun(0, "kafka      does not run\n", ""), down);
  }

  @Test
  void refusesAServerThatItDoesNotHave() {
    SandboxRun run = SandboxRun.of(folder, "up", "kafka", "postgres");
    assertEquals(2, run.exitCode());
    assertEquals(
        "sheaf sandbox: cannot tell what 'postgres' is: a server is snowflake, kafka or flink\n",
        run.err());
  }

  @Test
  void refusesMemoryThatIsTooLittle() {
    SandboxRun run = SandboxRun.of(folder, "up", "flink", "--network-memory=8");
    assertEquals(2, run.exitCode());
    assertEquals(
        "sheaf sandbox: cannot give a TaskManager a network memory of 8 MiB: at least 16 are"
            + " needed\n",
        run.err());
  }

  @Test
  void twoCommandsDoNotChangeOneFolder() throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      SandboxRun run = SandboxRun.of(folder, "down");
      assertEquals(1, run.exitCode());
      assertEquals(
          "sheaf sandbox: cannot change " + folder + ": another sheaf sandbox is at it\n",
          run.err());
    }
  }
}
