package dev.sheaf.models.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The models of one alias at one moment: the main version's index, overridden. */
final class Served implements ResolvedModels {
  private final ModelStore store;
  private final Map<String, Place> places;
  private final String token;

  /** A model's version and where it lies in it. */
  private record Place(ModelVersion version, IndexEntry entry) {}

  private Served(ModelStore store, Map<String, Place> places, String token) {
    this.store = store;
    this.places = places;
    this.token = token;
  }

  /** Reads the indexes; {@code file} is what to blame if a version or a key is not there. */
  static Served of(ModelStore store, Alias alias, String token, String file) {
    Map<String, Place> places = new HashMap<>();
    ModelVersion main = named(store, alias.version(), file);
    main.index()
        .forEach(
            (key, entry) -> {
              if (entry.status() != EntryStatus.WITHHELD) {
                places.put(key, new Place(main, entry));
              }
            });
    for (Map.Entry<VersionId, List<String>> other : overridesByVersion(alias).entrySet()) {
      // Its index is dropped with this reader: what is kept is the entries of the keys alone.
      Map<String, IndexEntry> index = named(store, other.getKey(), file).index();
      ModelVersion version = named(store, other.getKey(), file);
      for (String key : other.getValue()) {
        IndexEntry entry = index.get(key);
        if (entry == null) {
          throw new StoreException(
              "cannot serve what "
                  + file
                  + " says: it overrides key \""
                  + key
                  + "\" to version "
                  + other.getKey()
                  + ", which has no model for it");
        }
        places.put(key, new Place(version, entry));
      }
    }
    return new Served(store, places, token);
  }

  static SortedMap<VersionId, List<String>> overridesByVersion(Alias alias) {
    SortedMap<VersionId, List<String>> keys = new TreeMap<>();
    alias
        .overrides()
        .forEach((key, version) -> keys.computeIfAbsent(version, v -> new ArrayList<>()).add(key));
    return keys;
  }

  @Override
  public Optional<ModelRef> find(String key) {
    Place place = places.get(key);
    return place == null ? Optional.empty() : Optional.of(place.version().ref(place.entry()));
  }

  @Override
  public Optional<IndexEntry> entry(String key) {
    return Optional.ofNullable(places.get(key)).map(Place::entry);
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(places.keySet());
  }

  @Override
  public byte[] load(ModelRef model) {
    Place place = places.get(model.key());
    if (place != null && place.version().ref(place.entry()).equals(model)) {
      return place.version().load(place.entry());
    }
    ModelVersion version = store.version(model.version());
    IndexEntry entry =
        version
            .find(model.key())
            .filter(found -> found.digest().equals(model.digest()))
            .orElseThrow(
                () ->
                    new StoreException("cannot load " + model + ": its version does not hold it"));
    return version.load(entry);
  }

  @Override
  public String token() {
    return token;
  }

  private static ModelVersion named(ModelStore store, VersionId id, String file) {
    return store
        .find(id)
        .orElseThrow(
            () ->
                new StoreException(
                    "cannot serve what "
                        + file
                        + " says: version "
                        + id
                        + " does not exist in "
                        + store.location()));
  }
}
