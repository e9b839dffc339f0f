package dev.sheaf.transforms.training;

import dev.sheaf.models.store.VersionWriter;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.TrainingStatus;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;

/**
 * Trains the model of one key; what goes wrong with a key ends in its report.
 *
 * <p>Outcomes leave under one of a few numbers, to be gathered: after a grouping some runners make
 * a bundle of every key, and each step that follows would pay for thousands of bundles of one
 * element.
 */
final class TrainKey extends DoFn<KV<String, Iterable<RowBlock>>, KV<Integer, KeyOutcome>> {
  private static final long serialVersionUID = 1L;

  /** A multiple of the store's usual number of shards, so that a bundle fills one shard. */
  private static final int GATHERED_INTO = 64;

  private final Counter keysTrained = Metrics.counter(TrainPerKey.class, "keys_trained");
  private final Counter keysNotTrained = Metrics.counter(TrainPerKey.class, "keys_not_trained");
  private final Distribution trainMicros =
      Metrics.distribution(TrainPerKey.class, "key_training_micro_secs");
  private final KeyTrainer trainer;

  TrainKey(KeyTrainer trainer) {
    this.trainer = trainer;
  }

  @ProcessElement
  public void process(
      @Element KV<String, Iterable<RowBlock>> keyed, OutputReceiver<KV<Integer, KeyOutcome>> out) {
    KeyOutcome outcome = trainer.train(keyed.getKey(), keyed.getValue());
    KeyReport report = outcome.report();
    trainMicros.update((long) (report.seconds() * 1e6));
    (report.status() == TrainingStatus.TRAINED ? keysTrained : keysNotTrained).inc();
    out.output(KV.of(VersionWriter.shardOf(report.key(), GATHERED_INTO), outcome));
  }
}
