package dev.sheaf.runner.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.sandbox.flink.FlinkCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A cluster's jobs, over REST. */
final class ClusterJobs {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String base;

  ClusterJobs(FlinkCluster cluster) {
    this.base = "http://" + cluster.restAddress();
  }

  /**
   * Ends the one job that runs, with a savepoint; gives where that is. Tries again while the job
   * recovers from a fault.
   */
  String stopWithSavepoint(Path folder) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    JsonNode operation = savepoint(folder, end);
    while (!operation.has("location")) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("no savepoint within " + LIMIT + ": " + operation);
      }
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
      operation = savepoint(folder, end);
    }
    return operation.get("location").asText();
  }

  /** What came of an attempt; without a location if there is no savepoint. */
  private JsonNode savepoint(Path folder, long end) throws IOException, InterruptedException {
    String job = "";
    JsonNode jobs = get("/jobs");
    for (JsonNode each : jobs.get("jobs")) {
      if (each.get("status").asText().equals("RUNNING")) {
        job = each.get("id").asText();
      }
    }
    if (job.isEmpty()) {
      return jobs;
    }
    String body =
        "{\"cancel-job\":true,\"target-directory\":\"file://%s\"}"
            .formatted(folder.toAbsolutePath());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/jobs/" + job + "/savepoints"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    JsonNode trigger = JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
    if (!trigger.has("request-id")) {
      return trigger;
    }
    String place = "/jobs/" + job + "/savepoints/" + trigger.get("request-id").asText();
    JsonNode state = get(place);
    while (!state.get("status").get("id").asText().equals("COMPLETED") && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      state = get(place);
    }
    return state.has("operation") ? state.get("operation") : state;
  }

  /** Uploads a jar, as {@code curl -F jarfile=@...} does, and starts a pipeline of it. */
  void uploadAndRun(Path jar, List<String> pipeline) throws IOException, InterruptedException {
    String boundary = "jar-of-the-test";
    String head =
        "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\n"
                .formatted(boundary, jar.getFileName())
            + "Content-Type: application/x-java-archive\r\n\r\n";
    JsonNode uploaded =
        answer(
            HttpRequest.newBuilder(URI.create(base + "/jars/upload"))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(
                    BodyPublishers.concat(
                        BodyPublishers.ofString(head),
                        BodyPublishers.ofFile(jar),
                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"))));
    String file = uploaded.get("filename").asText();
    String id = file.substring(file.lastIndexOf('/') + 1);
    String body =
        JSON.writeValueAsString(
            Map.of("entryClass", Main.class.getName(), "programArgsList", pipeline));
    JsonNode started =
        answer(
            HttpRequest.newBuilder(URI.create(base + "/jars/" + id + "/run"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    assertTrue(started.has("jobid"), started::toString);
  }

  private JsonNode answer(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer::body);
    return JSON.readTree(answer.body());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(
        http.send(HttpRequest.newBuilder(URI.create(base + path)).build(), BodyHandlers.ofString())
            .body());
  }
}
