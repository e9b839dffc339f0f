package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRowException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.jspecify.annotations.Nullable;

/** Scores rows that have waited for each other; they are of one window. */
final class ScoreGroups extends DoFn<Iterable<TimestampedValue<Row>>, Row> {
  private static final long serialVersionUID = 1L;

  private final InferenceMetrics metrics = new InferenceMetrics();
  private final ScorePlan plan;
  private final ProviderCheck provider;

  private transient @Nullable RowSorter sorter;

  ScoreGroups(ScorePlan plan) {
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
  }

  @ProcessElement
  public void process(ProcessContext context, BoundedWindow window, MultiOutputReceiver out)
      throws BadRowException {
    RowSorter sorting = sorter;
    if (sorting == null) {
      throw new IllegalStateException("ScoreGroups is used before its setup");
    }
    sorting.begin();
    PCollectionView<String> tokens = plan.settings().tokens();
    if (tokens != null) {
      sorting.refreshTo(context.sideInput(tokens));
    }
    Outlet<Row> outlet = Outlet.during(out, RunInference.SCORED);
    for (TimestampedValue<Row> row : context.element()) {
      if (sorting.add(row.getValue(), row.getTimestamp(), window)) {
        sorting.sort(outlet);
      }
    }
    sorting.finish(outlet);
  }

  @FinishBundle
  public void finishBundle() {
    metrics.batchLatency.flush();
  }

  /** Each row keeps its own timestamp; that of the group may be later. */
  @Override
  @SuppressWarnings("deprecation") // A group has one timestamp, so there is no other way.
  public Duration getAllowedTimestampSkew() {
    return Outlet.ANY_SKEW;
  }
}
