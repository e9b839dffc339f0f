package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ShardEntries;
import dev.sheaf.models.store.VersionId;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.values.KV;

/** Writes one shard of a version. */
final class WriteShard extends DoFn<KV<Integer, Iterable<CandidateModel>>, KV<Integer, byte[]>> {
  private static final long serialVersionUID = 1L;
  private final Counter bytes = Metrics.counter(PublishModels.class, "model_byte_size");
  private final ModelStore store;
  private final VersionId version;
  private final int shards;

  WriteShard(ModelStore store, VersionId version, int shards) {
    this.store = store;
    this.version = version;
    this.shards = shards;
  }

  @ProcessElement
  public void process(
      @Element KV<Integer, Iterable<CandidateModel>> shard, OutputReceiver<KV<Integer, byte[]>> out)
      throws CoderException {
    ShardEntries entries =
        store.write(version).writeShard(shard.getKey(), shards, shard.getValue());
    entries.entries().forEach(entry -> bytes.inc(entry.bytes()));
    out.output(KV.of(0, CoderUtils.encodeToByteArray(ShardEntriesCoder.of(), entries)));
  }
}
