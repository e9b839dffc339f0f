package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxModel;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import org.apache.beam.sdk.values.PCollectionView;
import org.jspecify.annotations.Nullable;

/**
 * What both general doors let a user set.
 *
 * @param pollInterval how often the model's file is looked at, if it is
 * @param updates the location that serves now, if it may change
 * @param workers what the machines must have; null for what the model's provider needs
 */
record InferSettings(
    OnnxModel model,
    Batching batching,
    @Nullable Duration pollInterval,
    @Nullable PCollectionView<String> updates,
    Clock clock,
    @Nullable WorkerResources workers)
    implements Serializable {
  private static final int DEFAULT_SIZE = 4096;

  static InferSettings of(OnnxModel model) {
    return new InferSettings(
        model, Batching.upTo(DEFAULT_SIZE), null, null, Clock.systemUTC(), null);
  }

  InferSettings withBatching(Batching changed) {
    return new InferSettings(model, changed, pollInterval, updates, clock, workers);
  }

  InferSettings withTimeLimit(Duration changed) {
    positive("withTimeLimit", changed);
    return new InferSettings(
        model.withCallLimit(changed), batching, pollInterval, updates, clock, workers);
  }

  InferSettings refreshedEvery(Duration interval) {
    positive("refreshedEvery", interval);
    if (updates != null) {
      throw new IllegalArgumentException(
          "refreshedEvery: it does not go together with withModelUpdates, which was set");
    }
    return new InferSettings(model, batching, interval, null, clock, workers);
  }

  InferSettings withModelUpdates(PCollectionView<String> locations) {
    if (pollInterval != null) {
      throw new IllegalArgumentException(
          "withModelUpdates: it does not go together with refreshedEvery, which was set");
    }
    return new InferSettings(model, batching, null, locations, clock, workers);
  }

  InferSettings withClock(Clock changed) {
    return new InferSettings(model, batching, pollInterval, updates, changed, workers);
  }

  InferSettings withWorkers(WorkerResources changed) {
    return new InferSettings(model, batching, pollInterval, updates, clock, changed);
  }

  WorkerResources resources() {
    return workers == null ? WorkerResources.of(model.provider()) : workers;
  }

  private static void positive(String option, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(
          option + ": a positive duration is needed, found " + duration);
    }
  }
}
