package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.Tensor;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model that serves, and the one that comes after it.
 *
 * <p>A new one is opened, checked against what is read and written, and tried with inputs that the
 * old one took, all before the old one is let go. One that fails is counted and logged, and the old
 * one stays.
 */
final class CurrentModel<InT, OutT> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentModel.class);

  /** A location that could not be opened is tried again after this time. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final InferenceMetrics metrics;
  private final OpenModels open;
  private final Contents contents;
  private final Clock clock;
  private Serving<InT, OutT> serving;
  private Instant lookedAt;
  private OpenModels.@Nullable Key failed;
  private Instant failedAt = Instant.EPOCH;

  /** An open model and how elements become its inputs. */
  record Serving<InT, OutT>(
      OpenModels.Key key, OpenModels.Lease lease, Translator<InT, ?, OutT> translator) {}

  /** Opens the first model. */
  CurrentModel(
      Door<InT, OutT> door,
      InferSettings settings,
      InferenceMetrics metrics,
      OpenModels open,
      Contents contents) {
    this.door = door;
    this.settings = settings;
    this.metrics = metrics;
    this.open = open;
    this.contents = contents;
    this.clock = settings.clock();
    this.lookedAt = clock.instant();
    this.serving = first();
  }

  private Serving<InT, OutT> first() {
    try {
      return open(firstKey(), Map.of());
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "cannot score with the model " + settings.model() + ": " + e.getMessage(), e);
    }
  }

  private OpenModels.Key firstKey() {
    if (settings.pollInterval() == null) {
      return new OpenModels.Key(settings.model(), settings.model().location().orElse(""));
    }
    try {
      return new OpenModels.Key(settings.model(), contents.of(settings.model()));
    } catch (IOException e) {
      throw new IllegalStateException("its file cannot be looked at: " + e.getMessage(), e);
    }
  }

  Serving<InT, OutT> serving() {
    return serving;
  }

  /**
   * The model to go on with, open, if it is time for another.
   *
   * @param location where the model is now, if anybody told
   * @param sample inputs that the model which serves took; empty if there are none yet
   */
  @Nullable Serving<InT, OutT> next(
      @Nullable String location, Supplier<Map<String, Tensor>> sample) {
    OpenModels.Key wanted = wanted(location);
    if (wanted == null || wanted.equals(serving.key()) || isWaitingToRetry(wanted)) {
      return null;
    }
    try {
      return open(wanted, sample.get());
    } catch (RuntimeException e) {
      report(wanted, e);
      return null;
    }
  }

  private boolean isWaitingToRetry(OpenModels.Key wanted) {
    return wanted.equals(failed) && clock.instant().isBefore(failedAt.plus(RETRY));
  }

  private OpenModels.@Nullable Key wanted(@Nullable String location) {
    if (location != null) {
      boolean same = location.isBlank() || location.equals(serving.key().content());
      return same ? null : new OpenModels.Key(settings.model().movedTo(location), location);
    }
    Duration interval = settings.pollInterval();
    if (interval == null || clock.instant().isBefore(lookedAt.plus(interval))) {
      return null;
    }
    lookedAt = clock.instant();
    OnnxModel model = settings.model();
    try {
      return new OpenModels.Key(model, contents.of(model));
    } catch (IOException e) {
      report(serving.key(), e);
      return null;
    }
  }

  private void report(OpenModels.Key wanted, Exception cause) {
    failed = wanted;
    failedAt = clock.instant();
    metrics.failedRefreshes.inc();
    LOG.warn(
        "the model {} ({}) cannot be used, {} stays: {}",
        wanted.model(),
        wanted.content(),
        serving.lease().session().id(),
        String.valueOf(cause.getMessage()));
  }

  /** Lets the model that served go and serves with another. */
  void switchTo(Serving<InT, OutT> next) {
    Serving<InT, OutT> old = serving;
    serving = next;
    old.lease().close();
    metrics.refreshes.inc();
    LOG.info(
        "the model {} serves instead of {}",
        next.lease().session().id(),
        old.lease().session().id());
  }

  private Serving<InT, OutT> open(OpenModels.Key key, Map<String, Tensor> sample) {
    long start = System.nanoTime();
    OpenModels.Lease lease = open.acquire(key);
    try {
      if (lease.openedNow()) {
        metrics.loadLatencyMillis.update((System.nanoTime() - start) / 1_000_000);
        metrics.modelByteSize.update(lease.session().byteSize());
      }
      Translator<InT, ?, OutT> translator = door.translator(lease.session());
      if (!sample.isEmpty()) {
        translator.run(lease.session(), sample);
      }
      return new Serving<>(key, lease, translator);
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  @Override
  public void close() {
    serving.lease().close();
  }
}
