package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.util.Sleeper;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelsTest {
  @TempDir private Path folder = Path.of("");
  private final List<Long> slept = new ArrayList<>();

  /** A store whose one model, of key "a", no cache has seen. */
  private ModelStore publish(double intercept) {
    ModelStore store = ModelStore.at(folder.resolve("models").toString());
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    pipeline
        .apply(Create.of(CandidateModel.of("a", StoredModel.onnx("a", intercept), 20, Map.of())))
        .apply(
            PublishModels.to(store)
                .withVersion(VersionId.at(Instant.parse("2026-01-01T00:00:00Z")))
                .withShards(1)
                .promoteIf(Gate.always()));
    pipeline.run().waitUntilFinish();
    return store;
  }

  private static Models models(ModelStore store, Sleeper sleeper) {
    return models(store, sleeper, Clock.systemUTC());
  }

  private static Models models(ModelStore store, Sleeper sleeper, Clock clock) {
    return new Models(
        ScoreSettings.of(store.champion())
            .refreshedEvery(Duration.ofMinutes(1))
            .withCacheBytes(1 << 20)
            .withClock(clock),
        new InferenceMetrics(),
        sleeper);
  }

  private static CachedModel.Lease acquire(Models models) {
    return models.acquire(Objects.requireNonNull(models.generation().ofKey("a")), 1);
  }

  private Path shard() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".zip")).findFirst().orElseThrow();
    }
  }

  /** Reading the shard fails as a disk does: a folder can be opened but not read. */
  private static Path cutOff(Path shard) throws IOException {
    Path aside = Files.move(shard, shard.resolveSibling("aside"));
    Files.createDirectory(shard);
    return aside;
  }

  private static void restore(Path aside, Path shard) {
    try {
      Files.delete(shard);
      Files.move(aside, shard);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aShortOutageOfTheStoreIsWaitedFor() throws IOException {
    ModelStore store = publish(0.0625);
    Path shard = shard();
    Path aside = cutOff(shard);
    Models waiting =
        models(
            store,
            millis -> {
              slept.add(millis);
              if (slept.size() == 2) {
                restore(aside, shard);
              }
            });
    acquire(waiting).close();
    waiting.close();
    assertEquals(List.of(200L, 800L), slept);
  }

  @Test
  void aLongOutageIsThrownSoThatTheRunnerRepeatsTheBundle() throws IOException {
    Models models = models(publish(0.03125), slept::add);
    cutOff(shard());
    StoreException e = assertThrows(StoreException.class, () -> acquire(models));
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot load key \"a\""), e.getMessage());
    assertEquals(List.of(200L, 800L), slept);
    models.close();
  }

  @Test
  void anInterruptedWaitEndsAtOnceAndStaysInterrupted() throws IOException {
    Models models =
        models(
            publish(0.015625),
            millis -> {
              throw new InterruptedException();
            });
    cutOff(shard());
    assertThrows(StoreException.class, () -> acquire(models));
    assertTrue(Thread.interrupted());
    models.close();
  }

  @Test
  void aMissingOrChangedFileIsNoOutageAndIsRemembered() throws IOException {
    MutableClock clock = new MutableClock();
    Models models = models(publish(0.75), slept::add, clock);
    Path shard = shard();
    byte[] good = Files.readAllBytes(shard);
    byte[] bytes = good.clone();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 1;
    }
    Files.write(shard, bytes);
    assertRefuses(models, "was changed");
    Files.write(shard, new byte[] {1, 2, 3});
    assertRefuses(models, "was changed");
    clock.advance(Duration.ofMinutes(6));
    assertRefuses(models, "cut short");
    Files.delete(shard);
    clock.advance(Duration.ofMinutes(6));
    assertRefuses(models, "it is not there");
    Files.write(shard, good);
    assertRefuses(models, "it is not there");
    clock.advance(Duration.ofMinutes(6));
    acquire(models).close();
    assertEquals(List.of(), slept);
    models.close();
  }

  private static void assertRefuses(Models models, String reason) {
    ModelUnusableException e = assertThrows(ModelUnusableException.class, () -> acquire(models));
    assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
  }

  @Test
  void aNewVersionIsTriedThoughTheModelOfTheOldOneCouldNotBeUsed() throws IOException {
    MutableClock clock = new MutableClock();
    ModelStore store = publish(0.5);
    Models models = models(store, slept::add, clock);
    Path shard = shard();
    byte[] good = Files.readAllBytes(shard);
    Files.write(shard, new byte[] {1, 2, 3});
    assertRefuses(models, "cut short");
    Files.write(shard, good);
    VersionId second = VersionId.at(Instant.parse("2026-01-02T00:00:00Z"));
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    pipeline
        .apply(Create.of(CandidateModel.of("a", StoredModel.onnx("a", 0.5), 20, Map.of())))
        .apply(PublishModels.to(store).withVersion(second).withShards(1).promoteIf(Gate.always()));
    pipeline.run().waitUntilFinish();
    clock.advance(Duration.ofSeconds(61));
    models.refresh();
    acquire(models).close();
    models.close();
  }

  @Test
  void anOutageMakesNoBadRecords() throws IOException {
    ModelStore store = publish(0.875);
    cutOff(shard());
    Schema schema = Schema.builder().addStringField("STORE").addDoubleField("PRICE").build();
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(true);
    BadRecordErrorHandler<PCollection<Row>> handler =
        pipeline.registerBadRecordErrorHandler(BadRecordRows.create());
    pipeline
        .apply(Create.of(Row.withSchema(schema).addValues("a", 1.0).build()).withRowSchema(schema))
        .apply(
            RunInference.with(store.champion())
                .keyedBy("STORE")
                .withBadRecordErrorHandler(handler));
    handler.close();
    Exception e = assertThrows(Exception.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(String.valueOf(e.getMessage()).contains("cannot load key \"a\""), e.getMessage());
  }
}
