package dev.sheaf.transforms.publishing;

import static dev.sheaf.transforms.publishing.Models.model;
import static dev.sheaf.transforms.publishing.Models.served;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.testing.TestPipeline;
import org.apache.beam.sdk.testing.TestStream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version per window: in order, late, overtaken and published before. */
final class PublishWindowsTest {
  private static final Instant FIRST_DAY = Instant.parse("2026-11-01T00:00:00Z");
  private static final VersionId FIRST = VersionId.ofText("20261102T000000.000Z");
  private static final VersionId SECOND = VersionId.ofText("20261103T000000.000Z");
  private static final VersionId FIRST_LATE = VersionId.ofText("20261102T000000.000Z-late1");

  private final ModelStore store;

  PublishWindowsTest(@TempDir Path folder) {
    store = ModelStore.at(folder.toString());
  }

  private static TimestampedValue<CandidateModel> on(int day, CandidateModel model) {
    return TimestampedValue.of(model, startOf(day).plus(Duration.standardHours(day)));
  }

  private static Instant startOf(int day) {
    return FIRST_DAY.plus(Duration.standardDays(day - 1L));
  }

  private static TestStream.Builder<CandidateModel> stream() {
    return TestStream.create(CandidateModelCoder.of());
  }

  private PublishModels.Result publish(
      TestPipeline pipeline, TestStream<CandidateModel> stream, Gate gate) {
    return pipeline
        .apply(stream)
        .apply(
            Window.<CandidateModel>into(FixedWindows.of(Duration.standardDays(1)))
                .withAllowedLateness(Duration.standardDays(3))
                .accumulatingFiredPanes())
        .apply(PublishModels.to(store).promoteIf(gate).withShards(3));
  }

  private static TestPipeline pipeline() {
    return TestPipeline.create().enableAbandonedNodeEnforcement(true);
  }

  @Test
  void aLateVersionReplacesWhatItsWindowServesButNothingOfALaterOne() {
    TestPipeline pipeline = pipeline();
    PublishModels.Result result =
        publish(
            pipeline,
            stream()
                .addElements(on(1, model("a", "a1", 2)), on(1, model("b", "b1", 3)))
                .advanceWatermarkTo(startOf(2))
                .addElements(on(2, model("a", "a2", 4)))
                .advanceWatermarkTo(startOf(3))
                .addElements(on(1, model("b", "b1 late", 2.5)), on(1, model("a", "a1 late", 1)))
                .advanceWatermarkToInfinity(),
            Gate.always());
    PAssert.that(result.version())
        .satisfies(
            versions -> {
              Map<VersionId, PublishedVersion> found = new java.util.TreeMap<>();
              versions.forEach(version -> found.put(version.version(), version));
              assertEquals(new PublishedVersion(FIRST, 2, 2, 0, 0), found.get(FIRST));
              assertEquals(new PublishedVersion(SECOND, 1, 1, 0, 1), found.get(SECOND));
              assertEquals(
                  2,
                  found.values().stream()
                      .filter(version -> version.version().text().contains("-late"))
                      .mapToLong(PublishedVersion::models)
                      .sum());
              return null;
            });
    pipeline.run().waitUntilFinish();
    assertEquals(SECOND + " a2", served(store, "a"));
    assertTrue(served(store, "b").endsWith(" b1 late"), served(store, "b"));
    assertTrue(served(store, "b").startsWith(FIRST + "-late"), served(store, "b"));
  }

  @Test
  void lateModelsThatComeTogetherAreOneVersion() {
    TestPipeline pipeline = pipeline();
    PublishModels.Result result =
        publish(
            pipeline,
            stream()
                .addElements(on(1, model("a", "a1", 2)))
                .advanceWatermarkTo(startOf(2))
                .addElements(on(1, model("b", "b1", 3)), on(1, model("c", "c1", 3)))
                .advanceProcessingTime(Duration.standardSeconds(9))
                .addElements(on(1, model("d", "d1", 3)))
                .advanceProcessingTime(Duration.standardSeconds(2))
                .addElements(on(1, model("e", "e1", 3)))
                .advanceWatermarkToInfinity(),
            Gate.always());
    PAssert.that(result.version())
        .satisfies(
            versions -> {
              Map<String, Long> models = new java.util.TreeMap<>();
              versions.forEach(one -> models.put(one.version().text(), one.models()));
              assertEquals(
                  Map.of(FIRST.text(), 1L, FIRST_LATE.text(), 3L, FIRST + "-late2", 1L), models);
              return null;
            });
    pipeline.run().waitUntilFinish();
    assertEquals(FIRST_LATE + " d1", served(store, "d"));
  }

  @Test
  void ofSeveralModelsForAKeyTheOneOfMostRowsCounts() {
    TestPipeline pipeline = pipeline();
    CandidateModel small = model("a", "small", 1);
    CandidateModel large =
        CandidateModel.of("a", model("a", "large", 1).onnx(), 101, Map.of("rmse", 1.0));
    publish(
        pipeline,
        stream()
            .addElements(on(1, small), on(1, large), on(1, model("a", "small too", 1)))
            .advanceWatermarkToInfinity(),
        Gate.always());
    pipeline.run().waitUntilFinish();
    assertEquals(FIRST + " large", served(store, "a"));
  }

  @Test
  void whatWasPublishedFirstStandsWhenAWindowComesAgain() {
    TestPipeline first = pipeline();
    publish(
        first,
        stream().addElements(on(1, model("a", "a1", 2))).advanceWatermarkToInfinity(),
        Gate.always());
    first.run().waitUntilFinish();
    TestPipeline again = pipeline();
    PublishModels.Result result =
        publish(
            again,
            stream().addElements(on(1, model("a", "other", 2))).advanceWatermarkToInfinity(),
            Gate.always());
    PAssert.that(result.version()).containsInAnyOrder(new PublishedVersion(FIRST, 1, 1, 0, 0));
    again.run().waitUntilFinish();
    assertEquals(FIRST + " a1", served(store, "a"));
  }

  @Test
  void modelsThatNoVersionOfAWindowHasBecomeAnotherWhenItComesAgain() {
    TestPipeline first = pipeline();
    publish(
        first,
        stream()
            .addElements(on(1, model("a", "a1", 2)), on(1, model("c", "c1", 2)))
            .advanceWatermarkToInfinity(),
        Gate.always());
    first.run().waitUntilFinish();
    CandidateModel more =
        CandidateModel.of("c", model("c", "c of more rows", 1).onnx(), 101, Map.of("rmse", 1.0));
    for (int time = 0; time < 2; time++) {
      TestPipeline again = pipeline();
      publish(
          again,
          stream()
              .addElements(on(1, model("a", "other", 2)), on(1, model("b", "b", 1)), on(1, more))
              .advanceWatermarkToInfinity(),
          Gate.always());
      again.run().waitUntilFinish();
      assertEquals(List.of(FIRST, FIRST_LATE), store.versions());
      assertEquals(FIRST + " a1", served(store, "a"));
      assertEquals(FIRST_LATE + " b", served(store, "b"));
      assertEquals(FIRST_LATE + " c of more rows", served(store, "c"));
    }
  }

  @Test
  void aWindowThatComesAgainDoesNotUndoARollback() {
    store
        .write(VersionId.ofText("20261101T120000.000Z"))
        .commit(
            List.of(
                store
                    .write(VersionId.ofText("20261101T120000.000Z"))
                    .writeShard(0, 1, List.of(model("a", "nightly", 9)))),
            List.of(),
            Map.of());
    TestStream<CandidateModel> events =
        stream().addElements(on(1, model("a", "a1", 2))).advanceWatermarkToInfinity();
    TestPipeline first = pipeline();
    publish(first, events, Gate.always());
    first.run().waitUntilFinish();
    assertEquals(FIRST + " a1", served(store, "a"));
    store.promote(ModelStore.CHAMPION, Alias.to(VersionId.ofText("20261101T120000.000Z")));
    TestPipeline again = pipeline();
    PublishModels.Result result = publish(again, events, Gate.always());
    PAssert.that(result.version()).empty();
    again.run().waitUntilFinish();
    assertEquals("20261101T120000.000Z nightly", served(store, "a"));
  }

  @Test
  void aBoundedCollectionInWindowsIsAVersionEachToo() {
    TestPipeline pipeline = pipeline();
    PCollection<CandidateModel> models =
        pipeline.apply(
            Create.timestamped(
                    on(1, model("a", "a1", 2)),
                    on(2, model("a", "a2", 3)),
                    on(2, model("b", "b", 1)))
                .withCoder(CandidateModelCoder.of()));
    PublishModels.Result result =
        models
            .apply(Window.into(FixedWindows.of(Duration.standardDays(1))))
            .apply(PublishModels.to(store).promoteIf(Gate.never()));
    PAssert.that(result.version())
        .containsInAnyOrder(
            new PublishedVersion(FIRST, 1, 0, 0, 0), new PublishedVersion(SECOND, 2, 0, 0, 0));
    pipeline.run().waitUntilFinish();
    assertEquals(List.of(FIRST, SECOND), store.versions());
  }

  @Test
  void aNameForEveryWindowIsRefused() {
    TestPipeline pipeline = TestPipeline.create().enableAbandonedNodeEnforcement(false);
    PCollection<CandidateModel> models =
        pipeline
            .apply(stream().advanceWatermarkToInfinity())
            .apply(Window.into(FixedWindows.of(Duration.standardDays(1))));
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> models.apply(PublishModels.to(store).withVersion(FIRST_LATE)));
    assertTrue(
        String.valueOf(refusal.getMessage()).startsWith("withVersion: a version per window"));
  }
}
