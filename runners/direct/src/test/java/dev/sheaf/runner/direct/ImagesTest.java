package dev.sheaf.runner.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.pipelines.ScoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the files of the images for GPUs say, against the build: no image is built here. */
final class ImagesTest {
  private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
  private static final Path DOCKER = ROOT.resolve("docker");
  private static final Pattern FROM = Pattern.compile("(?m)^FROM (\\S+)(?: AS (\\S+))?$");
  private static final Pattern COPY = Pattern.compile("(?m)^COPY (?!--from)(\\S+) \\S+$");

  private static String read(String file) throws IOException {
    return Files.readString(DOCKER.resolve(file));
  }

  private static String version(String property) throws IOException {
    return only(
        "<" + property + ">([^<]+)</" + property + ">", Files.readString(ROOT.resolve("pom.xml")));
  }

  /** What the first group of the first match holds. */
  private static String only(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), () -> "no " + pattern + " in\n" + text);
    return matcher.group(1);
  }

  private static List<Path> dockerfiles() throws IOException {
    try (Stream<Path> files = Files.list(DOCKER)) {
      return files.filter(file -> file.toString().endsWith("-gpu.Dockerfile")).sorted().toList();
    }
  }

  @Test
  void baseImagesAreOfOneVersion() throws IOException {
    assertEquals(4, dockerfiles().size());
    String natives = "sheaf/onnxruntime-gpu:" + version("onnxruntime.version");
    for (Path file : dockerfiles()) {
      String text = Files.readString(file);
      Set<String> stages = new HashSet<>(Set.of("scratch"));
      Matcher from = FROM.matcher(text);
      while (from.find()) {
        String image = from.group(1);
        assertTrue(stages.contains(image) || image.matches("\\S+:[\\w.-]*\\d[\\w.-]*"), image);
        assertFalse(image.endsWith(":latest"), image);
        if (image.startsWith("sheaf/")) {
          assertEquals(natives, image, file::toString);
        }
        if (from.group(2) != null) {
          stages.add(from.group(2));
        }
      }
      assertTrue(stages.size() > 1, file::toString);
      Matcher copied = Pattern.compile("COPY --from=(\\S+)").matcher(text);
      while (copied.find()) {
        assertTrue(stages.contains(copied.group(1)), copied.group());
      }
    }
    assertTrue(read("onnxruntime-gpu.Dockerfile").contains("-t " + natives + " ."));
    String beam = version("beam.version");
    assertEquals(beam, only("FROM apache/beam_java17_sdk:(\\S+)", read("dataflow-gpu.Dockerfile")));
  }

  @Test
  void theNativeLibrariesAreThoseOfTheJar() throws IOException {
    String text = read("onnxruntime-gpu.Dockerfile");
    String version = version("onnxruntime.version");
    assertEquals(version, only("onnxruntime_gpu:([\\d.]+)", text));
    assertEquals(version, only("onnxruntime_gpu-([\\d.]+)\\.jar", text));
    String dependency =
        only(
            "maven-dependency-plugin</artifactId>\\s*<version>([^<]+)<",
            Files.readString(ROOT.resolve("pom.xml")));
    assertEquals(dependency, only("maven-dependency-plugin:([\\d.]+):", text));
    for (Path file : dockerfiles()) {
      String image = Files.readString(file);
      assertTrue(image.contains("/opt/onnxruntime/ /opt/onnxruntime/"), file::toString);
      if (!file.endsWith("onnxruntime-gpu.Dockerfile")) {
        assertTrue(image.contains("-Donnxruntime.native.path=/opt/onnxruntime"), file::toString);
        assertTrue(image.contains("/opt/cuda/lib"), file::toString);
        assertTrue(image.contains("libgomp1"), file::toString);
      }
    }
  }

  @Test
  void copiedJarsAreThoseThatTheBuildMakes() throws Exception {
    String project = only("<version>([^<]+)</version>", Files.readString(ROOT.resolve("pom.xml")));
    Set<String> made =
        Set.of(
            "pom.xml",
            "docker/with-secrets.sh",
            "models/target/dependency/onnxruntime-" + version("onnxruntime.version") + ".jar",
            "runners/direct/target/dependency/",
            "runners/direct/target/sheaf-runner-direct-" + project + ".jar");
    for (Path file : dockerfiles()) {
      Matcher copy = COPY.matcher(Files.readString(file));
      while (copy.find()) {
        assertTrue(made.contains(copy.group(1)), () -> file + ": " + copy.group());
      }
    }
    String snowpark = read("snowpark-gpu.Dockerfile");
    String main = only("\"(dev\\.sheaf\\.[\\w.]+)\"\\]", snowpark);
    assertEquals(Main.class.getName(), main);
    assertTrue(snowpark.contains("\nUSER sheaf\n"));
  }

  @Test
  void theJobSpecificationRunsTheImageWithOptionsThatScoreHas() throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    Map<?, ?> spec = map(yaml.<Map<?, ?>>load(read("snowpark-job.yaml")), "spec");
    Map<?, ?> container = (Map<?, ?>) list(spec, "containers").get(0);
    List<String> args = list(container, "args").stream().map(String::valueOf).toList();
    assertEquals("score", args.get(0));
    ScoreOptions options =
        PipelineOptionsFactory.fromArgs(args.subList(1, args.size()).toArray(String[]::new))
            .withValidation()
            .as(ScoreOptions.class);
    assertEquals("cuda:device=0,memory=8g", options.getProvider());

    Map<?, ?> volume = (Map<?, ?>) list(spec, "volumes").get(0);
    Map<?, ?> mount = (Map<?, ?>) list(container, "volumeMounts").get(0);
    assertEquals(volume.get("name"), mount.get("name"));
    assertTrue(options.getModelStore().startsWith(mount.get("mountPath") + "/"));
    String snowpark = read("snowpark-gpu.Dockerfile");
    assertEquals(only("--uid (\\d+)", snowpark), String.valueOf(volume.get("uid")));

    Map<?, ?> secret = (Map<?, ?>) list(container, "secrets").get(0);
    assertEquals("env:" + secret.get("envVarName"), options.getWarehousePrivateKey());
    for (String bound : List.of("requests", "limits")) {
      assertEquals(1, map(map(container, "resources"), bound).get("nvidia.com/gpu"));
    }
    assertEquals(
        only("-t sheaf/(snowpark-gpu:\\S+)", snowpark),
        only("/(snowpark-gpu:\\S+)", String.valueOf(container.get("image"))));
  }

  private static Map<?, ?> map(Map<?, ?> parent, String name) {
    if (parent.get(name) instanceof Map<?, ?> found) {
      return found;
    }
    throw new AssertionError("no " + name + " in " + parent);
  }

  private static List<?> list(Map<?, ?> parent, String name) {
    if (parent.get(name) instanceof List<?> found) {
      return found;
    }
    throw new AssertionError("no " + name + " in " + parent);
  }

  @Test
  void thePageNamesEachFile() throws IOException {
    String page = Files.readString(ROOT.resolve("docs").resolve("gpu.md"));
    for (Path file : dockerfiles()) {
      assertTrue(page.contains("docker/" + file.getFileName()), file::toString);
    }
    assertTrue(page.contains("docker/snowpark-job.yaml"));
  }
}
