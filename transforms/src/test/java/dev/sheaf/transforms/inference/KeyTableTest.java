package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.inference.KeyTable.Route;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyTableTest {
  /** Two keys with one hash. */
  private static final String KEY = "AaAaAaAa";

  private static final String ALIKE = "BBBBBBBB";

  private final ModelCache cache = new ModelCache();
  private final KeyTable table = new KeyTable();

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // set before each test
  private Generation generation;

  @BeforeEach
  void publish() {
    cache.join(1L << 30);
    ModelStore store = ModelStore.at(folder.toString());
    ScoredRows.publish(
        store,
        ScoredRows.model(ModelScope.key(KEY), StoredModel.onnx(KEY, 1)),
        ScoredRows.model(ModelScope.key(ALIKE), StoredModel.onnx(ALIKE, 2)),
        ScoredRows.model(ModelScope.key("7"), StoredModel.onnx("7", 3)));
    generation = new Generation(store.champion().resolve());
    table.begin(generation, cache.drops());
  }

  private @Nullable Route find(String key) {
    return table.find(KeyTable.code(key), key);
  }

  private Route found(String key) {
    return Objects.requireNonNull(find(key));
  }

  private ChosenModel chosen(String key) {
    return Objects.requireNonNull(generation.ofKey(key));
  }

  private void keep(String key) {
    ChosenModel chosen = chosen(key);
    ModelCache.Found found =
        cache.acquire(
            new ModelCache.Key(chosen.ref().digest(), ExecutionProvider.cpu()),
            templates -> generation.open(chosen.ref(), templates, ExecutionProvider.cpu()));
    chosen.found(found.lease().cached(), found.lease().model());
    found.lease().close();
    table.keep(Objects.requireNonNull(table.route(KeyTable.code(key), chosen)));
  }

  @Test
  void aKeyIsFoundAndNoOtherOfTheSameHash() {
    keep(KEY);
    assertEquals(KeyTable.code(KEY), KeyTable.code(ALIKE));
    assertEquals(KEY, found(KEY).chosen().modelKey());
    assertNull(find(ALIKE));
    keep(ALIKE);
    assertEquals(ALIKE, found(ALIKE).chosen().modelKey());
    assertNull(find(KEY));
  }

  @Test
  void aModelThatIsNotLoadedHasNoRoute() {
    assertNull(table.route(KeyTable.code("7"), chosen("7")));
    assertNull(find("7"));
  }

  @Test
  void nothingIsFoundOnceAnyModelWasDropped() {
    keep("7");
    table.begin(generation, cache.drops());
    assertNotNull(find("7"));
    cache.leave();
    table.begin(generation, cache.drops());
    assertNull(find("7"));
  }

  @Test
  void nothingIsKeptWhileTheCacheDropsModels() {
    table.begin(generation, cache.drops() + 1);
    keep("7");
    assertNull(find("7"));
    table.begin(generation, cache.drops() + 1);
    keep("7");
    assertNotNull(find("7"));
    table.letGo(cache.drops() + 2);
    assertNull(find("7"));
  }

  @Test
  void anotherGenerationBeginsWithNothing() {
    keep("7");
    table.begin(
        new Generation(ModelStore.at(folder.toString()).champion().resolve()), cache.drops());
    assertNull(find("7"));
  }

  @Test
  void itGrowsUntilMostKeysAreFound() {
    keep("7");
    Route any = found("7");
    List<String> keys = IntStream.range(100_000, 150_000).mapToObj(Integer::toString).toList();
    long there = 0;
    for (int time = 0; time < 4; time++) {
      there = keys.stream().filter(key -> find(key) != null).count();
      for (String key : keys) {
        if (find(key) == null) {
          table.keep(
              new Route(
                  KeyTable.code(key), any.chosen(), any.cached(), any.template(), any.weights()));
        }
      }
    }
    assertTrue(there > 30_000, there + " of 50,000 keys are there");
  }

  @Test
  void shortKeysHaveCodesOfTheirOwn() {
    Set<Long> codes = new HashSet<>();
    List<String> keys =
        List.of(
            "", "0", "00", "a", "\0", "\0\0", "aaaaaaa", "\u00ff", "\u0100", "\u0100a", "aaaaaaaa");
    keys.forEach(key -> codes.add(KeyTable.code(key)));
    assertEquals(keys.size(), codes.size());
    assertNotEquals(KeyTable.code("1"), KeyTable.code("01"));
  }
}
