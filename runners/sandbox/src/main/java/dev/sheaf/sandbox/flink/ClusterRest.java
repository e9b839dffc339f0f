package dev.sheaf.sandbox.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Asks a JobManager who is there. */
final class ClusterRest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String address;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  ClusterRest(String address) {
    this.address = address;
  }

  /** The resource ids of the TaskManagers; none while the JobManager does not answer. */
  Set<String> taskManagers() {
    Set<String> ids = new HashSet<>();
    get("/taskmanagers")
        .ifPresent(
            answer ->
                answer.path("taskmanagers").forEach(entry -> ids.add(entry.path("id").asText())));
    return ids;
  }

  private Optional<JsonNode> get(String path) {
    try {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.of(JSON.readTree(answer.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // Not there yet; who waits has a limit.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
