package dev.sheaf.runner.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.sandbox.flink.FlinkCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
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

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(
        http.send(HttpRequest.newBuilder(URI.create(base + path)).build(), BodyHandlers.ofString())
            .body());
  }
}
