package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.Verdict;
import dev.sheaf.models.store.VersionId;
import java.io.Serializable;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn.MultiOutputReceiver;
import org.apache.beam.sdk.values.Row;

/** Tells what publishing came to: counters, the version, and a row per key. */
final class Announcement implements Serializable {
  private static final long serialVersionUID = 1L;
  private final Counter published = Metrics.counter(PublishModels.class, "models_published");
  private final Counter promoted = Metrics.counter(PublishModels.class, "models_promoted");
  private final Counter rejected = Metrics.counter(PublishModels.class, "models_rejected");
  private final Counter kept = Metrics.counter(PublishModels.class, "models_kept");

  void of(Publication.Outcome outcome, MultiOutputReceiver out) {
    PublishedVersion numbers = outcome.published();
    published.inc(numbers.models());
    promoted.inc(numbers.promoted());
    rejected.inc(numbers.rejected());
    kept.inc(numbers.kept());
    out.get(PublishModels.PUBLISHED).output(numbers);
    outcome
        .verdicts()
        .forEach(verdict -> out.get(PublishModels.JUDGED).output(row(numbers.version(), verdict)));
  }

  private static Row row(VersionId version, Verdict verdict) {
    return Row.withSchema(PublishModels.VERDICTS)
        .addValue(verdict.key())
        .addValue(version.text())
        .addValue(verdict.status().name())
        .addValue(verdict.reason())
        .addValue(verdict.loss())
        .addValue(verdict.championLoss())
        .build();
  }
}
