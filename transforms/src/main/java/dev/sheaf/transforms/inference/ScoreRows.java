package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/** Gathers the rows of a bundle and scores them. */
final class ScoreRows extends DoFn<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final ScorePlan plan;
  private final ProviderCheck provider;

  private transient @Nullable RowSorter sorter;
  private transient boolean begun;

  ScoreRows(ScorePlan plan) {
    this.plan = plan;
    this.provider = new ProviderCheck(plan.settings().provider());
  }

  @Setup
  public void setup() {
    provider.setup();
    sorter = new RowSorter(plan, metrics);
  }

  @Teardown
  public void teardown() {
    if (sorter != null) {
      sorter.close();
      sorter = null;
    }
  }

  @StartBundle
  public void startBundle() {
    provider.startBundle(metrics.providerFallbacks);
    begun = false;
    sorter().begin();
  }

  @ProcessElement
  public void process(ProcessContext context, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    RowSorter sorting = sorter();
    if (!begun) {
      begun = true;
      PCollectionView<String> tokens = plan.settings().tokens();
      if (tokens != null) {
        sorting.refreshTo(context.sideInput(tokens));
      }
    }
    if (sorting.add(context.element(), context.timestamp(), window)) {
      sorting.sort(Outlet.during(out, RunInference.SCORED));
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) throws BadRowException {
    sorter().finish(Outlet.atEnd(context, RunInference.SCORED));
    metrics.batchLatency.flush();
  }

  /** Rows held back keep their own timestamps, which may lie before that of a later row. */
  @Override
  @SuppressWarnings(
      "deprecation") // There is no other way to emit held rows before the bundle ends.
  public Duration getAllowedTimestampSkew() {
    return Outlet.ANY_SKEW;
  }

  private RowSorter sorter() {
    if (sorter == null) {
      throw new IllegalStateException("ScoreRows is used before its setup");
    }
    return sorter;
  }
}
