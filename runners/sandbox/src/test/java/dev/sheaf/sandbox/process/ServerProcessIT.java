package dev.sheaf.sandbox.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ServerProcessIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path folder;

  ServerProcessIT(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Says a word and stays. */
  static final class Stays {
    @SuppressWarnings("SystemOut") // What the process prints is its log.
    public static void main(String... words) throws InterruptedException {
      System.out.println(words[0]);
      new CountDownLatch(1).await();
    }
  }

  private static JavaCommand saying(String word) {
    return new JavaCommand(
        Stays.class.getName(),
        System.getProperty("java.class.path"),
        List.of("-Xmx32m"),
        List.of(word));
  }

  @Test
  void aLogBelongsToTheRunThatWroteIt() {
    ServerProcess first =
        ServerProcess.start(folder, "words", saying("first"), Lifetime.OF_THIS_JVM);
    first.await("heard", () -> first.says("first"), LIMIT);
    assertEquals(first.pid(), ServerProcess.find(folder, "words").orElseThrow().pid());
    SandboxException twice =
        assertThrows(
            SandboxException.class,
            () -> ServerProcess.start(folder, "words", saying("x"), Lifetime.OF_THIS_JVM));
    assertEquals(
        "cannot start words in " + folder + ": process " + first.pid() + " is it",
        twice.getMessage());
    first.kill();
    assertEquals(Optional.empty(), ServerProcess.find(folder, "words"));

    ServerProcess second =
        ServerProcess.start(folder, "words", saying("second"), Lifetime.UNTIL_STOPPED);
    second.await("heard", () -> second.says("second"), LIMIT);
    assertFalse(second.says("first"));
    SandboxException late =
        assertThrows(
            SandboxException.class,
            () -> second.await("silent", () -> false, Duration.ofSeconds(1)));
    assertTrue(
        String.valueOf(late.getMessage()).startsWith("words was not silent within 1 s"),
        late::toString);
    second.stop(LIMIT);
    assertFalse(second.isAlive());
    second.stop(LIMIT);
  }

  @Test
  void aThreadThatIsInterruptedEndsItsServerAllTheSame() {
    for (boolean kills : new boolean[] {true, false}) {
      ServerProcess server =
          ServerProcess.start(folder, "words", saying("here"), Lifetime.OF_THIS_JVM);
      server.await("heard", () -> server.says("here"), LIMIT);
      Thread.currentThread().interrupt();
      if (kills) {
        server.kill();
      } else {
        server.stop(LIMIT);
      }
      assertTrue(Thread.interrupted());
      assertFalse(server.isAlive());
      assertEquals(Optional.empty(), ServerProcess.find(folder, "words"));
    }
  }

  /** Starts a server, tells its number, and stays. */
  static final class Parent {
    @SuppressWarnings("SystemOut") // What the process prints is its log.
    public static void main(String... folders) throws InterruptedException {
      Path folder = Path.of(folders[0]);
      ServerProcess.start(folder, "child", saying("child"), Lifetime.OF_THIS_JVM);
      System.out.println("ready");
      new CountDownLatch(1).await();
    }
  }

  @Test
  void aServerEndsWithTheJvmThatStartedItHoweverThatEnds() {
    ServerProcess parent =
        ServerProcess.start(
            folder,
            "parent",
            new JavaCommand(
                Parent.class.getName(),
                System.getProperty("java.class.path"),
                List.of("-Xmx64m"),
                List.of(folder.toString())),
            Lifetime.OF_THIS_JVM);
    parent.await("ready", () -> parent.says("ready"), LIMIT);
    ServerProcess child = ServerProcess.find(folder, "child").orElseThrow();
    assertTrue(child.isAlive());
    parent.kill();
    assertTrue(child.awaitEnd(LIMIT));
  }

  @Test
  void aNumberThatNowBelongsToAnotherProcessIsNotTheServer() throws Exception {
    Files.writeString(folder.resolve("old.pid"), ProcessHandle.current().pid() + "\n12345\n");
    assertEquals(Optional.empty(), ServerProcess.find(folder, "old"));
    Files.writeString(folder.resolve("old.pid"), "what\n");
    assertThrows(SandboxException.class, () -> ServerProcess.find(folder, "old"));
  }

  @Test
  void aDistributionThatMavenCannotFetchSaysWhy() throws Exception {
    Path module = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(module.resolve("pom.xml"), "<project/>");
    Distribution distribution = new Distribution(module);
    assertFalse(distribution.isFetched());
    SandboxException e = assertThrows(SandboxException.class, distribution::classPath);
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("cannot fetch the jars of broken; the errors in"),
        e::toString);
  }

  @Test
  void aDistributionThatIsNotThereIsNamed() {
    SandboxException e = assertThrows(SandboxException.class, () -> Distribution.named("postgres"));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith("cannot find runners/sandbox/postgres/pom.xml above"),
        e::toString);
  }
}
