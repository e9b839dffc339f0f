package dev.sheaf.models.store;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder of model versions and of the aliases that say which of them serve.
 *
 * <pre>
 * &lt;store&gt;/versions/&lt;version&gt;/manifest.json             written last: without it there is no version
 *                           /index.csv.gz              where each key's model lies, and its metrics
 *                           /verdicts.csv.gz           what the gate decided when it was published
 *                           /models-00000-of-00016.zip one {@code <percent-encoded key>.onnx} per key
 *        /aliases/champion.json                        a version, and other versions for some keys
 * </pre>
 *
 * <p>It is a location and nothing else: making one touches no file, and it may be sent to other
 * machines. A local path is made absolute. Other URI schemes need a {@link StoreFilesProvider} on
 * the class path; {@code sheaf-transforms} brings the file systems of Beam.
 *
 * <pre>{@code
 * ModelStore store = ModelStore.at("/models/sales");
 * ResolvedModels serving = store.champion().resolve();
 * Optional<ModelRef> model = serving.find("store-7");
 * }</pre>
 *
 * <p>Files are written whole or not at all. Two that promote the same alias at the same moment: the
 * last write wins, whole; {@link #promote(String, Optional, Alias)} tells one of them unless both
 * look before either writes.
 */
public final class ModelStore implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The alias that {@link #champion()} reads. */
  public static final String CHAMPION = "champion";

  private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
  private static final int ALIAS_LIMIT = 256 << 20;

  private final String location;
  private transient @Nullable StoreFiles files;

  private ModelStore(String location) {
    this.location = location;
  }

  /**
   * The store at a location: a local path, or a URI such as {@code s3://models/sales}.
   *
   * @throws IllegalArgumentException if the location is empty or no valid {@code file:} URI
   */
  public static ModelStore at(String location) {
    return new ModelStore(Locations.normalize(location));
  }

  /** A store on given files; they do not travel with it. */
  static ModelStore over(String location, StoreFiles files) {
    ModelStore store = new ModelStore(location);
    store.files = files;
    return store;
  }

  /** The location, with no slash at its end. */
  public String location() {
    return location;
  }

  /**
   * Makes the store's folder if need be and proves that files can be written there.
   *
   * @return this store
   * @throws StoreException if they cannot
   */
  public ModelStore checkWritable() {
    try {
      files().checkWritable(location);
    } catch (IOException e) {
      throw StoreException.of("write to the model store", location, e);
    }
    return this;
  }

  /** Writes a version, or finishes one that was begun. */
  public VersionWriter write(VersionId id) {
    return new VersionWriter(this, id);
  }

  /** The versions that are committed, the oldest first; folders with other names are left out. */
  public List<VersionId> versions() {
    String folder = location + "/versions";
    List<VersionId> versions = new ArrayList<>();
    try {
      for (String name : files().foldersHolding(folder, ModelVersion.MANIFEST)) {
        if (VersionId.isValid(name)) {
          versions.add(VersionId.ofText(name));
        }
      }
    } catch (IOException e) {
      throw StoreException.of("list the versions in", folder, e);
    }
    versions.sort(null);
    return List.copyOf(versions);
  }

  /**
   * Opens a committed version.
   *
   * @throws StoreException if it is not committed or its manifest cannot be read
   */
  public ModelVersion version(VersionId id) {
    return find(id)
        .orElseThrow(
            () ->
                new StoreException(
                    "cannot open version "
                        + id
                        + ": there is no "
                        + folderOf(id)
                        + "/"
                        + ModelVersion.MANIFEST
                        + "; ModelStore.versions() lists the versions there are"));
  }

  /** Opens a version; empty if it is not committed. */
  public Optional<ModelVersion> find(VersionId id) {
    return ModelVersion.find(files(), folderOf(id), id);
  }

  /**
   * Reads an alias; empty if there is none of that name.
   *
   * @throws StoreException if its file cannot be read
   */
  public Optional<Alias> alias(String name) {
    return readAlias(name).map(Aliased::alias);
  }

  /**
   * Points an alias to other models; readers see the old one or the new one, never half of it.
   *
   * @throws StoreException if a version that it names is not committed, or has no model for a key
   *     that is overridden to it
   */
  public void promote(String name, Alias alias) {
    String file = aliasFile(name);
    version(alias.version());
    for (Map.Entry<VersionId, List<String>> other : Served.overridesByVersion(alias).entrySet()) {
      ModelVersion version = version(other.getKey());
      for (String key : other.getValue()) {
        if (version.find(key).isEmpty()) {
          throw new StoreException(
              "cannot override key \""
                  + key
                  + "\" in "
                  + file
                  + ": version "
                  + other.getKey()
                  + " has no model for it");
        }
      }
    }
    try {
      files().write(file, out -> out.write(AliasFile.toJson(alias)));
    } catch (IOException e) {
      throw StoreException.of("write the alias", file, e);
    }
  }

  /**
   * As {@link #promote(String, Alias)}, but only if the alias is still the one that was looked at.
   *
   * <p>If it is {@code alias} already, nothing is written.
   *
   * @param seen the alias's {@link ModelSelection#token} when the decision was made; empty if there
   *     was no alias
   * @throws StoreException if the alias is neither the one that was seen nor {@code alias}
   */
  public void promote(String name, Optional<String> seen, Alias alias) {
    Optional<Aliased> now = readAlias(name);
    if (now.isPresent() && now.get().alias().equals(alias)) {
      return;
    }
    if (!now.map(Aliased::token).equals(seen)) {
      throw new StoreException(
          "cannot promote version "
              + alias.version()
              + " in "
              + aliasFile(name)
              + ": while it was published the alias was changed, to "
              + now.map(there -> "version " + there.alias().version()).orElse("none")
              + "; the version is stored: promote it by hand or publish again");
    }
    promote(name, alias);
  }

  /** What the alias {@code champion} serves, now and whenever it changes. */
  public ModelSelection champion() {
    return aliased(CHAMPION);
  }

  /** What an alias serves, now and whenever it changes. */
  public ModelSelection aliased(String name) {
    aliasFile(name);
    return new AliasSelection(this, name);
  }

  /** One version, whatever the aliases say. */
  public ModelSelection pinned(VersionId id) {
    return pinned(Alias.to(id));
  }

  /** What an alias says now, whatever is promoted later. */
  public ModelSelection pinned(Alias alias) {
    return new PinnedSelection(this, alias);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ModelStore that && location.equals(that.location);
  }

  @Override
  public int hashCode() {
    return location.hashCode();
  }

  @Override
  public String toString() {
    return location;
  }

  StoreFiles files() {
    StoreFiles found = files;
    if (found == null) {
      found = Locations.filesOf(location);
      files = found;
    }
    return found;
  }

  String folderOf(VersionId id) {
    return location + "/versions/" + id;
  }

  String aliasFile(String name) {
    if (!ALIAS.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "cannot use \""
              + name
              + "\" as an alias: valid are 1 to 64 letters, digits, - and _, a letter or digit"
              + " first");
    }
    return location + "/aliases/" + name + ".json";
  }

  /** An alias and the digest of its file. */
  record Aliased(Alias alias, String token) {}

  Optional<Aliased> readAlias(String name) {
    String file = aliasFile(name);
    try {
      byte[] json = files().read(file, ALIAS_LIMIT);
      return Optional.of(new Aliased(AliasFile.parse(json), Digests.of(json)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      throw StoreException.of("read the alias", file, e);
    }
  }
}
