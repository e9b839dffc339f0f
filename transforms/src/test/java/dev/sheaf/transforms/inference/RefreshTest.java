package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelSelection;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Filter;
import org.apache.beam.sdk.transforms.Latest;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.windowing.AfterPane;
import org.apache.beam.sdk.transforms.windowing.GlobalWindows;
import org.apache.beam.sdk.transforms.windowing.Repeatedly;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RefreshTest {
  private static final VersionId FIRST = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
  private static final VersionId SECOND = VersionId.at(Instant.parse("2026-01-02T00:00:00Z"));

  @TempDir private Path folder = Path.of("");
  private ModelStore store = ModelStore.at("unset");
  private final MutableClock clock = new MutableClock();
  private final List<Models> open = new ArrayList<>();

  @BeforeEach
  void aStoreOfTwoVersions() {
    store = ModelStore.at(folder.resolve("models").toString());
    write(FIRST, "a", 10, "b", 20);
    write(SECOND, "a", 11, "b", 20, "c", 30);
    promote(Alias.to(FIRST));
  }

  @AfterEach
  void leave() {
    open.forEach(Models::close);
  }

  private void write(VersionId version, Object... keysAndIntercepts) {
    List<CandidateModel> models = new ArrayList<>();
    for (int i = 0; i < keysAndIntercepts.length; i += 2) {
      String key = (String) keysAndIntercepts[i];
      byte[] onnx = StoredModel.onnx(key, (Integer) keysAndIntercepts[i + 1]);
      models.add(CandidateModel.of(key, onnx, 20, Map.of()));
    }
    VersionWriter writer = store.write(version);
    writer.commit(List.of(writer.writeShard(0, 1, models)), List.of(), Map.of());
  }

  private void promote(Alias alias) {
    store.promote(ModelStore.CHAMPION, alias);
  }

  private Models models() {
    Models models =
        new Models(
            ScoreSettings.of(store.champion())
                .refreshedEvery(Duration.ofMinutes(1))
                .withClock(clock),
            new InferenceMetrics(),
            Sleeper.DEFAULT);
    open.add(models);
    return models;
  }

  private static ChosenModel chosen(Models models, String key) {
    return Objects.requireNonNull(models.generation().ofKey(key));
  }

  private static VersionId version(Models models, String key) {
    return chosen(models, key).ref().version();
  }

  @Test
  void allInstancesOfAJvmShareOneIndexAndOneLook() {
    Models one = models();
    Models other = models();
    assertSame(one.generation(), other.generation());
    promote(Alias.to(SECOND));
    clock.advance(Duration.ofSeconds(61));
    one.refresh();
    assertEquals(FIRST, version(other, "a"));
    other.refresh();
    assertSame(one.generation(), other.generation());
    assertEquals(SECOND, version(other, "a"));
  }

  @Test
  void aSessionOfAModelThatDidNotChangeIsKept() {
    Models models = models();
    CachedModel before;
    try (CachedModel.Lease lease = models.acquire(chosen(models, "b"), 1)) {
      before = lease.cached();
    }
    promote(Alias.to(SECOND));
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    try (CachedModel.Lease lease = models.acquire(chosen(models, "b"), 1)) {
      assertSame(before, lease.cached());
    }
    try (CachedModel.Lease lease = models.acquire(chosen(models, "a"), 1)) {
      assertNotSame(before, lease.cached());
    }
  }

  @Test
  void aKeyThatANewVersionBringsIsScoredFromThenOn() {
    Models models = models();
    assertNull(models.generation().ofKey("c"));
    promote(Alias.to(SECOND));
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    assertNotNull(models.generation().ofKey("c"));
    models.acquire(chosen(models, "c"), 1).close();
  }

  @Test
  void anAliasRollsBackAllKeysOrOne() {
    Models models = models();
    promote(Alias.to(SECOND).withOverride("a", FIRST));
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    assertEquals(FIRST, version(models, "a"));
    assertEquals(SECOND, version(models, "b"));
    promote(Alias.to(FIRST));
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    assertEquals(FIRST, version(models, "b"));
    assertNull(models.generation().ofKey("c"));
  }

  @Test
  void aTokenIsFollowedAtOnceAndOnlyWhereItIsNew() {
    Models models = models();
    models.refreshTo(store.champion().token());
    Generation first = models.generation();
    promote(Alias.to(SECOND));
    models.refreshTo(store.champion().token());
    assertEquals(SECOND, version(models, "a"));
    assertNotSame(first, models.generation());
    Generation second = models.generation();
    models.refreshTo(store.champion().token());
    assertSame(second, models.generation());
  }

  @Test
  void ticksThatLookAtTheAliasBringTheNextVersion() {
    Schema schema = Schema.builder().addStringField("STORE").addInt64Field("PRICE").build();
    ModelStore models = store;
    ModelSelection champion = models.champion();
    // With one instance for all rows none takes the next version over by starting late.
    TestPipeline pipeline =
        TestPipeline.fromOptions(PipelineOptionsFactory.fromArgs("--targetParallelism=1").create())
            .enableAbandonedNodeEnforcement(true);
    PCollection<String> events =
        pipeline.apply(
            TestStream.create(StringUtf8Coder.of())
                .addElements("tick", "sale")
                .addElements(SECOND.toString())
                .addElements("sale")
                .addElements("tick")
                .addElements("sale")
                .addElements(FIRST.toString())
                .addElements("tick")
                .addElements("sale")
                .advanceWatermarkToInfinity());
    PCollection<String> promoted =
        events
            .apply("Versions", Filter.by(event -> event.startsWith("2026")))
            .apply(
                "Promote",
                MapElements.into(TypeDescriptors.strings())
                    .via(
                        version -> {
                          Alias alias = Alias.to(VersionId.ofText(version));
                          models.promote(ModelStore.CHAMPION, alias);
                          return version;
                        }));
    PCollectionView<String> tokens =
        events
            .apply("Ticks", Filter.by(event -> event.equals("tick")))
            .apply("Look", MapElements.into(TypeDescriptors.strings()).via(t -> champion.token()))
            .apply(
                Window.<String>into(new GlobalWindows())
                    .triggering(Repeatedly.forever(AfterPane.elementCountAtLeast(1)))
                    .discardingFiredPanes())
            .apply(Latest.globally())
            .apply(View.<String>asSingleton().withDefaultValue(""));
    PCollection<String> versions =
        events
            .apply("Sales", Filter.by(event -> event.equals("sale")))
            .apply(
                MapElements.into(TypeDescriptors.rows())
                    .via(sale -> Row.withSchema(schema).addValues("a", 1L).build()))
            .setRowSchema(schema)
            .apply(RunInference.with(champion).keyedBy("STORE").refreshedBy(tokens))
            .apply(
                "Seen",
                MapElements.into(TypeDescriptors.strings())
                    .via(row -> row.getDouble("PREDICTION") + " " + row.getString("MODEL_VERSION")))
            .setCoder(StringUtf8Coder.of());
    PAssert.that(promoted).containsInAnyOrder(SECOND.toString(), FIRST.toString());
    PAssert.that(versions)
        .containsInAnyOrder("12.0 " + FIRST, "12.0 " + FIRST, "13.0 " + SECOND, "12.0 " + FIRST);
    pipeline.run().waitUntilFinish();
  }

  @Test
  void aBrokenVersionIsTriedAgainAfterAPauseAndTheOldOneStays() throws IOException {
    Models models = models();
    promote(Alias.to(SECOND));
    String token = store.champion().token();
    Path index = folder.resolve("models/versions/" + SECOND + "/index.csv.gz");
    byte[] good = Files.readAllBytes(index);
    Files.write(index, new byte[] {1, 2, 3});
    models.refreshTo(token);
    assertEquals(FIRST, version(models, "a"));
    Files.write(index, good);
    models.refreshTo(token);
    assertEquals(FIRST, version(models, "a"));
    clock.advance(Duration.ofSeconds(11));
    models.refreshTo(token);
    assertEquals(SECOND, version(models, "a"));
  }

  @Test
  void manyRefreshesLeaveNothingBehind() throws IOException {
    Models models = models();
    long residentBefore = 0;
    long held = 0;
    for (int i = 0; i < 300; i++) {
      promote(Alias.to(i % 2 == 0 ? SECOND : FIRST));
      clock.advance(Duration.ofSeconds(61));
      models.refresh();
      assertEquals(i % 2 == 0 ? SECOND : FIRST, version(models, "a"));
      models.acquire(chosen(models, "a"), 1).close();
      models.acquire(chosen(models, "b"), 1).close();
      if (i == 99) {
        residentBefore = residentBytes();
        held = ModelCache.shared().heldBytes();
      }
    }
    assertEquals(held, ModelCache.shared().heldBytes());
    long grown = residentBytes() - residentBefore;
    assertTrue(grown < 64 << 20, "grown by " + grown + " bytes");
  }

  /** Of this process, by proc(5); 0 where the system has none. */
  private static long residentBytes() throws IOException {
    Path statm = Path.of("/proc/self/statm");
    System.gc();
    return Files.exists(statm)
        ? Long.parseLong(Files.readString(statm).split(" ", -1)[1]) * 4096
        : 0;
  }
}
