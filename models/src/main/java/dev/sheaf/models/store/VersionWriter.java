package dev.sheaf.models.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * Writes one version: its shards, in any order and by any number of machines, then {@link #commit}.
 *
 * <p>Until it is committed nobody sees the version, and every step may be repeated or run twice at
 * once. Once it is committed nothing in it changes: a step that would write the same again does
 * nothing and succeeds, so that a repeated attempt can finish, and any other is refused.
 */
public final class VersionWriter {
  private final ModelStore store;
  private final VersionId id;
  private final String folder;

  VersionWriter(ModelStore store, VersionId id) {
    this.store = store;
    this.id = id;
    this.folder = store.folderOf(id);
  }

  /** The shard that a key belongs to: the same on every machine and in every release. */
  public static int shardOf(String key, int shards) {
    ShardEntries.checkNumbers(0, shards);
    return Keys.shardOf(key, shards);
  }

  /**
   * Writes one shard, whole or not at all.
   *
   * @param shard its number, from 0
   * @param shards how many the version is spread over, at most 99999
   * @param models at least one, in any order, each key once; all are held in memory at once
   * @return what the commit needs to know
   * @throws IllegalArgumentException if there is no model, a key comes twice or a digest is wrong
   * @throws StoreException if it cannot be written, or the version is committed and has other
   *     models in this shard
   */
  public ShardEntries writeShard(int shard, int shards, Iterable<CandidateModel> models) {
    ShardEntries.checkNumbers(shard, shards);
    List<CandidateModel> sorted = checkedAndSorted(models);
    String file = folder + "/" + Manifest.shardFile(shard, shards);
    Optional<ModelVersion> committed = store.find(id);
    try {
      if (committed.isPresent()) {
        List<IndexEntry> entries = ShardZip.write(OutputStream.nullOutputStream(), shard, sorted);
        checkSame(committed.get(), shard, entries);
        return new ShardEntries(
            shard, shards, committed.get().manifest().shard(shard).bytes(), entries);
      }
      List<IndexEntry> entries = new ArrayList<>();
      store
          .files()
          .write(
              file,
              out -> {
                entries.clear();
                entries.addAll(ShardZip.write(out, shard, sorted));
              });
      return new ShardEntries(shard, shards, sizeOf(file), entries);
    } catch (IOException e) {
      throw StoreException.of("write the shard", file, e);
    }
  }

  /**
   * Makes the version exist: index, then verdicts, then the manifest.
   *
   * @param shards what {@link #writeShard} returned, once per shard
   * @param verdicts what was decided per key; may name keys that the version has no model for
   * @param properties what readers may want to know: label, trainer, training window, ...
   * @return the committed version
   * @throws IllegalArgumentException if there is no shard, or shards do not fit together
   * @throws StoreException if a shard's file is not there, if something cannot be written, or if
   *     the version is committed already with other content
   */
  public ModelVersion commit(
      Iterable<ShardEntries> shards, Iterable<Verdict> verdicts, Map<String, String> properties) {
    SortedMap<String, IndexEntry> entries = new TreeMap<>();
    List<Manifest.Shard> files = new ArrayList<>();
    collect(shards, entries, files);
    SortedMap<String, Verdict> decided = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      if (decided.put(verdict.key(), verdict) != null) {
        throw new IllegalArgumentException(
            "cannot commit version " + id + ": two verdicts on key \"" + verdict.key() + "\"");
      }
      entries.computeIfPresent(verdict.key(), (key, entry) -> entry.withStatus(verdict.status()));
    }
    byte[] index = IndexFile.index(entries.values());
    byte[] decisions = IndexFile.verdicts(decided.values());
    Manifest manifest =
        new Manifest(
            id, entries.size(), files, Digests.of(index), Digests.of(decisions), properties);
    Optional<ModelVersion> committed = store.find(id);
    if (committed.isPresent()) {
      if (committed.get().manifest().equals(manifest)) {
        return committed.get();
      }
      throw refused("it is committed already, with other content");
    }
    checkFiles(files);
    write(ModelVersion.INDEX, out -> out.write(packed(index)));
    write(ModelVersion.VERDICTS, out -> out.write(packed(decisions)));
    write(ModelVersion.MANIFEST, out -> out.write(manifest.toJson()));
    return new ModelVersion(store.files(), folder, manifest);
  }

  private List<CandidateModel> checkedAndSorted(Iterable<CandidateModel> models) {
    List<CandidateModel> sorted = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (CandidateModel model : models) {
      if (!keys.add(model.key())) {
        throw new IllegalArgumentException(
            "cannot write two models for key \"" + model.key() + "\" into version " + id);
      }
      String digest = Digests.of(model.onnx());
      if (!digest.equals(model.digest())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "cannot write the model of key \"%s\" into version %s: its digest is %s, not %s as"
                    + " it says",
                model.key(),
                id,
                digest,
                model.digest()));
      }
      sorted.add(model);
    }
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("cannot write a shard with no models into version " + id);
    }
    sorted.sort(Comparator.comparing(CandidateModel::key));
    return sorted;
  }

  private void checkSame(ModelVersion committed, int shard, List<IndexEntry> entries) {
    List<IndexEntry> there =
        committed.index().values().stream()
            .filter(entry -> entry.shard() == shard)
            .map(entry -> entry.withStatus(EntryStatus.STORED))
            .toList();
    if (!there.equals(entries)) {
      throw refused("it is committed already, with other models in shard " + shard);
    }
  }

  private void collect(
      Iterable<ShardEntries> shards,
      SortedMap<String, IndexEntry> entries,
      List<Manifest.Shard> files) {
    SortedMap<Integer, ShardEntries> byNumber = new TreeMap<>();
    for (ShardEntries shard : shards) {
      if (byNumber.put(shard.shard(), shard) != null) {
        throw new IllegalArgumentException(
            "cannot commit version " + id + ": shard " + shard.shard() + " comes twice");
      }
    }
    if (byNumber.isEmpty()) {
      throw new IllegalArgumentException("cannot commit version " + id + ": it has no models");
    }
    int count = byNumber.values().iterator().next().shards();
    for (ShardEntries shard : byNumber.values()) {
      if (shard.shards() != count) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "cannot commit version %s: one shard is of %d and one of %d",
                id,
                count,
                shard.shards()));
      }
      for (IndexEntry entry : shard.entries()) {
        if (entries.put(entry.key(), entry) != null) {
          throw new IllegalArgumentException(
              "cannot commit version " + id + ": two models for key \"" + entry.key() + "\"");
        }
      }
      String file = Manifest.shardFile(shard.shard(), count);
      files.add(new Manifest.Shard(shard.shard(), file, shard.entries().size(), shard.fileBytes()));
    }
  }

  private void checkFiles(List<Manifest.Shard> shards) {
    for (Manifest.Shard shard : shards) {
      String file = folder + "/" + shard.file();
      try {
        long size = sizeOf(file);
        if (size != shard.bytes()) {
          throw new IOException(
              "it has " + size + " bytes where " + shard.bytes() + " were written");
        }
      } catch (IOException e) {
        throw StoreException.of("commit version " + id + " with the shard", file, e);
      }
    }
  }

  private long sizeOf(String file) throws IOException {
    OptionalLong size = store.files().size(file);
    if (size.isEmpty()) {
      throw new IOException("it is not there");
    }
    return size.getAsLong();
  }

  private void write(String name, StoreFiles.Content content) {
    String file = folder + "/" + name;
    try {
      store.files().write(file, content);
    } catch (IOException e) {
      throw StoreException.of("write", file, e);
    }
  }

  private StoreException refused(String why) {
    return new StoreException(
        "cannot change version "
            + id
            + " of "
            + store.location()
            + ": "
            + why
            + "; write a new version instead");
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 16)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
