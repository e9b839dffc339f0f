package dev.sheaf.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process that runs one benchmark and nothing else, as its memory or its start is what counts.
 *
 * @param options of the JVM, after those of this one
 * @param classPath where its classes are
 */
record OwnProcess(List<String> options, String classPath) {
  OwnProcess {
    options = List.copyOf(options);
  }

  /** With other options than this process's, which come first. */
  static OwnProcess with(String... options) {
    return new OwnProcess(List.of(options), System.getProperty("java.class.path"));
  }

  /**
   * With a heap that is all touched at the start, so that resident memory grows by native memory
   * alone.
   */
  static OwnProcess withFixedHeap(int mebibytes) {
    return with("-Xms" + mebibytes + "m", "-Xmx" + mebibytes + "m", "-XX:+AlwaysPreTouch");
  }

  /** Runs a benchmark to its end and gives its text. */
  String run(String benchmark) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    Stream.concat(
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream(), options.stream())
        .forEach(command::add);
    command.addAll(List.of("-cp", classPath, Benchmarks.class.getName(), benchmark));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(process.getInputStream().readAllBytes(), Benchmarks.CHARSET);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "the benchmark " + benchmark + " ended with " + process.exitValue() + ": " + text);
    }
    return text;
  }
}
