package dev.sheaf.runner.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.beam.model.pipeline.v1.RunnerApi;

/**
 * A job as it would be sent.
 *
 * @param job the request, with the steps where the classic worker runs them
 * @param graph the graph where Runner v2 runs it
 */
record Translation(JsonNode job, RunnerApi.Pipeline graph) {
  static Translation read(Path folder) throws IOException {
    return new Translation(
        new ObjectMapper().readTree(folder.resolve("job.json").toFile()),
        RunnerApi.Pipeline.parseFrom(Files.readAllBytes(folder.resolve("pipeline.pb"))));
  }

  /** The names of the classic worker's steps. */
  List<String> steps() {
    return StreamSupport.stream(job.path("steps").spliterator(), false)
        .map(step -> step.path("properties").path("user_name").path("value").asText())
        .toList();
  }

  /** The steps that the pipeline itself names. */
  List<String> topSteps() {
    return graph.getRootTransformIdsList().stream()
        .map(id -> graph.getComponents().getTransformsOrThrow(id).getUniqueName())
        .sorted()
        .toList();
  }

  /** For each step that asks for machines: what it asks for, as text. */
  Map<String, Map<String, String>> hints() {
    Map<String, Map<String, String>> hints = new TreeMap<>();
    for (RunnerApi.PTransform step : graph.getComponents().getTransformsMap().values()) {
      Map<String, String> asked =
          graph
              .getComponents()
              .getEnvironmentsOrDefault(
                  step.getEnvironmentId(), RunnerApi.Environment.getDefaultInstance())
              .getResourceHintsMap()
              .entrySet()
              .stream()
              .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toStringUtf8()));
      if (!asked.isEmpty() && step.getSubtransformsCount() == 0) {
        hints.put(step.getUniqueName(), asked);
      }
    }
    return hints;
  }
}
