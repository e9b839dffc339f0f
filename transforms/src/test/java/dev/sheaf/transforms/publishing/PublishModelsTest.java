package dev.sheaf.transforms.publishing;

import static dev.sheaf.transforms.publishing.Models.FIRST;
import static dev.sheaf.transforms.publishing.Models.SECOND;
import static dev.sheaf.transforms.publishing.Models.THIRD;
import static dev.sheaf.transforms.publishing.Models.model;
import static dev.sheaf.transforms.publishing.Models.served;
import static dev.sheaf.transforms.publishing.Models.withoutRmse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.DirectWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishModelsTest {
  private final Path folder;
  private final ModelStore store;

  PublishModelsTest(@TempDir Path folder) {
    this.folder = folder;
    this.store = ModelStore.at(folder.toString());
  }

  @Test
  void theFirstVersionServesAllItsKeys() {
    run(
        to(FIRST),
        List.of(model("a", "a1", 1.5), withoutRmse("b/ü", "b1")),
        new PublishedVersion(FIRST, 2, 2, 0, 0),
        row("a", FIRST, "PROMOTED", "nothing served this key", 1.5, null),
        row("b/ü", FIRST, "PROMOTED", "nothing served this key", null, null));
    assertEquals(FIRST + " a1", served(store, "a"));
    assertEquals(FIRST + " b1", served(store, "b/ü"));
    assertEquals("nothing", served(store, "c"));
    ModelVersion version = store.version(FIRST);
    assertEquals("BETTER_THAN_CHAMPION", version.manifest().properties().get("sheaf.gate"));
    assertEquals(Map.of("version", FIRST.text()), ModelMetadata.read(version.load("a")));
    assertEquals(100, version.find("a").orElseThrow().rows());
    assertEquals(Map.of("rmse", 1.5, "mae", 0.75), version.find("a").orElseThrow().metrics());
  }

  @Test
  void everyKeyHasItsOwnVerdict() {
    publish(
        to(FIRST),
        model("better", "b1", 2),
        model("worse", "w1", 3),
        model("equal", "e1", 4),
        model("gone", "g1", 5),
        model("nan", "n1", 6),
        model("none", "o1", 7),
        withoutRmse("unknown", "u1"));
    run(
        to(SECOND),
        List.of(
            model("better", "b2", 1.9),
            model("worse", "w2", 3.1),
            model("equal", "e2", 4),
            model("new", "x2", 99),
            model("nan", "n2", Double.NaN),
            withoutRmse("none", "o2"),
            model("unknown", "u2", 8)),
        new PublishedVersion(SECOND, 7, 4, 3, 1),
        row("better", SECOND, "PROMOTED", notAbove(FIRST), 1.9, 2.0),
        row("worse", SECOND, "REJECTED", above(FIRST), 3.1, 3.0),
        row("equal", SECOND, "PROMOTED", notAbove(FIRST), 4.0, 4.0),
        row("new", SECOND, "PROMOTED", "nothing served this key", 99.0, null),
        row("nan", SECOND, "REJECTED", noRmse(FIRST), null, 6.0),
        row("none", SECOND, "REJECTED", noRmse(FIRST), null, 7.0),
        row("unknown", SECOND, "PROMOTED", "the champion has no loss, version " + FIRST, 8.0, null),
        row("gone", SECOND, "KEPT", kept(FIRST), null, 5.0));
    assertEquals(SECOND + " b2", served(store, "better"));
    assertEquals(FIRST + " w1", served(store, "worse"));
    assertEquals(SECOND + " e2", served(store, "equal"));
    assertEquals(SECOND + " x2", served(store, "new"));
    assertEquals(FIRST + " n1", served(store, "nan"));
    assertEquals(FIRST + " g1", served(store, "gone"));
    assertEquals(EntryStatus.REJECTED, store.version(SECOND).find("worse").orElseThrow().status());
    assertEquals(EntryStatus.PROMOTED, store.version(SECOND).find("equal").orElseThrow().status());
  }

  @Test
  void championsMayStemFromManyVersions() {
    publish(to(FIRST), model("a", "a1", 1), model("b", "b1", 5), model("c", "c1", 5));
    publish(to(SECOND), model("a", "a2", 2), model("b", "b2", 2), model("c", "c2", 4));
    run(
        to(THIRD),
        List.of(model("a", "a3", 1.5), model("b", "b3", 3)),
        new PublishedVersion(THIRD, 2, 0, 2, 1),
        row("a", THIRD, "REJECTED", above(FIRST), 1.5, 1.0),
        row("b", THIRD, "REJECTED", above(SECOND), 3.0, 2.0),
        row("c", THIRD, "KEPT", kept(SECOND), null, 4.0));
    assertEquals(
        Optional.of(new Alias(THIRD, Map.of("a", FIRST, "b", SECOND, "c", SECOND))),
        store.alias("champion"));
    assertEquals(FIRST + " a1", served(store, "a"));
    assertEquals(SECOND + " b2", served(store, "b"));
    assertEquals(SECOND + " c2", served(store, "c"));
  }

  @Test
  void alwaysPromotesButDropsNoKey() {
    publish(to(FIRST), model("a", "a1", 1), model("b", "b1", 1));
    run(
        to(SECOND).promoteIf(Gate.always()),
        List.of(model("a", "a2", 100)),
        new PublishedVersion(SECOND, 1, 1, 0, 1),
        row("a", SECOND, "PROMOTED", "the gate always promotes", 100.0, 1.0),
        row("b", SECOND, "KEPT", kept(FIRST), null, 1.0));
    assertEquals(SECOND + " a2", served(store, "a"));
    assertEquals(FIRST + " b1", served(store, "b"));
  }

  @Test
  void neverPromotesAndStores() {
    publish(to(FIRST), model("a", "a1", 1));
    run(
        to(SECOND).promoteIf(Gate.never()),
        List.of(model("a", "a2", 0.5)),
        new PublishedVersion(SECOND, 1, 0, 0, 0),
        row("a", SECOND, "STORED", "the gate never promotes", 0.5, null));
    assertEquals(FIRST + " a1", served(store, "a"));
    assertEquals(List.of(FIRST, SECOND), store.versions());
  }

  @Test
  void nothingToPublishPublishesNothing() {
    run(to(FIRST), List.of(), PublishedVersion.nothing(FIRST));
    assertEquals(List.of(), store.versions());
    assertEquals(Optional.empty(), store.alias("champion"));
    publish(to(SECOND), model("a", "a2", 1));
    run(to(THIRD), List.of(), PublishedVersion.nothing(THIRD));
    assertEquals(SECOND + " a2", served(store, "a"));
  }

  @Test
  void theSameAgainComesToTheSame() throws IOException {
    publish(to(FIRST), model("a", "a1", 2), model("b", "b1", 2), model("c", "c1", 2));
    List<CandidateModel> models = List.of(model("a", "a2", 1), model("b", "b2", 3));
    Row[] rows = {
      row("a", SECOND, "PROMOTED", notAbove(FIRST), 1.0, 2.0),
      row("b", SECOND, "REJECTED", above(FIRST), 3.0, 2.0),
      row("c", SECOND, "KEPT", kept(FIRST), null, 2.0)
    };
    run(to(SECOND), models, new PublishedVersion(SECOND, 2, 1, 1, 1), rows);
    Map<String, String> before = contents();
    run(to(SECOND), models, new PublishedVersion(SECOND, 2, 1, 1, 1), rows);
    assertEquals(before, contents());
  }

  @Test
  void theOrderOfTheModelsDoesNotMatter() throws IOException {
    List<CandidateModel> models = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      models.add(model("key " + i, "model " + i, i));
    }
    publish(to(FIRST), models.toArray(new CandidateModel[0]));
    Map<String, String> before = contents();
    try (Stream<Path> files = Files.walk(folder.resolve("versions"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder.resolve("aliases/champion.json"));
    Collections.shuffle(models, new Random(3));
    publish(to(FIRST), models.toArray(new CandidateModel[0]));
    assertEquals(before, contents());
  }

  @Test
  void aVersionThatIsThereWithOtherModelsIsRefused() {
    publish(to(FIRST), model("a", "a1", 1));
    assertFails(() -> publish(to(FIRST), model("a", "other", 1)), "cannot change version " + FIRST);
    assertFails(
        () -> publish(to(FIRST), model("a", "a1", 1), model("b", "b1", 1)),
        "cannot change version " + FIRST);
    assertEquals(FIRST + " a1", served(store, "a"));
  }

  @Test
  void whoComesSecondToTheAliasFailsAndKeepsItsVersion() {
    publish(to(FIRST), model("a", "a1", 3));
    // Judged and committed, then cut off before the alias; another publish comes between.
    Publication cutOff =
        new Publication(store, SECOND, Gate.betterThanChampion(), Publication.Order.FREE, Map.of());
    cutOff.commit(List.of(store.write(SECOND).writeShard(0, 1, List.of(model("a", "a2", 2)))));
    publish(to(THIRD), model("a", "a3", 1));
    assertFails(
        () ->
            cutOff.finish(
                List.of(store.write(SECOND).writeShard(0, 1, List.of(model("a", "a2", 2))))),
        "cannot promote version " + SECOND);
    assertEquals(THIRD + " a3", served(store, "a"));
    assertEquals(List.of(FIRST, SECOND, THIRD), store.versions());
  }

  @Test
  void twoModelsForOneKeyAreRefused() {
    assertFails(
        () -> publish(to(FIRST), model("a", "a1", 1), model("a", "a2", 2)),
        "cannot write two models for key \"a\"");
    assertEquals(List.of(), store.versions());
  }

  @Test
  void aBrokenChampionStopsThePublish() throws IOException {
    publish(to(FIRST), model("a", "a1", 1));
    Path alias = folder.resolve("aliases/champion.json");
    Files.writeString(alias, "{");
    assertFails(() -> publish(to(SECOND), model("a", "a2", 1)), "cannot read the alias " + alias);
    assertEquals(List.of(FIRST), store.versions());
  }

  @Test
  void spreadsOverShardsAndWritesProperties() throws IOException {
    publish(
        to(FIRST).withShards(2).withProperty("label", "SALES"),
        model("a", "a1", 1),
        model("b", "b1", 1),
        model("c", "c1", 1));
    try (Stream<Path> files = Files.list(folder.resolve("versions").resolve(FIRST.text()))) {
      assertEquals(
          List.of("models-00000-of-00002.zip", "models-00001-of-00002.zip"),
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".zip"))
              .sorted()
              .toList());
    }
    assertEquals("SALES", store.version(FIRST).manifest().properties().get("label"));
  }

  @Test
  void theVersionIsFixedWhenTheTransformIsMade() {
    Clock clock = Clock.fixed(Instant.parse("2026-11-20T23:51:10.123Z"), ZoneOffset.UTC);
    assertEquals(
        VersionId.ofText("20261120T235110.123Z"), PublishModels.to(store, clock).version());
    assertEquals(THIRD, PublishModels.to(store, clock).withVersion(THIRD).version());
  }

  @Test
  void counts() {
    publish(to(FIRST), model("a", "a1", 1), model("b", "b1", 1), model("c", "c1", 1));
    Pipeline p = Pipeline.create();
    p.apply(Create.of(model("a", "a2", 0.5), model("b", "b2", 2))).apply(to(SECOND));
    PipelineResult result = p.run();
    result.waitUntilFinish();
    Map<String, Long> counters = new TreeMap<>();
    for (MetricResult<Long> counter :
        result
            .metrics()
            .queryMetrics(
                MetricsFilter.builder()
                    .addNameFilter(MetricNameFilter.inNamespace(PublishModels.class))
                    .build())
            .getCounters()) {
      counters.merge(counter.getName().getName(), counter.getCommitted(), Long::sum);
    }
    long bytes =
        store.version(SECOND).index().values().stream().mapToLong(entry -> entry.bytes()).sum();
    assertEquals(
        Map.of(
            "models_published", 2L,
            "models_promoted", 1L,
            "models_rejected", 1L,
            "models_kept", 1L,
            "model_byte_size", bytes),
        counters);
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "unchecked"})
  void publishesToAnyBeamFileSystem(String scheme) {
    ModelStore far = ModelStore.at(scheme + "://" + UUID.randomUUID() + "/models");
    for (VersionId version : List.of(FIRST, SECOND)) {
      Pipeline p = Pipeline.create();
      p.apply(Create.of(model("a", version + "!", 1), model("b", "b", 2)))
          .apply(PublishModels.to(far).withVersion(version).withShards(3));
      p.run().waitUntilFinish();
    }
    assertEquals(List.of(FIRST, SECOND), far.versions());
    assertEquals(SECOND + " " + SECOND + "!", served(far, "a"));
  }

  @Test
  void refusesWhatCannotBeAVersion() {
    assertRefused(() -> to(FIRST).withShards(0), "cannot publish in 0 shards: valid are 1 to");
    assertRefused(() -> to(FIRST).withProperty("", "x"), "cannot write the property \"\"");
    assertRefused(() -> to(FIRST).withProperty("sheaf.gate", "x"), "\"sheaf.gate\"");
    Pipeline p = Pipeline.create();
    PCollection<CandidateModel> unbounded =
        p.apply(TestStream.create(VarIntCoder.of()).advanceWatermarkToInfinity())
            .apply(
                MapElements.into(TypeDescriptor.of(CandidateModel.class))
                    .via(number -> model("a", "a", 1)));
    assertRefused(() -> unbounded.apply("Unbounded", to(FIRST)), "it is unbounded");
  }

  private PublishModels to(VersionId version) {
    return PublishModels.to(store).withVersion(version);
  }

  private static void publish(PublishModels publish, CandidateModel... models) {
    Pipeline p = Pipeline.create();
    p.apply(Create.of(Arrays.asList(models))).apply(publish);
    p.run().waitUntilFinish();
  }

  private static void run(
      PublishModels publish, List<CandidateModel> models, PublishedVersion version, Row... rows) {
    Pipeline p = Pipeline.create();
    PublishModels.Result result =
        p.apply(Create.of(models).withType(TypeDescriptor.of(CandidateModel.class))).apply(publish);
    PAssert.thatSingleton(result.version()).isEqualTo(version);
    if (rows.length == 0) {
      PAssert.that(result.verdicts()).empty();
    } else {
      PAssert.that(result.verdicts()).containsInAnyOrder(rows);
    }
    p.run().waitUntilFinish();
  }

  private static Row row(
      String key,
      VersionId version,
      String status,
      String reason,
      @Nullable Double rmse,
      @Nullable Double championRmse) {
    return Row.withSchema(PublishModels.VERDICTS)
        .addValues(key, version.text(), status, reason, rmse, championRmse)
        .build();
  }

  private static String above(VersionId champion) {
    return "the loss is above the champion's, version " + champion;
  }

  private static String notAbove(VersionId champion) {
    return "the loss is not above the champion's, version " + champion;
  }

  private static String noRmse(VersionId champion) {
    return "no loss to compare with the champion's, version " + champion;
  }

  private static String kept(VersionId champion) {
    return "the new version has no model for this key; version " + champion + " serves it on";
  }

  /** Every file of the store with its bytes. */
  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Arrays.toString(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static void assertFails(Executable step, String part) {
    Throwable e = assertThrows(RuntimeException.class, step);
    DirectWorkers.awaitEnd();
    StringBuilder messages = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      messages.append(cause).append('\n');
    }
    assertTrue(messages.toString().contains(part), messages.toString());
  }

  private static void assertRefused(Executable step, String part) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, step);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
