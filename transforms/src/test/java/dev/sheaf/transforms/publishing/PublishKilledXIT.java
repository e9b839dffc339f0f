package dev.sheaf.transforms.publishing;

import static dev.sheaf.transforms.publishing.Models.FIRST;
import static dev.sheaf.transforms.publishing.Models.model;
import static dev.sheaf.transforms.publishing.Models.served;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.VersionId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that publishes, at each step of each file it writes, and publishes again. */
class PublishKilledXIT {
  private static final int SHARDS = 2;
  private final Path folder;
  private final ModelStore store;

  PublishKilledXIT(@TempDir Path folder) {
    this.folder = folder;
    this.store = ModelStore.at(folder.toString());
  }

  /** Publishes in a process of its own: a location, a version and a number that makes models. */
  public static void main(String[] args) {
    publish(ModelStore.at(args[0]), VersionId.ofText(args[1]), Integer.parseInt(args[2]));
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void whateverMomentItDiesTheOldVersionServesAndPublishingAgainWorks() throws Exception {
    publish(store, FIRST, 0);
    List<String> steps = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      VersionId version = VersionId.at(FIRST.time().plusSeconds(attempt));
      Map<String, String> before = serving();
      Optional<String> halted = publishAndKill(version, attempt);
      if (halted.isEmpty()) {
        break;
      }
      steps.add(halted.get());
      boolean promoted = halted.get().equals("placed champion.json");
      boolean committed =
          halted.get().endsWith("champion.json") || halted.get().equals("placed manifest.json");
      assertEquals(committed, store.versions().contains(version), halted.get());
      assertEquals(promoted ? expected(version, attempt) : before, serving(), halted.get());
      checkAllVersions();
      publish(store, version, attempt);
      assertEquals(expected(version, attempt), serving(), halted.get());
      checkAllVersions();
    }
    System.out.println("Killed at: " + steps);
    assertEquals(3 * (SHARDS + 4), steps.size(), steps.toString());
    for (String file :
        List.of("index.csv.gz", "verdicts.csv.gz", "manifest.json", "champion.json")) {
      assertTrue(steps.containsAll(List.of("half " + file, "whole " + file, "placed " + file)));
    }
  }

  /** The step at which the process was killed; empty if it went through. */
  private Optional<String> publishAndKill(VersionId version, int attempt)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-D" + HaltingStoreFiles.HALT_AT + "=" + attempt,
                "-cp",
                System.getProperty("java.class.path"),
                PublishKilledXIT.class.getName(),
                HaltingStoreFiles.SCHEME + folder,
                version.text(),
                Integer.toString(attempt))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(HaltingStoreFiles.HALTED)) {
          return Optional.of(line.substring(HaltingStoreFiles.HALTED.length()));
        }
      }
      assertTrue(process.waitFor(1, TimeUnit.MINUTES));
      assertEquals(0, process.exitValue());
      return Optional.empty();
    } finally {
      process.destroyForcibly();
      assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    }
  }

  private static void publish(ModelStore store, VersionId version, int attempt) {
    Pipeline p = Pipeline.create();
    p.apply(Create.of(models(attempt)))
        .apply(PublishModels.to(store).withVersion(version).withShards(SHARDS));
    p.run().waitUntilFinish();
  }

  // Each attempt makes a better "a" and "c", a worse "b"; "gone" is there the first time alone.
  private static List<CandidateModel> models(int attempt) {
    List<CandidateModel> models = new ArrayList<>();
    models.add(model("a", "a" + attempt, 100.0 - attempt));
    models.add(model("b", "b" + attempt, 100.0 + attempt));
    models.add(model("c", "c" + attempt, 200.0 - attempt));
    if (attempt == 0) {
      models.add(model("gone", "gone0", 1));
    }
    return models;
  }

  private static Map<String, String> expected(VersionId version, int attempt) {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("a", version + " a" + attempt);
    expected.put("b", FIRST + " b0");
    expected.put("c", version + " c" + attempt);
    expected.put("gone", FIRST + " gone0");
    return expected;
  }

  private Map<String, String> serving() {
    Map<String, String> serving = new LinkedHashMap<>();
    for (String key : List.of("a", "b", "c", "gone")) {
      serving.put(key, served(store, key));
    }
    return serving;
  }

  private void checkAllVersions() {
    for (VersionId id : store.versions()) {
      ModelVersion version = store.version(id);
      version.index().keySet().forEach(version::load);
      assertEquals(id.equals(FIRST) ? 4 : 3, version.index().size());
    }
  }
}
