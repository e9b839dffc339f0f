package dev.sheaf.sandbox.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
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

  /**
   * The resource ids of the TaskManagers whose slots can be had; a TaskManager is known a little
   * before its slots are. None while the JobManager does not answer.
   */
  Set<String> taskManagers() {
    Set<String> ids = new HashSet<>();
    for (JsonNode entry : get("/taskmanagers").path("taskmanagers")) {
      if (entry.path("slotsNumber").asInt() > 0) {
        ids.add(entry.path("id").asText());
      }
    }
    return ids;
  }

  private JsonNode get(String path) {
    try {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : MissingNode.getInstance();
    } catch (IOException e) {
      return MissingNode.getInstance(); // Not there yet; who waits has a limit.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return MissingNode.getInstance();
    }
  }
}
