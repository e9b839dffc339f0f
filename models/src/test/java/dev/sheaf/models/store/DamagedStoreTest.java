package dev.sheaf.models.store;

import static dev.sheaf.models.store.StoreFixtures.FIRST;
import static dev.sheaf.models.store.StoreFixtures.SECOND;
import static dev.sheaf.models.store.StoreFixtures.model;
import static dev.sheaf.models.store.StoreFixtures.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is damaged says so, and which file it is. */
class DamagedStoreTest {
  private final Path folder;
  private final ModelStore store;

  DamagedStoreTest(@TempDir Path folder) {
    this.folder = folder;
    store = ModelStore.at(folder.toString());
    publish(store, FIRST, 1, model("a", "the model of a", 1), model("b", "the model of b", 2));
    store.promote("champion", Alias.to(FIRST));
  }

  @Test
  void aChangedModel() throws IOException {
    Path zip = file("models-00000-of-00001.zip");
    byte[] bytes = Files.readAllBytes(zip);
    bytes[(int) store.version(FIRST).find("b").orElseThrow().offset()]++;
    Files.write(zip, bytes);
    assertSays(() -> store.version(FIRST).load("b"), "key \"b\"", zip, "b.onnx was changed");
    assertEquals(14, store.version(FIRST).load("a").length);
  }

  @Test
  void aTruncatedZip() throws IOException {
    Path zip = file("models-00000-of-00001.zip");
    long cut = store.version(FIRST).find("b").orElseThrow().offset() + 3;
    Files.write(zip, Arrays.copyOf(Files.readAllBytes(zip), (int) cut));
    assertSays(
        () -> store.version(FIRST).load("b"), zip, "it is cut short: it ends at byte " + cut);
  }

  @Test
  void aMissingZip() throws IOException {
    Path zip = file("models-00000-of-00001.zip");
    Files.delete(zip);
    assertSays(() -> store.version(FIRST).load("b"), zip, "it is not there");
  }

  @Test
  void aKeyThatIsNotThere() {
    assertSays(() -> store.version(FIRST).load("c"), "cannot load key \"c\"", file("index.csv.gz"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"version\":\"latest\",\"overrides\":{}}",
        "{\"version\":\"20261101T010203.004Z\",\"override\":{}}",
        "{\"version\":\"20261101T010203.004Z\",\"overrides\":[]}",
        "{\"version\":\"20261101T010203.004Z\",\"overrides\":{\"a\":7}}",
        "{\"version\":7}",
        "{\"version\":\"20261101T010203.004Z\"} trailing"
      })
  void aCorruptAlias(String json) throws IOException {
    Path alias = folder.resolve("aliases/champion.json");
    Files.writeString(alias, json);
    assertSays(() -> store.champion().resolve(), "cannot read the alias", alias);
    assertSays(() -> store.champion().token(), "cannot read the alias", alias);
    assertSays(() -> store.alias("champion"), "cannot read the alias", alias);
  }

  @Test
  void anAliasToWhatIsNotThere() throws IOException {
    Path alias = folder.resolve("aliases/champion.json");
    Files.writeString(alias, "{\"version\":\"" + SECOND + "\"}");
    assertSays(() -> store.champion().resolve(), alias, "version " + SECOND + " does not exist");
    publish(store, SECOND, 1, model("z", "z", 1));
    Files.writeString(
        alias, "{\"version\":\"" + FIRST + "\",\"overrides\":{\"a\":\"" + SECOND + "\"}}");
    assertSays(() -> store.champion().resolve(), alias, "overrides key \"a\" to version " + SECOND);
  }

  @Test
  void noChampion() throws IOException {
    Path alias = folder.resolve("aliases/champion.json");
    Files.delete(alias);
    assertSays(() -> store.champion().resolve(), "there is no", alias, "Gate.always()");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"format\":2}", "{\"format\":1}", "not json"})
  void aCorruptManifest(String json) throws IOException {
    Files.writeString(file("manifest.json"), json);
    assertSays(() -> store.champion().resolve(), "cannot read the manifest", file("manifest.json"));
  }

  @Test
  void aManifestOfAnotherVersion() throws IOException {
    Files.createDirectories(folder.resolve("versions").resolve(SECOND.text()));
    Path copy = folder.resolve("versions").resolve(SECOND.text()).resolve("manifest.json");
    Files.copy(file("manifest.json"), copy);
    assertSays(() -> store.version(SECOND), copy, "it says that it is version " + FIRST);
  }

  @Test
  void aChangedIndex() throws IOException {
    publish(store, SECOND, 1, model("a", "x", 1), model("b", "y", 2));
    Path index = file("index.csv.gz");
    Files.copy(
        folder.resolve("versions").resolve(SECOND.text()).resolve("index.csv.gz"),
        index,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertSays(() -> store.champion().resolve(), "cannot read the index", index, "was changed");
    Files.write(index, new byte[] {1, 2, 3});
    assertSays(() -> store.champion().resolve(), "cannot read the index", index);
    Files.delete(index);
    assertSays(() -> store.champion().resolve(), index, "it is not there");
  }

  @Test
  void aFolderThatCannotBeWritten() throws IOException {
    Path inTheWay = folder.resolve("a-file");
    Files.writeString(inTheWay, "x");
    ModelStore below = ModelStore.at(inTheWay.resolve("store").toString());
    assertSays(below::checkWritable, "cannot write to the model store " + below.location());
    assertSays(() -> publish(below, FIRST, 1, model("a", "a", 1)), below.location());
    assertEquals(store, store.checkWritable());
  }

  @Test
  void aSchemeThatNobodyKnows() {
    ModelStore far = ModelStore.at("nowhere://models/sales/");
    assertEquals("nowhere://models/sales", far.location());
    assertSays(far::versions, "nowhere://models/sales", "no file system for \"nowhere:\"");
  }

  @Test
  void aNameThatIsNoAlias() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> store.aliased("../x"));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("cannot use \"../x\" as an alias"),
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> ModelStore.at(" "));
  }

  private Path file(String name) {
    return folder.resolve("versions").resolve(FIRST.text()).resolve(name);
  }

  private static void assertSays(Executable step, Object... parts) {
    StoreException e = assertThrows(StoreException.class, step);
    for (Object part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part.toString()), e.getMessage());
    }
  }
}
