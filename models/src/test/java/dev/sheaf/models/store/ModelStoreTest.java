package dev.sheaf.models.store;

import static dev.sheaf.models.store.StoreFixtures.FIRST;
import static dev.sheaf.models.store.StoreFixtures.SECOND;
import static dev.sheaf.models.store.StoreFixtures.THIRD;
import static dev.sheaf.models.store.StoreFixtures.model;
import static dev.sheaf.models.store.StoreFixtures.publish;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
  private final Path folder;

  ModelStoreTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void servesWhatTheAliasSaysKeyByKey() {
    ModelStore store = store();
    publish(store, FIRST, 4, model("a", "a1", 1), model("b", "b1", 2), model("gone", "g1", 3));
    publish(store, SECOND, 4, model("a", "a2", 4), model("b", "b2", 5));
    store.promote(
        "champion", Alias.to(SECOND).withOverride("b", FIRST).withOverride("gone", FIRST));

    ResolvedModels served = store.champion().resolve();
    assertEquals(Set.of("a", "b", "gone"), served.keys());
    assertEquals("a2", content(served, "a"));
    assertEquals("b1", content(served, "b"));
    assertEquals("g1", content(served, "gone"));
    assertEquals(FIRST, served.find("b").orElseThrow().version());
    assertEquals(2, served.entry("b").orElseThrow().metrics().get("rmse"));
    assertEquals(Optional.empty(), served.find("c"));
    assertEquals(Optional.empty(), served.entry("c"));
  }

  @Test
  void rollsBackOneKeyAndAllOfThem() {
    ModelStore store = store();
    publish(store, FIRST, 1, model("a", "a1", 1), model("b", "b1", 2));
    publish(store, SECOND, 1, model("a", "a2", 3), model("b", "b2", 4));
    store.promote("champion", Alias.to(SECOND));
    ResolvedModels before = store.champion().resolve();

    store.promote("champion", store.alias("champion").orElseThrow().withOverride("a", FIRST));
    ResolvedModels one = store.champion().resolve();
    assertEquals("a1", content(one, "a"));
    assertEquals("b2", content(one, "b"));
    assertNotEquals(before.token(), one.token());
    assertEquals(one.token(), store.champion().token());

    store.promote("champion", Alias.to(FIRST));
    assertEquals("b1", content(store.champion().resolve(), "b"));
    // What was resolved earlier serves on, and references of one moment load at another.
    assertEquals("b2", content(before, "b"));
    assertArrayEquals(bytes("a2"), one.load(before.find("a").orElseThrow()));

    store.promote("champion", Alias.to(SECOND));
    assertEquals(before.token(), store.champion().token());
  }

  @Test
  void aliasesAreApartAndVersionsCanBePinned() {
    ModelStore store = store();
    publish(store, FIRST, 1, model("a", "a1", 1));
    publish(store, SECOND, 1, model("a", "a2", 2));
    store.promote("champion", Alias.to(FIRST));
    store.promote("challenger", Alias.to(SECOND));
    assertEquals("a1", content(store.champion().resolve(), "a"));
    assertEquals("a2", content(store.aliased("challenger").resolve(), "a"));
    assertEquals("a2", content(store.pinned(SECOND).resolve(), "a"));
    assertEquals(SECOND.text(), store.pinned(SECOND).token());
    assertEquals(Optional.empty(), store.alias("other"));
  }

  @Test
  void anAliasLeavesOutOverridesThatSayNothing() {
    Alias alias = new Alias(SECOND, Map.of("a", SECOND, "b", FIRST));
    assertEquals(Map.of("b", FIRST), alias.overrides());
    assertEquals(FIRST, alias.versionOf("b"));
    assertEquals(SECOND, alias.versionOf("a"));
  }

  @Test
  void listsCommittedVersionsByTime() throws IOException {
    ModelStore store = store();
    assertEquals(List.of(), store.versions());
    publish(store, SECOND, 1, model("a", "a2", 1));
    publish(store, FIRST, 1, model("a", "a1", 1));
    store.write(THIRD).writeShard(0, 1, List.of(model("a", "a3", 1)));
    Files.createDirectories(folder.resolve("store/versions/notes"));
    Files.writeString(folder.resolve("store/versions/notes/manifest.json"), "{}");
    assertEquals(List.of(FIRST, SECOND), store.versions());
    assertEquals(Optional.empty(), store.find(THIRD));
  }

  @Test
  void promotesOnlyWhatExists() {
    ModelStore store = store();
    publish(store, FIRST, 1, model("a", "a1", 1));
    publish(store, SECOND, 1, model("b", "b2", 1));
    assertMessage(() -> store.promote("champion", Alias.to(THIRD)), "cannot open version " + THIRD);
    assertMessage(
        () -> store.promote("champion", Alias.to(FIRST).withOverride("x", SECOND)),
        "version " + SECOND + " has no model for it");
    assertEquals(Optional.empty(), store.alias("champion"));
  }

  @Test
  void promotesOnlyOverTheAliasThatWasSeen() {
    ModelStore store = store();
    for (VersionId id : List.of(FIRST, SECOND, THIRD)) {
      publish(store, id, 1, model("a", id.text(), 1));
    }
    store.promote("champion", Optional.empty(), Alias.to(FIRST));
    Optional<String> seen = Optional.of(store.champion().token());
    store.promote("champion", seen, Alias.to(SECOND));
    store.promote("champion", seen, Alias.to(SECOND));
    assertMessage(
        () -> store.promote("champion", seen, Alias.to(THIRD)),
        "while it was published the alias was changed, to version " + SECOND);
    assertMessage(
        () -> store.promote("champion", Optional.empty(), Alias.to(THIRD)), "was changed");
    assertEquals(Optional.of(Alias.to(SECOND)), store.alias("champion"));
  }

  @Test
  void goesBackToWhatAVersionServedWhenItWasPublished() {
    ModelStore store = store();
    publish(store, FIRST, 2, model("a", "a1", 1), model("b", "b1", 2), model("c", "c1", 3));
    List<Verdict> verdicts =
        List.of(
            new Verdict("a", EntryStatus.PROMOTED, "better", 0.5, FIRST, 1.0),
            new Verdict("b", EntryStatus.REJECTED, "worse", 9.0, FIRST, 2.0),
            new Verdict("c", EntryStatus.KEPT, "no model", null, FIRST, 3.0));
    ModelVersion second =
        store
            .write(SECOND)
            .commit(
                StoreFixtures.writeShards(
                    store, SECOND, 2, model("a", "a2", 0.5), model("b", "b2", 9)),
                verdicts,
                Map.of("label", "SALES"));
    ModelVersion read = store.version(SECOND);
    assertEquals(second.manifest(), read.manifest());
    assertEquals(Map.of("label", "SALES"), read.manifest().properties());
    assertEquals(verdicts, read.verdicts());
    assertEquals(EntryStatus.REJECTED, read.find("b").orElseThrow().status());
    assertEquals(new Alias(SECOND, Map.of("b", FIRST, "c", FIRST)), read.aliasAsPublished());
  }

  @Test
  void isALocationThatTravels() throws IOException, ClassNotFoundException {
    ModelStore store = store();
    publish(store, FIRST, 1, model("a", "a1", 1));
    store.promote("champion", Alias.to(FIRST));
    ModelSelection selection = (ModelSelection) copy(store.champion());
    assertEquals("a1", content(selection.resolve(), "a"));
    assertEquals(store, copy(store));
    assertEquals(store, ModelStore.at(folder.resolve("store").toUri().toString()));
    assertEquals(Path.of("x").toAbsolutePath().toString(), ModelStore.at("./y/../x/").location());
  }

  private ModelStore store() {
    return ModelStore.at(folder.resolve("store").toString());
  }

  private static String content(ResolvedModels models, String key) {
    return new String(models.load(models.find(key).orElseThrow()), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertMessage(org.junit.jupiter.api.function.Executable step, String part) {
    StoreException e = assertThrows(StoreException.class, step);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  private static Object copy(Object value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
      objects.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      return in.readObject();
    }
  }
}
