package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.pipelines.ScoreStreamOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The files for Kubernetes name what the build makes and options that exist. */
final class ManifestTest {
  private static final Path DOCKER = Path.of("..", "..", "docker");

  @SuppressWarnings("unchecked") // The shape is what is tested.
  private static Map<String, Object> map(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }

  @Test
  void theDeploymentRunsThePipelineWithOptionsThatAreThere() throws IOException {
    Map<String, Object> manifest =
        new Yaml().load(Files.readString(DOCKER.resolve("flink-job.yaml")));
    assertEquals("FlinkDeployment", manifest.get("kind"));
    Map<String, Object> spec = map(manifest.get("spec"));
    assertEquals("v1_19", spec.get("flinkVersion"));
    Map<String, Object> job = map(spec.get("job"));
    assertEquals(Main.class.getName(), job.get("entryClass"));
    assertEquals("local:///opt/flink/usrlib/sheaf.jar", job.get("jarURI"));
    List<?> args = (List<?>) Objects.requireNonNull(job.get("args"));
    assertEquals("score-stream", args.get(0));
    assertEquals("--detached", args.get(1)); // The operator's entry point may not wait.
    String[] options = args.stream().skip(2).map(Object::toString).toArray(String[]::new);
    ScoreStreamOptions parsed =
        PipelineOptionsFactory.fromArgs(options).withValidation().as(ScoreStreamOptions.class);
    assertEquals(ScoreStreamOptions.Delivery.EXACTLY_ONCE, parsed.getDelivery());
    assertEquals("STORE_ID", parsed.getKey());
  }

  @Test
  void theImageTakesTheJarOfTheBuild() throws IOException {
    String dockerfile = Files.readString(DOCKER.resolve("flink.Dockerfile"));
    assertTrue(
        dockerfile.contains(
            "runners/flink/target/sheaf-runner-flink-*-bundled.jar /opt/flink/usrlib/sheaf.jar"));
  }

  @Test
  void whatFlinkNeedsIsAdded() {
    assertEquals(List.of(), Main.complete(List.of()));
    assertEquals(List.of("train"), Main.complete(List.of("train")));
    assertEquals(
        List.of(
            "train",
            "--key=K",
            "--detached",
            "--runner=FlinkRunner",
            "--finishBundleBeforeCheckpointing=true",
            "--attachedMode=false"),
        Main.complete(List.of("train", "--key=K", "--detached")));
    assertEquals(
        List.of("train", "--runner=TestFlinkRunner", "--finishBundleBeforeCheckpointing=true"),
        Main.complete(List.of("train", "--runner=TestFlinkRunner")));
  }

  @Test
  void submitSaysWhatIsWrong() {
    StringWriter err = new StringWriter();
    int code =
        Submit.commandLine()
            .setErr(new PrintWriter(err))
            .execute("--flink-master=nowhere", "train", "--key=K");
    assertEquals(2, code);
    assertTrue(err.toString().contains("--flink-master: HOST:PORT is needed, found 'nowhere'"));
    err.getBuffer().setLength(0);
    code =
        Submit.commandLine()
            .setErr(new PrintWriter(err))
            .execute("--flink-master=a:1", "--jar=none.jar", "train", "--key=K");
    assertEquals(2, code);
    assertTrue(
        err.toString().contains("--jar: the bundled jar is needed, found no file 'none.jar'"));
  }

  @Test
  void bundlesEndBeforeCheckpointsUnlessToldOtherwise() {
    List<String> told = List.of("s", "--runner=R", "--finishBundleBeforeCheckpointing=false");
    assertEquals(told, Main.complete(told));
  }
}
