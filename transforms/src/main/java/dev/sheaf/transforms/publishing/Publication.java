package dev.sheaf.transforms.publishing;

import dev.sheaf.models.store.EntryStatus;
import dev.sheaf.models.store.IndexEntry;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.ModelVersion;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.ShardEntries;
import dev.sheaf.models.store.Verdict;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.store.VersionWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns written shards into a version and a moved alias; may be run again at any point.
 *
 * <p>What the gate decided, and over which alias, is committed with the version before the alias
 * moves. A repeated run finds it there and does not judge again: by then the champion may be this
 * very version.
 */
record Publication(
    ModelStore store, VersionId version, Gate gate, Order order, Map<String, String> properties)
    implements Serializable {
  private static final String SEEN = "sheaf.champion-seen";
  private static final String GATE = "sheaf.gate";
  private static final String NONE = "none";

  /** Whether a version may replace one that is named after a later moment. */
  enum Order {
    /** As the gate says. */
    FREE,
    /** Never: the version is of a window, and one of a later window may have come first. */
    BY_TIME
  }

  /** The outcome: the numbers, and the verdicts in the order of their keys. */
  record Outcome(PublishedVersion published, List<Verdict> verdicts) {}

  /** Commits, then moves the alias. */
  Outcome finish(Iterable<ShardEntries> shards) {
    return promote(commit(shards));
  }

  /** Moves the alias as was decided when the version was committed. */
  Outcome promote(ModelVersion committed) {
    List<Verdict> verdicts = committed.verdicts();
    if (!gate.leavesAliasAlone()) {
      String seen = committed.manifest().properties().getOrDefault(SEEN, NONE);
      store.promote(
          ModelStore.CHAMPION,
          seen.equals(NONE) ? Optional.empty() : Optional.of(seen),
          committed.aliasAsPublished());
    }
    return new Outcome(
        new PublishedVersion(
            version,
            committed.manifest().models(),
            count(verdicts, EntryStatus.PROMOTED),
            count(verdicts, EntryStatus.REJECTED) + count(verdicts, EntryStatus.WITHHELD),
            count(verdicts, EntryStatus.KEPT)),
        verdicts);
  }

  /** Makes the version exist, with what the gate decided; what it decided before stands. */
  ModelVersion commit(Iterable<ShardEntries> shards) {
    VersionWriter writer = store.write(version);
    return store
        .find(version)
        .map(there -> writer.commit(shards, there.verdicts(), there.manifest().properties()))
        .orElseGet(() -> judgeAndCommit(writer, shards));
  }

  private ModelVersion judgeAndCommit(VersionWriter writer, Iterable<ShardEntries> shards) {
    Optional<ResolvedModels> champion =
        gate.leavesAliasAlone() || store.alias(ModelStore.CHAMPION).isEmpty()
            ? Optional.empty()
            : Optional.of(store.champion().resolve());
    List<Verdict> verdicts = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (ShardEntries shard : shards) {
      for (IndexEntry entry : shard.entries()) {
        keys.add(entry.key());
        Optional<ModelRef> served = champion.flatMap(models -> models.find(entry.key()));
        verdicts.add(
            judge(
                entry,
                served.map(ModelRef::version).orElse(null),
                champion.flatMap(models -> models.entry(entry.key())).orElse(null)));
      }
    }
    champion.ifPresent(models -> keep(models, keys, verdicts));
    SortedMap<String, String> said = new TreeMap<>(properties);
    said.put(GATE, gate.toString());
    said.put(SEEN, champion.map(ResolvedModels::token).orElse(NONE));
    return writer.commit(shards, verdicts, said);
  }

  private Verdict judge(
      IndexEntry entry, @Nullable VersionId served, @Nullable IndexEntry servedEntry) {
    Verdict verdict = gate.judge(entry, served, servedEntry);
    return order == Order.BY_TIME
            && served != null
            && served.time().isAfter(version.time())
            && verdict.status() == EntryStatus.PROMOTED
        ? new Verdict(
            verdict.key(),
            EntryStatus.REJECTED,
            "version " + served + ", which serves this key, is of a later moment",
            verdict.loss(),
            served,
            verdict.championLoss())
        : verdict;
  }

  private static void keep(ResolvedModels champion, Set<String> keys, List<Verdict> verdicts) {
    for (String key : champion.keys()) {
      if (keys.contains(key)) {
        continue;
      }
      ModelRef served = champion.find(key).orElseThrow();
      verdicts.add(
          new Verdict(
              key,
              EntryStatus.KEPT,
              "the new version has no model for this key; version "
                  + served.version()
                  + " serves it on",
              null,
              served.version(),
              champion.entry(key).map(entry -> Gate.loss(entry.metrics())).orElse(null)));
    }
  }

  private static long count(List<Verdict> verdicts, EntryStatus status) {
    return verdicts.stream().filter(verdict -> verdict.status() == status).count();
  }
}
