package dev.sheaf.models.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Small models and versions to put into stores. */
final class StoreFixtures {
  static final VersionId FIRST = VersionId.at(Instant.parse("2026-11-01T01:02:03.004Z"));
  static final VersionId SECOND = VersionId.at(Instant.parse("2026-11-02T05:06:07.008Z"));
  static final VersionId THIRD = VersionId.at(Instant.parse("2026-11-03T09:10:11.012Z"));

  private StoreFixtures() {}

  static CandidateModel model(String key, String content, double rmse) {
    return CandidateModel.of(
        key,
        content.getBytes(StandardCharsets.UTF_8),
        100 + content.length(),
        Map.of("rmse", rmse, "mae", rmse / 2));
  }

  /** Writes shards as PublishModels does and commits with no verdicts. */
  static ModelVersion publish(
      ModelStore store, VersionId id, int shards, CandidateModel... models) {
    return store.write(id).commit(writeShards(store, id, shards, models), List.of(), Map.of());
  }

  static List<ShardEntries> writeShards(
      ModelStore store, VersionId id, int shards, CandidateModel... models) {
    SortedMap<Integer, List<CandidateModel>> byShard = new TreeMap<>();
    for (CandidateModel model : models) {
      byShard
          .computeIfAbsent(VersionWriter.shardOf(model.key(), shards), s -> new ArrayList<>())
          .add(model);
    }
    List<ShardEntries> written = new ArrayList<>();
    byShard.forEach((shard, all) -> written.add(store.write(id).writeShard(shard, shards, all)));
    return written;
  }
}
