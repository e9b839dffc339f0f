package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TimestampedValue;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/** Scores elements that have waited for each other; they are of one window. */
final class InferGroups<InT, OutT> extends DoFn<Iterable<TimestampedValue<InT>>, OutT> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final TupleTag<OutT> results;

  private transient @Nullable Inferring<InT, OutT> inferring;

  InferGroups(Door<InT, OutT> door, InferSettings settings, TupleTag<OutT> results) {
    this.door = door;
    this.settings = settings;
    this.results = results;
  }

  @Setup
  public void setup() {
    inferring = new Inferring<>(door, settings, metrics);
  }

  @ProcessElement
  public void process(ProcessContext context, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    if (inferring == null) {
      throw new IllegalStateException("InferGroups is used before its setup");
    }
    PCollectionView<String> updates = settings.updates();
    String location = updates == null ? null : context.sideInput(updates);
    Outlet<OutT> outlet = Outlet.during(out, results);
    inferring.begin();
    for (TimestampedValue<InT> element : context.element()) {
      inferring.add(element.getValue(), element.getTimestamp(), window, location, outlet);
    }
    inferring.finish(outlet);
  }

  @FinishBundle
  public void finishBundle() {
    metrics.batchLatency.flush();
  }

  @Teardown
  public void teardown() {
    if (inferring != null) {
      inferring.close();
    }
  }

  /** Each element keeps its own timestamp; that of the group may be later. */
  @Override
  @SuppressWarnings("deprecation") // A group has one timestamp, so there is no other way.
  public Duration getAllowedTimestampSkew() {
    return Outlet.ANY_SKEW;
  }
}
