package dev.sheaf.transforms.publishing;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;

/** Writes the version into each model's metadata, and finds its shard. */
final class StampVersion extends DoFn<CandidateModel, KV<Integer, CandidateModel>> {
  private static final long serialVersionUID = 1L;
  private final VersionId version;
  private final int shards;

  StampVersion(VersionId version, int shards) {
    this.version = version;
    this.shards = shards;
  }

  static CandidateModel stamped(CandidateModel model, VersionId version) {
    return model.withOnnx(
        ModelMetadata.withProperty(model.onnx(), ModelMetadata.VERSION, version.text()));
  }

  @ProcessElement
  public void process(
      @Element CandidateModel model, OutputReceiver<KV<Integer, CandidateModel>> out) {
    out.output(KV.of(VersionWriter.shardOf(model.key(), shards), stamped(model, version)));
  }
}
