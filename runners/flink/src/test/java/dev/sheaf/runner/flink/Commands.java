package dev.sheaf.runner.flink;

import dev.sheaf.sandbox.flink.FlinkCluster;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The commands of a user, each in a process of its own with a limit to its time. */
final class Commands {
  private static final long LIMIT_MINUTES = 10;
  private static final Path MODULE = Path.of("").toAbsolutePath();

  private final Path logs;
  private int count;

  /**
   * @param logs where the output of each command is kept
   */
  Commands(Path logs) {
    this.logs = logs;
  }

  /** The jar that is sent to the cluster. */
  static Path bundledJar() {
    return only(MODULE.resolve("target"), "-bundled.jar");
  }

  /** {@code sheaf submit}. */
  String submit(String flinkMaster, List<String> pipeline) {
    List<String> command = java("512m");
    command.addAll(FlinkCluster.jvmOptions());
    command.add("-Dsheaf.flink.jar=" + bundledJar());
    command.addAll(List.of("-cp", classPathOf(MODULE), Submit.class.getName()));
    command.addAll(List.of("--flink-master", flinkMaster));
    command.addAll(pipeline);
    return run(command);
  }

  /** {@code flink run}, Flink's own command line. */
  String flinkRun(FlinkCluster cluster, List<String> pipeline) {
    List<String> command = java("512m");
    command.addAll(FlinkCluster.jvmOptions());
    command.addAll(
        List.of("-cp", FlinkCluster.classPath(), "org.apache.flink.client.cli.CliFrontend"));
    command.addAll(List.of("run", "-m", cluster.restAddress(), "-c", Main.class.getName()));
    command.add(bundledJar().toString());
    command.addAll(pipeline);
    ProcessBuilder process = new ProcessBuilder(command);
    process.environment().put("FLINK_CONF_DIR", cluster.configurationFolder().toString());
    return run(process);
  }

  /** {@code sheaf} on the direct runner. */
  String direct(List<String> pipeline) {
    List<String> command = java("2g");
    command.addAll(
        List.of(
            "-cp", classPathOf(MODULE.resolveSibling("direct")), "dev.sheaf.runner.direct.Main"));
    command.addAll(pipeline);
    return run(command);
  }

  private static List<String> java(String heap) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ArrayList<>(List.of(java, "-Xmx" + heap, "-XX:+UseSerialGC"));
  }

  /** A module's own jar and all that it needs, as its build wrote it down. */
  private static String classPathOf(Path module) {
    try {
      String needed = Files.readString(module.resolve("target/dependencies")).strip();
      Path jar = only(module.resolve("target"), "-SNAPSHOT.jar");
      return jar + File.pathSeparator + needed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path only(Path folder, String ending) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String run(List<String> command) {
    return run(new ProcessBuilder(command));
  }

  private String run(ProcessBuilder process) {
    count++;
    Path log = logs.resolve("command-" + count + ".log");
    try {
      Process running = process.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!running.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        running.destroyForcibly();
        throw new IllegalStateException("it did not end in time: " + Files.readString(log));
      }
      String said = Files.readString(log);
      if (running.exitValue() != 0) {
        throw new IllegalStateException("it failed with " + running.exitValue() + ": " + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
