package dev.sheaf.runner.dataflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A Flex Template's parameters and images; no image is built here. */
final class FlexTemplateTest {
  private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

  private static List<ReadyPipeline> pipelines() {
    return ReadyPipeline.ALL;
  }

  private static Map<String, JsonNode> parameters(ReadyPipeline pipeline) throws IOException {
    Map<String, JsonNode> parameters = new HashMap<>();
    for (JsonNode each :
        new ObjectMapper().readTree(TemplateMetadata.json(pipeline)).path("parameters")) {
      assertEquals(null, parameters.put(each.path("name").asText(), each));
    }
    return parameters;
  }

  @ParameterizedTest
  @MethodSource("pipelines")
  void everyParameterIsAnOptionWithAllThatGoogleAsksFor(ReadyPipeline pipeline) throws Exception {
    List<String> required = new ArrayList<>();
    for (Map.Entry<String, JsonNode> parameter : parameters(pipeline).entrySet()) {
      String name = parameter.getKey();
      JsonNode told = parameter.getValue();
      assertTrue(name.matches("[a-zA-Z][a-zA-Z0-9]*"), name);
      assertFalse(told.path("label").asText().isBlank(), name);
      assertFalse(told.path("helpText").asText().isBlank(), name);
      told.path("regexes").forEach(regex -> Pattern.compile(regex.asText()));
      if (!told.path("isOptional").asBoolean()) {
        required.add(name);
      }
    }
    assertTrue(required.containsAll(List.of("key", "modelStore")), required::toString);
    assertTrue(parameters(pipeline).containsKey("warehouseUrl"));
    assertEquals(
        pipeline.kind() == ReadyPipeline.Kind.BATCH,
        required.containsAll(List.of("warehouseUrl", "warehouseUser", "staging")));
  }

  @Test
  void scoresParameters() throws Exception {
    Map<String, JsonNode> parameters = parameters(ReadyPipeline.named("score").orElseThrow());
    assertEquals(
        "{\"name\":\"alias\",\"label\":\"Alias\",\"helpText\":\"Alias of the models to score with;"
            + " champion unless set\",\"isOptional\":true}",
        String.valueOf(parameters.get("alias")));
    assertEquals(
        "[\"^(APPEND|TRUNCATE|EMPTY)$\"]",
        told(parameters, "targetMode").path("regexes").toString());
    assertEquals(
        "Warehouse private key passphrase",
        told(parameters, "warehousePrivateKeyPassphrase").path("label").asText());
    assertTrue(parameters.containsKey("sdkContainerImage"));
    assertFalse(parameters.containsKey("runner"));
  }

  @Test
  void theLauncherImageRunsTheJarThatTheBuildMakes() throws Exception {
    String image = read("docker/dataflow-template.Dockerfile");
    String version = only("<version>([^<]+)</version>", read("pom.xml"));
    assertTrue(image.contains("/sheaf-runner-dataflow-" + version + "-bundled.jar /template/"));
    assertEquals(Main.class.getName(), only("JAVA_MAIN_CLASS=(\\S+)", image));
    assertEquals(only("(/template/\\S+)\n", image), only("JAVA_CLASSPATH=(\\S+)", image));
    assertTrue(image.contains(Main.PIPELINE_VARIABLE + "=${PIPELINE}"));
    assertTrue(image.contains("COPY docker/with-secrets.sh /opt/sheaf/with-secrets\n"));
  }

  @Test
  void workersRunTheBeamThatTheJobWasBuiltWith() throws Exception {
    String beam = only("<beam.version>([^<]+)<", read("pom.xml"));
    for (String file : List.of("dataflow-worker", "dataflow-gpu")) {
      String image = read("docker/" + file + ".Dockerfile");
      assertEquals(beam, only("FROM apache/beam_java17_sdk:(\\S+)", image));
      assertTrue(image.contains("libgomp1"), file);
    }
  }

  @Test
  void thePageNamesEachFileAndPipeline() throws Exception {
    String page = read("docs/dataflow.md");
    for (String file : List.of("dataflow-template", "dataflow-worker", "dataflow-gpu")) {
      assertTrue(page.contains("docker/" + file + ".Dockerfile"), file);
    }
    for (ReadyPipeline pipeline : ReadyPipeline.ALL) {
      assertTrue(page.contains("`" + pipeline.name() + "`"), pipeline::name);
    }
  }

  private static JsonNode told(Map<String, JsonNode> parameters, String name) {
    return Objects.requireNonNull(parameters.get(name));
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  private static String only(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(matcher.find(), () -> "no " + pattern + " in\n" + text);
    return matcher.group(1);
  }
}
