package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.joda.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a DoFn instance does to score elements: gathers them, and changes the model in between. */
final class Inferring<InT, OutT> implements AutoCloseable {
  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final InferenceMetrics metrics;
  private final ProviderCheck provider;
  private final CurrentModel<InT, OutT> model;
  private Scorer<InT, ?, OutT> scorer;
  private final Occupancy occupancy;
  private int sinceLook;

  /** So many elements go by before the clock is looked at again. */
  private static final int LOOK_EVERY = 256;

  Inferring(Door<InT, OutT> door, InferSettings settings, InferenceMetrics metrics) {
    this.door = door;
    this.settings = settings;
    this.metrics = metrics;
    this.provider = new ProviderCheck(settings.model().provider());
    provider.setup();
    this.model =
        new CurrentModel<>(door, settings, metrics, OpenModels.shared(), Contents.bySizeAndTime());
    this.scorer = scorer(model.serving());
    this.occupancy = new Occupancy(model::close);
  }

  private Scorer<InT, ?, OutT> scorer(CurrentModel.Serving<InT, OutT> serving) {
    return scorer(serving, serving.translator());
  }

  private <PreparedT> Scorer<InT, PreparedT, OutT> scorer(
      CurrentModel.Serving<InT, OutT> serving, Translator<InT, PreparedT, OutT> translator) {
    return new Scorer<>(
        door, serving.lease().session(), translator, settings, metrics, System::nanoTime);
  }

  /** Begins a bundle; what an earlier one that failed has left is forgotten. */
  void begin() {
    occupancy.enter();
    try {
      provider.startBundle(metrics.providerFallbacks);
      scorer.clear();
      sinceLook = LOOK_EVERY;
    } finally {
      occupancy.leave();
    }
  }

  /**
   * Takes an element.
   *
   * @param location where the model is now, if anybody tells
   */
  void add(
      InT element,
      Instant timestamp,
      BoundedWindow window,
      @Nullable String location,
      Outlet<OutT> out)
      throws BadRowException {
    occupancy.enter();
    try {
      if (location != null || ++sinceLook > LOOK_EVERY) {
        sinceLook = 0;
        refresh(location, out);
      }
      scorer.add(element, timestamp, window, out);
    } finally {
      occupancy.leave();
    }
  }

  /** Scores what waits. */
  void finish(Outlet<OutT> out) throws BadRowException {
    occupancy.enter();
    try {
      scorer.flush(out);
    } finally {
      occupancy.leave();
    }
  }

  /** What was gathered for the model that served is scored by it. */
  private void refresh(@Nullable String location, Outlet<OutT> out) throws BadRowException {
    CurrentModel.Serving<InT, OutT> next = model.next(location, scorer::sample);
    if (next == null) {
      return;
    }
    try {
      scorer.flush(out);
    } catch (BadRowException | RuntimeException e) {
      next.lease().close();
      throw e;
    }
    model.switchTo(next);
    scorer = scorer(next);
  }

  /** From any thread; what a running method uses is freed when that ends. */
  @Override
  public void close() {
    occupancy.close();
  }
}
