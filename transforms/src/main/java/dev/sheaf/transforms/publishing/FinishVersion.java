package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.ShardEntries;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.values.KV;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits a version whose shards are written, and moves the alias. */
final class FinishVersion extends DoFn<KV<Integer, Iterable<byte[]>>, PublishedVersion> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(PublishModels.class);

  private final Announcement announcement = new Announcement();
  private final Publication publication;

  FinishVersion(Publication publication) {
    this.publication = publication;
  }

  @ProcessElement
  public void process(@Element KV<Integer, Iterable<byte[]>> written, MultiOutputReceiver out)
      throws CoderException {
    List<ShardEntries> shards = new ArrayList<>();
    for (byte[] shard : written.getValue()) {
      if (shard.length > 0) {
        shards.add(CoderUtils.decodeFromByteArray(ShardEntriesCoder.of(), shard));
      }
    }
    if (shards.isEmpty()) {
      LOG.warn(
          "There were no models to publish to {}: nothing was written, and what serves stays.",
          publication.store());
      out.get(PublishModels.PUBLISHED).output(PublishedVersion.nothing(publication.version()));
      return;
    }
    announcement.of(publication.finish(shards), out);
  }
}
