package dev.sheaf.models.store;

import static dev.sheaf.models.store.StoreFixtures.FIRST;
import static dev.sheaf.models.store.StoreFixtures.model;
import static dev.sheaf.models.store.StoreFixtures.publish;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class AnyKeyTest {
  /** Whatever the keys are, each gives back its own bytes, after a round through the files. */
  @Property(tries = 60)
  void keepsAnyKey(
      @ForAll @NotEmpty @Size(max = 40) Set<String> texts,
      @ForAll @IntRange(min = 1, max = 20) int shards)
      throws IOException {
    Path temporary = Files.createTempDirectory("store");
    try {
      ModelStore store = ModelStore.at(temporary.toString());
      Map<String, CandidateModel> models = new HashMap<>();
      for (String text : texts) {
        String key = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        models.put(key, model(key, "model of " + key, key.hashCode()));
      }
      for (String key : NASTY) {
        models.put(key, model(key, "model of " + key, Double.NaN));
      }
      publish(store, FIRST, shards, models.values().toArray(new CandidateModel[0]));
      ModelVersion version = store.version(FIRST);
      assertEquals(models.keySet(), version.index().keySet());
      for (CandidateModel model : models.values()) {
        assertArrayEquals(model.onnx(), version.load(model.key()));
        IndexEntry entry = version.find(model.key()).orElseThrow();
        assertEquals(model.metrics(), entry.metrics());
        assertEquals(model.rows(), entry.rows());
      }
    } finally {
      delete(temporary);
    }
  }

  private static final List<String> NASTY =
      List.of(
          "",
          ".",
          "..",
          "../../etc/passwd",
          "/",
          "a/b",
          "a\\b",
          "%",
          "%2F",
          "A",
          "a",
          "con",
          " leading",
          "trailing ",
          "quote\"quote",
          "comma,comma",
          "line\r\nbreak",
          "\r",
          "\n",
          "\u0000",
          "~",
          "~empty",
          "é",
          "e\u0301",
          "\uD83D\uDE00",
          "x".repeat(255),
          "x".repeat(5000),
          "x".repeat(4999) + "y",
          "ü".repeat(2000),
          "NULL",
          "NaN");

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
