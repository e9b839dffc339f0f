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
    while (operation.get("location") == null) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the savepoint failed: " + operation);
      }
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
      operation = savepoint(folder, end);
    }
    return operation.get("location").asText();
  }

  private JsonNode savepoint(Path folder, long end) throws IOException, InterruptedException {
    String job = "";
    for (JsonNode each : get("/jobs").get("jobs")) {
      if (each.get("status").asText().equals("RUNNING")) {
        job = each.get("id").asText();
      }
    }
    String body =
        "{\"cancel-job\":true,\"target-directory\":\"file://%s\"}"
            .formatted(folder.toAbsolutePath());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/jobs/" + job + "/savepoints"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    String answer = http.send(request, BodyHandlers.ofString()).body();
    JsonNode trigger = JSON.readTree(answer).get("request-id");
    if (trigger == null) {
      throw new IllegalStateException("no savepoint of job " + job + ": " + answer);
    }
    JsonNode state = get("/jobs/" + job + "/savepoints/" + trigger.asText());
    while (!state.get("status").get("id").asText().equals("COMPLETED")) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("no savepoint within " + LIMIT + ": " + state);
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      state = get("/jobs/" + job + "/savepoints/" + trigger.asText());
    }
    return state.get("operation");
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(
        http.send(HttpRequest.newBuilder(URI.create(base + path)).build(), BodyHandlers.ofString())
            .body());
  }
}
