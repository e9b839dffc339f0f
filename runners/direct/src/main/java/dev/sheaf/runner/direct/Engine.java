package dev.sheaf.runner.direct;

import dev.sheaf.pipelines.cli.Failure;
import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.process.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What runs the demo's pipelines: this JVM, or a Flink cluster of the sandbox. */
final class Engine implements AutoCloseable {
  /** The system property that names the jar for the cluster. */
  private static final String FLINK_JAR = "sheaf.flink.jar";

  private final List<String> arguments;
  private final @Nullable FlinkCluster cluster;

  /** The runners that can be asked for. */
  enum Kind {
    DIRECT,
    FLINK
  }

  private Engine(List<String> arguments, @Nullable FlinkCluster cluster) {
    this.arguments = arguments;
    this.cluster = cluster;
  }

  /** Starts what is needed; a cluster keeps its files in the folder. */
  static Engine start(Kind kind, Path folder, Progress progress) throws DemoException {
    return kind == Kind.DIRECT ? direct() : flink(folder, progress);
  }

  private static Engine direct() {
    return new Engine(
        List.of(
            "--runner=DirectRunner",
            "--blockOnRun=false",
            // The pipelines are tested with these checks on; they copy every element at every
            // step.
            "--enforceImmutability=false",
            "--enforceEncodability=false",
            "--targetParallelism=" + Runtime.getRuntime().availableProcessors()),
        null);
  }

  private static Engine flink(Path folder, Progress progress) throws DemoException {
    Path jar = Path.of(System.getProperty(FLINK_JAR, ""));
    if (!Files.isRegularFile(jar)) {
      throw DemoException.wrongOption(
          "--runner: for flink start the demo by bin/sheaf, which builds the jar for the cluster");
    }
    progress.begin("flink", "starting a job manager and two task managers");
    try {
      FlinkCluster cluster = FlinkCluster.in(folder).withTaskManagers(2).start();
      progress.end("a cluster at " + cluster.webAddress());
      return new Engine(
          List.of(
              "--runner=FlinkRunner",
              "--flinkMaster=" + cluster.restAddress(),
              "--flinkConfDir=" + cluster.configurationFolder(),
              "--filesToStage=" + jar,
              "--parallelism=2"),
          cluster);
    } catch (SandboxException e) {
      throw new DemoException(Failure.whileRunning(e), e);
    }
  }

  /** What the pipelines are told. */
  List<String> arguments() {
    return arguments;
  }

  @Override
  public void close() {
    if (cluster != null) {
      cluster.close();
    }
  }
}
