package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/** Gathers the elements of a bundle into batches and scores them. */
final class InferBundles<InT, OutT> extends DoFn<InT, OutT> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final Door<InT, OutT> door;
  private final InferSettings settings;
  private final TupleTag<OutT> results;

  private transient @Nullable Inferring<InT, OutT> inferring;

  InferBundles(Door<InT, OutT> door, InferSettings settings, TupleTag<OutT> results) {
    this.door = door;
    this.settings = settings;
    this.results = results;
  }

  @Setup
  public void setup() {
    inferring = new Inferring<>(door, settings, metrics);
  }

  @StartBundle
  public void startBundle() {
    inferring().begin();
  }

  @ProcessElement
  public void process(ProcessContext context, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    PCollectionView<String> updates = settings.updates();
    inferring()
        .add(
            context.element(),
            context.timestamp(),
            window,
            updates == null ? null : context.sideInput(updates),
            Outlet.during(out, results));
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    inferring().finish(Outlet.atEnd(context, results));
    metrics.batchLatency.flush();
  }

  @Teardown
  public void teardown() {
    if (inferring != null) {
      inferring.close();
    }
  }

  /** Elements held back keep their own timestamps, which may lie before that of a later one. */
  @Override
  @SuppressWarnings(
      "deprecation") // There is no other way to emit held elements before the bundle ends.
  public Duration getAllowedTimestampSkew() {
    return Outlet.ANY_SKEW;
  }

  private Inferring<InT, OutT> inferring() {
    if (inferring == null) {
      throw new IllegalStateException("InferBundles is used before its setup");
    }
    return inferring;
  }
}
