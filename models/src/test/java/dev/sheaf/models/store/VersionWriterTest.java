package dev.sheaf.models.store;

import static dev.sheaf.models.store.StoreFixtures.FIRST;
import static dev.sheaf.models.store.StoreFixtures.model;
import static dev.sheaf.models.store.StoreFixtures.publish;
import static dev.sheaf.models.store.StoreFixtures.writeShards;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionWriterTest {
  private final Path folder;

  VersionWriterTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void makesAnOrdinaryZip() throws IOException {
    ModelStore store = store();
    store.write(FIRST).writeShard(2, 5, List.of(model("b/c", "bc", 1), model("a", "aa", 2)));
    try (ZipFile zip = new ZipFile(shard("models-00002-of-00005.zip").toFile())) {
      assertEquals(List.of("a.onnx", "b%2Fc.onnx"), zip.stream().map(ZipEntry::getName).toList());
      assertArrayEquals(
          "bc".getBytes(StandardCharsets.UTF_8),
          zip.getInputStream(zip.getEntry("b%2Fc.onnx")).readAllBytes());
    }
  }

  @Test
  void theSameModelsMakeTheSameBytesInAnyOrderAndTimeZone() throws IOException {
    List<CandidateModel> models = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      models.add(model("k" + i, "content " + i, i));
    }
    Path file = shard("models-00000-of-00001.zip");
    store().write(FIRST).writeShard(0, 1, models);
    byte[] first = Files.readAllBytes(file);
    Collections.shuffle(models, new Random(7));
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
      store().write(FIRST).writeShard(0, 1, models);
    } finally {
      TimeZone.setDefault(before);
    }
    assertArrayEquals(first, Files.readAllBytes(file));
  }

  @Test
  void attemptsAtTheSameTimeLeaveOneWholeShard() throws Exception {
    List<CandidateModel> models = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      models.add(model("k" + i, ("content " + i).repeat(100), i));
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<ShardEntries>> attempts =
          Collections.nCopies(24, () -> store().write(FIRST).writeShard(0, 1, models));
      List<ShardEntries> written = new ArrayList<>();
      for (Future<ShardEntries> attempt : pool.invokeAll(attempts)) {
        written.add(attempt.get());
      }
      assertEquals(1, written.stream().distinct().count());
      List<Callable<ModelVersion>> commits =
          Collections.nCopies(
              8, () -> store().write(FIRST).commit(List.of(written.get(0)), List.of(), Map.of()));
      for (Future<ModelVersion> commit : pool.invokeAll(commits)) {
        assertEquals(500, commit.get().manifest().models());
      }
    } finally {
      pool.shutdownNow();
    }
    for (CandidateModel model : models) {
      assertArrayEquals(model.onnx(), store().version(FIRST).load(model.key()));
    }
    try (Stream<Path> files = Files.list(shard("x").resolveSibling(""))) {
      assertEquals(
          List.of("index.csv.gz", "manifest.json", "models-00000-of-00001.zip", "verdicts.csv.gz"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void anAttemptThatFailsLeavesNothing() throws IOException {
    StoreFiles files = LocalStoreFiles.INSTANCE;
    Path file = folder.resolve("f");
    Files.writeString(file, "before");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                files.write(
                    file.toString(),
                    out -> {
                      out.write(1);
                      throw new IOException("the disk broke");
                    }));
    assertEquals("the disk broke", e.getMessage());
    assertEquals("before", Files.readString(file));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void committingTheSameAgainChangesNothing() throws IOException {
    CandidateModel[] models = {model("a", "a1", 1), model("b", "b1", 2)};
    publish(store(), FIRST, 2, models);
    Path manifest = shard("manifest.json");
    Files.setLastModifiedTime(manifest, java.nio.file.attribute.FileTime.fromMillis(1000));
    publish(store(), FIRST, 2, models);
    assertEquals(1000, Files.getLastModifiedTime(manifest).toMillis());
  }

  @Test
  void committingSomethingElseIsRefused() {
    publish(store(), FIRST, 1, model("a", "a1", 1));
    assertRefused(
        () -> publish(store(), FIRST, 1, model("a", "a2", 1)),
        "it is committed already, with other models in shard 0");
    assertRefused(
        () -> publish(store(), FIRST, 1, model("a", "a1", 2)),
        "it is committed already, with other models in shard 0");
    List<ShardEntries> same = writeShards(store(), FIRST, 1, model("a", "a1", 1));
    assertRefused(
        () -> store().write(FIRST).commit(same, List.of(), Map.of("label", "X")),
        "it is committed already, with other content");
    assertArrayEquals("a1".getBytes(StandardCharsets.UTF_8), store().version(FIRST).load("a"));
  }

  @Test
  void refusesModelsThatCannotBeKeptApartOrAreNotWhatTheySay() {
    VersionWriter writer = store().write(FIRST);
    CandidateModel one = model("a", "a1", 1);
    CandidateModel lying =
        new CandidateModel("b", one.onnx(), "0".repeat(64), 1, Map.of("rmse", 1.0));
    assertBad(() -> writer.writeShard(0, 1, List.of(one, one)), "two models for key \"a\"");
    assertBad(() -> writer.writeShard(0, 1, List.of(lying)), "its digest is " + one.digest());
    assertBad(() -> writer.writeShard(0, 1, List.of()), "no models");
    assertBad(() -> writer.writeShard(1, 1, List.of(one)), "cannot write shard 1 of 1");
    assertBad(() -> writer.commit(List.of(), List.of(), Map.of()), "it has no models");
    ShardEntries shard = writer.writeShard(0, 1, List.of(one));
    assertBad(() -> writer.commit(List.of(shard, shard), List.of(), Map.of()), "comes twice");
    ShardEntries other = writer.writeShard(1, 2, List.of(model("c", "c1", 1)));
    assertBad(() -> writer.commit(List.of(shard, other), List.of(), Map.of()), "one shard is of 1");
  }

  @Test
  void refusesToCommitAShardThatIsGone() throws IOException {
    List<ShardEntries> shards = writeShards(store(), FIRST, 1, model("a", "a1", 1));
    Files.delete(shard("models-00000-of-00001.zip"));
    assertRefused(
        () -> store().write(FIRST).commit(shards, List.of(), Map.of()),
        "models-00000-of-00001.zip: it is not there");
    assertEquals(List.of(), store().versions());
  }

  private Path shard(String name) {
    return folder.resolve("versions").resolve(FIRST.text()).resolve(name);
  }

  private ModelStore store() {
    return ModelStore.at(folder.toString());
  }

  private static void assertRefused(org.junit.jupiter.api.function.Executable step, String part) {
    StoreException e = assertThrows(StoreException.class, step);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  private static void assertBad(org.junit.jupiter.api.function.Executable step, String part) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, step);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
