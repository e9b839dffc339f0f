package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ModelStore;
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

  private int place(String key) {
    return table.find(KeyTable.code(key), key);
  }

  /** The key of the model that is found for a key; null if there is none. */
  private @Nullable String found(String key) {
    return place(key) == NearModels.NONE ? null : table.models().modelKey(place(key));
  }

  private ChosenModel chosen(String key) {
    return Objects.requireNonNull(generation.ofKey(key));
  }

  private void keep(String key) {
    table.keep(KeyTable.code(key), loaded(key));
  }

  private ChosenModel loaded(String key) {
    return ScoredRows.load(cache, generation, key);
  }

  @Test
  void aKeyIsFoundAndNoOtherOfTheSameHash() {
    keep(KEY);
    assertEquals(KeyTable.code(KEY), KeyTable.code(ALIKE));
    assertEquals(KEY, found(KEY));
    assertNull(found(ALIKE));
    keep(ALIKE);
    assertEquals(ALIKE, found(ALIKE));
    assertNull(found(KEY));
  }

  @Test
  void aModelThatIsNotLoadedHasNoPlace() {
    assertEquals(NearModels.NONE, table.keep(KeyTable.code("7"), chosen("7")));
    assertEquals(NearModels.NONE, table.keepShared(chosen("7")));
    assertNull(found("7"));
  }

  @Test
  void aSharedModelHasOnePlace() {
    ChosenModel shared = loaded("7");
    int place = table.keepShared(shared);
    keep(KEY);
    assertEquals(place, table.keepShared(shared));
    assertEquals("7", table.models().modelKey(place));
  }

  @Test
  void nothingIsFoundOnceAnyModelWasDropped() {
    keep("7");
    table.begin(generation, cache.drops());
    assertEquals("7", found("7"));
    table.letGo(cache.drops());
    assertEquals("7", found("7"));
    cache.leave();
    table.letGo(cache.drops());
    assertNull(found("7"));
  }

  @Test
  void nothingIsKeptWhileTheCacheDropsModels() {
    table.begin(generation, cache.drops() + 1);
    int place = table.keep(KeyTable.code("7"), loaded("7"));
    assertEquals("7", table.models().modelKey(place));
    assertNull(found("7"));
    table.begin(generation, cache.drops() + 1);
    keep("7");
    assertEquals("7", found("7"));
    table.letGo(cache.drops() + 2);
    assertNull(found("7"));
  }

  @Test
  void anotherGenerationBeginsWithNothing() {
    keep("7");
    table.begin(
        new Generation(ModelStore.at(folder.toString()).champion().resolve()), cache.drops());
    assertNull(found("7"));
  }

  @Test
  void itGrowsUntilMostKeysAreFound() {
    ChosenModel any = loaded("7");
    List<String> keys = IntStream.range(100_000, 150_000).mapToObj(Integer::toString).toList();
    long there = 0;
    for (int time = 0; time < 4; time++) {
      table.begin(generation, cache.drops());
      there = keys.stream().filter(key -> found(key) != null).count();
      keys.stream()
          .filter(key -> found(key) == null)
          .forEach(key -> table.keep(KeyTable.code(key), any));
    }
    assertTrue(there > 45_000, there + " of 50,000 keys are there");
  }

  @Test
  void whatWasFoundStaysWhereItIsUntilTheNextLookUp() {
    ChosenModel first = loaded("7");
    ChosenModel second = loaded(KEY);
    int[] places =
        IntStream.range(0, 200_000)
            .map(key -> table.keep(KeyTable.code(Integer.toString(key)), first))
            .toArray();
    IntStream.range(200_000, 400_000)
        .forEach(key -> table.keep(KeyTable.code(Integer.toString(key)), second));
    assertTrue(
        IntStream.of(places).allMatch(place -> table.models().chosen(place) == first),
        "a place went to another model");
  }

  @Test
  void theNumberOfPlacesIsLimited() {
    ChosenModel any = loaded("7");
    int highest = 0;
    for (int key = 0; key < 1_000_000; key++) {
      if (key % 256 == 0) {
        table.begin(generation, cache.drops());
      }
      highest = Math.max(highest, table.keep(KeyTable.code(Integer.toString(key)), any));
    }
    assertTrue(highest < 140_000, "the highest place is " + highest);
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
