package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.ShardEntries;
import dev.sheaf.models.store.StoreException;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.PaneInfo;
import org.apache.beam.sdk.values.KV;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the models of one pane of a window as a version of its own. */
final class PublishWindow extends DoFn<KV<Integer, Iterable<CandidateModel>>, PublishedVersion> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(PublishModels.class);

  private final Announcement announcement = new Announcement();
  private final Counter bytes = Metrics.counter(PublishModels.class, "model_byte_size");
  private final Counter overtaken = Metrics.counter(PublishModels.class, "versions_overtaken");
  private final ModelStore store;
  private final Gate gate;
  private final int shards;
  private final Map<String, String> properties;

  PublishWindow(ModelStore store, Gate gate, int shards, Map<String, String> properties) {
    this.store = store;
    this.gate = gate;
    this.shards = shards;
    this.properties = properties;
  }

  @ProcessElement
  public void process(
      @Element KV<Integer, Iterable<CandidateModel>> models,
      BoundedWindow window,
      PaneInfo pane,
      MultiOutputReceiver out) {
    VersionId version = version(window, pane.getIndex());
    Optional<ModelVersion> there = store.find(version);
    if (there.isEmpty()) {
      publish(version, models.getValue(), out);
      return;
    }
    promote(version, there.get(), out);
    List<ModelVersion> before = new ArrayList<>();
    long next = 0;
    for (there = store.find(version(window, 0));
        there.isPresent() || next <= pane.getIndex();
        there = store.find(version(window, next))) {
      there.ifPresent(before::add);
      next++;
    }
    List<CandidateModel> missing = missing(models.getValue(), before);
    if (!missing.isEmpty()) {
      LOG.info(
          "{} models of version {} come again with more rows, as version {}",
          missing.size(),
          version,
          version(window, next));
      publish(version(window, next), missing, out);
    }
  }

  /** Those that no version of their window has, of as many rows. */
  private static List<CandidateModel> missing(
      Iterable<CandidateModel> models, List<ModelVersion> before) {
    List<CandidateModel> missing = new ArrayList<>();
    for (CandidateModel model : models) {
      boolean known =
          before.stream()
              .flatMap(version -> version.find(model.key()).stream())
              .anyMatch(entry -> entry.rows() >= model.rows());
      if (!known) {
        missing.add(model);
      }
    }
    return missing;
  }

  private Publication publication(VersionId version) {
    return new Publication(store, version, gate, Publication.Order.BY_TIME, properties);
  }

  private void publish(
      VersionId version, Iterable<CandidateModel> models, MultiOutputReceiver out) {
    announcement.of(publication(version).finish(write(version, models)), out);
  }

  private void promote(VersionId version, ModelVersion there, MultiOutputReceiver out) {
    try {
      announcement.of(publication(version).promote(there), out);
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.REFUSAL) {
        throw e;
      }
      overtaken.inc();
      LOG.warn("Version {} was published before, and what serves has changed since.", version, e);
    }
  }

  /** The window's end, and for panes after the first their number. */
  private static VersionId version(BoundedWindow window, long pane) {
    Instant end = Instant.ofEpochMilli(window.maxTimestamp().getMillis() + 1);
    return pane == 0 ? VersionId.at(end) : VersionId.at(end, "late" + pane);
  }

  private List<ShardEntries> write(VersionId version, Iterable<CandidateModel> models) {
    Map<Integer, Map<String, CandidateModel>> byShard = new TreeMap<>();
    for (CandidateModel model : models) {
      byShard
          .computeIfAbsent(VersionWriter.shardOf(model.key(), shards), shard -> new TreeMap<>())
          .merge(model.key(), model, (one, other) -> other.rows() > one.rows() ? other : one);
    }
    List<ShardEntries> written = new ArrayList<>();
    byShard.forEach(
        (shard, ofShard) -> {
          List<CandidateModel> stamped =
              ofShard.values().stream().map(model -> StampVersion.stamped(model, version)).toList();
          written.add(store.write(version).writeShard(shard, shards, stamped));
        });
    written.forEach(shard -> shard.entries().forEach(entry -> bytes.inc(entry.bytes())));
    return written;
  }
}
