package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In a JVM of its own, because ONNX Runtime starts once and its failure ends the process. */
final class EnvironmentIT {

  /** Starts ONNX Runtime from a thread with little stack. */
  static final class Child {
    private Child() {}

    public static void main(String... args) throws InterruptedException {
      Thread thread =
          new Thread(null, () -> System.out.print(Environment.get() != null), "small", 256 << 10);
      thread.start();
      thread.join();
    }
  }

  /** Is interrupted while ONNX Runtime starts, and comes again. */
  static final class Interrupted {
    private Interrupted() {}

    public static void main(String... args) {
      Thread.currentThread().interrupt();
      try {
        Environment.get();
      } catch (OnnxFailure interrupted) {
        System.out.print(interrupted.getMessage() + " " + Thread.interrupted() + " ");
      }
      System.out.print(Environment.get() != null);
    }
  }

  @Test
  void startsFromAThreadWithLittleStack() throws IOException, InterruptedException {
    assertEquals("true", output(Child.class));
  }

  @Test
  void anInterruptedStartHarmsNobody() throws IOException, InterruptedException {
    assertEquals("interrupted while ONNX Runtime started true true", output(Interrupted.class));
  }

  private static String output(Class<?> main) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    byte[] out = child.getInputStream().readAllBytes();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, child.exitValue());
    return new String(out, StandardCharsets.UTF_8);
  }
}
