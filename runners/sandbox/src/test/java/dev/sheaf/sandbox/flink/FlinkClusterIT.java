package dev.sheaf.sandbox.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.sandbox.process.SandboxException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class FlinkClusterIT {
  private final Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  FlinkClusterIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void replacesATaskManagerAndLeavesNoProcess() throws Exception {
    List<Long> pids = new ArrayList<>();
    TaskManagerMemory memory = TaskManagerMemory.small().withHeap(200).withNetwork(80);
    try (FlinkCluster cluster =
        FlinkCluster.in(folder)
            .withTaskManagers(2)
            .withSlots(3)
            .withMemory(memory)
            .withSetting("heartbeat.timeout", "5000")
            .start()) {
      assertEquals(List.of(1, 2), cluster.taskManagers());
      JsonNode overview = get(cluster, "/overview");
      assertEquals(2, overview.get("taskmanagers").asInt());
      assertEquals(6, overview.get("slots-total").asInt());
      assertTrue(page(cluster).contains("Apache Flink Web Dashboard"));
      assertEquals("5000", setting(cluster, "heartbeat.timeout"));
      assertEquals("80m", setting(cluster, "taskmanager.memory.network.max"));

      cluster.killTaskManager(1);
      assertEquals(List.of(2), cluster.taskManagers());
      FlinkCluster found = FlinkCluster.find(folder).orElseThrow();
      assertEquals(cluster.restAddress(), found.restAddress());
      assertEquals(List.of(2), found.taskManagers());
      assertEquals(3, cluster.startTaskManager());
      assertEquals(Set.of("jobmanager", "taskmanager-2", "taskmanager-3"), cluster.pids().keySet());
      while (get(cluster, "/overview").get("taskmanagers").asInt() != 2) {
        Thread.onSpinWait(); // Until the JobManager has noticed; the test has a limit.
      }
      pids.addAll(cluster.pids().values());
    }
    for (long pid : pids) {
      ProcessHandle.of(pid)
          .ifPresent(process -> process.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }
    assertEquals(Optional.empty(), FlinkCluster.find(folder));
  }

  @Test
  void tellsWhyAClusterDoesNotStart() {
    FlinkCluster.Builder builder =
        FlinkCluster.in(folder).withSetting("taskmanager.cpu.cores", "none");
    SandboxException e = assertThrows(SandboxException.class, builder::start);
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith("taskmanager-1 ended before it was known to the JobManager"),
        e::toString);
    assertTrue(String.valueOf(e.getMessage()).contains("taskmanager.cpu.cores"), e::toString);
    assertEquals(Optional.empty(), FlinkCluster.find(folder));
  }

  @Test
  void refusesSettingsThatHaveMethods() {
    FlinkCluster.Builder builder = FlinkCluster.in(folder);
    assertEquals(
        "cannot set 'taskmanager.memory.managed.size' by itself: use withMemory and withPort",
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.withSetting("taskmanager.memory.managed.size", "1g"))
            .getMessage());
  }

  private String setting(FlinkCluster cluster, String key) throws Exception {
    for (JsonNode entry : get(cluster, "/jobmanager/config")) {
      if (entry.get("key").asText().equals(key)) {
        return entry.get("value").asText();
      }
    }
    throw new IllegalStateException("the JobManager knows no " + key);
  }

  private String page(FlinkCluster cluster) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(cluster.webAddress() + "/index.html")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private JsonNode get(FlinkCluster cluster, String path) throws Exception {
    return new ObjectMapper()
        .readTree(
            client
                .send(
                    HttpRequest.newBuilder(URI.create(cluster.webAddress() + path)).build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
  }
}
