package dev.sheaf.models.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one committed version of a store; may be used by many threads.
 *
 * <p>The index is read once, at the first use; each model by one range read of its shard, so that
 * nothing stays open. A file that is missing, cut short or changed is a {@link StoreException} that
 * names it.
 */
public final class ModelVersion {
  static final String MANIFEST = "manifest.json";
  static final String INDEX = "index.csv.gz";
  static final String VERDICTS = "verdicts.csv.gz";
  private static final int MANIFEST_LIMIT = 64 << 20;
  private static final int TABLE_LIMIT = 1 << 30;

  private final StoreFiles files;
  private final String folder;
  private final Manifest manifest;
  private @Nullable Map<String, IndexEntry> index;

  ModelVersion(StoreFiles files, String folder, Manifest manifest) {
    this.files = files;
    this.folder = folder;
    this.manifest = manifest;
  }

  /** Opens a version, or nothing if it has no manifest. */
  static Optional<ModelVersion> find(StoreFiles files, String folder, VersionId id) {
    String file = folder + "/" + MANIFEST;
    try {
      Manifest manifest = Manifest.parse(files.read(file, MANIFEST_LIMIT));
      if (!manifest.version().equals(id)) {
        throw new DamageException("it says that it is version " + manifest.version());
      }
      return Optional.of(new ModelVersion(files, folder, manifest));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      throw StoreException.of("read the manifest", file, e);
    }
  }

  /** The version's name. */
  public VersionId id() {
    return manifest.version();
  }

  /** What the version is made of. */
  public Manifest manifest() {
    return manifest;
  }

  /** All entries by key, in the order of their keys as Java compares them. */
  public synchronized Map<String, IndexEntry> index() {
    if (index == null) {
      Map<String, IndexEntry> read = new LinkedHashMap<>();
      readIndex(entry -> read.put(entry.key(), entry));
      index = Collections.unmodifiableMap(read);
    }
    return index;
  }

  /** Reads all entries in the order of their keys, and keeps none. */
  void readIndex(Consumer<IndexEntry> reader) {
    String file = folder + "/" + INDEX;
    try {
      int read = IndexFile.parseIndex(table(file, manifest.indexDigest()), reader);
      if (read != manifest.models()) {
        throw new DamageException(
            "it has " + read + " models where the manifest has " + manifest.models());
      }
    } catch (IOException | RuntimeException e) {
      throw StoreException.of("read the index", file, e);
    }
  }

  /** The entry of a key. */
  public Optional<IndexEntry> find(String key) {
    return Optional.ofNullable(index().get(key));
  }

  /** What was decided when the version was published, in the order of the keys. */
  public List<Verdict> verdicts() {
    String file = folder + "/" + VERDICTS;
    try {
      return List.copyOf(IndexFile.parseVerdicts(table(file, manifest.verdictsDigest())));
    } catch (IOException | RuntimeException e) {
      throw StoreException.of("read the verdicts", file, e);
    }
  }

  /**
   * The alias that publishing this version makes: itself, but for the keys that its verdicts leave
   * with their champions. Promote it to go back to all that was served then.
   */
  public Alias aliasAsPublished() {
    SortedMap<String, VersionId> overrides = new TreeMap<>();
    for (Verdict verdict : verdicts()) {
      VersionId champion = verdict.champion();
      boolean falls =
          verdict.status() == EntryStatus.REJECTED || verdict.status() == EntryStatus.KEPT;
      if (falls && champion != null) {
        overrides.put(verdict.key(), champion);
      }
    }
    return new Alias(id(), overrides);
  }

  /**
   * Reads a key's model.
   *
   * @return the ONNX bytes, checked against their digest
   * @throws StoreException if there is no such key, or its bytes are not what was written
   */
  public byte[] load(String key) {
    IndexEntry entry =
        find(key)
            .orElseThrow(
                () ->
                    new StoreException(
                        "cannot load key \"" + key + "\": it is not in " + folder + "/" + INDEX));
    return load(entry);
  }

  byte[] load(IndexEntry entry) {
    String file = folder;
    try {
      file = folder + "/" + manifest.shard(entry.shard()).file();
      byte[] onnx;
      try (SeekableByteChannel channel = files.open(file)) {
        onnx = StoreText.readFully(channel, entry.offset(), (int) entry.bytes());
      }
      String digest = Digests.of(onnx);
      if (!digest.equals(entry.digest())) {
        throw new DamageException(
            "entry "
                + entry.entry()
                + " was changed: its digest is "
                + digest
                + " where the index has "
                + entry.digest());
      }
      return onnx;
    } catch (IOException | RuntimeException e) {
      throw StoreException.of("load key \"" + entry.key() + "\"", file, e);
    }
  }

  private byte[] table(String file, String digest) throws IOException {
    byte[] packed = files.read(file, TABLE_LIMIT);
    byte[] csv;
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed), 1 << 16)) {
      csv = in.readNBytes(TABLE_LIMIT);
    }
    if (csv.length == TABLE_LIMIT) {
      throw new DamageException("it has " + TABLE_LIMIT + " bytes or more when unpacked");
    }
    String found = Digests.of(csv);
    if (!found.equals(digest)) {
      throw new DamageException(
          "it was changed: its digest is " + found + " where the manifest has " + digest);
    }
    return csv;
  }
}
