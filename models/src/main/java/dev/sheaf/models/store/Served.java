package dev.sheaf.models.store;

import dev.sheaf.models.store.ServedModel.MetricNames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The models of one alias at one moment: the main version's index, overridden. */
final class Served implements ResolvedModels {
  private final ModelStore store;
  private final Map<String, ServedModel> places;
  private final String token;

  private Served(ModelStore store, Map<String, ServedModel> places, String token) {
    this.store = store;
    this.places = places;
    this.token = token;
  }

  /** Reads the indexes; {@code file} is what to blame if a version or a key is not there. */
  static Served of(ModelStore store, Alias alias, String token, String file) {
    Map<MetricNames, MetricNames> names = new HashMap<>();
    UnaryOperator<MetricNames> shared = found -> names.computeIfAbsent(found, same -> same);
    ModelVersion main = named(store, alias.version(), file);
    Map<String, ServedModel> places = new HashMap<>(hashCapacity(main.manifest().models()));
    main.readIndex(
        entry -> {
          if (entry.status() != EntryStatus.WITHHELD) {
            places.put(entry.key(), new ServedModel(main, entry, shared));
          }
        });
    for (Map.Entry<VersionId, List<String>> other : overridesByVersion(alias).entrySet()) {
      ModelVersion version = named(store, other.getKey(), file);
      Set<String> missing = new LinkedHashSet<>(other.getValue());
      version.readIndex(
          entry -> {
            if (missing.remove(entry.key())) {
              places.put(entry.key(), new ServedModel(version, entry, shared));
            }
          });
      if (!missing.isEmpty()) {
        throw new StoreException(
            "cannot serve what "
                + file
                + " says: it overrides key \""
                + missing.iterator().next()
                + "\" to version "
                + other.getKey()
                + ", which has no model for it");
      }
    }
    return new Served(store, places, token);
  }

  private static int hashCapacity(long entries) {
    return (int) Math.min(1 << 30, entries * 4 / 3 + 1);
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
    return Optional.ofNullable(places.get(key)).map(place -> place.ref(key));
  }

  @Override
  public Optional<IndexEntry> entry(String key) {
    return Optional.ofNullable(places.get(key)).map(place -> place.entry(key));
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(places.keySet());
  }

  @Override
  public byte[] load(ModelRef model) {
    ServedModel place = places.get(model.key());
    if (place != null && place.ref(model.key()).equals(model)) {
      return place.load(model.key());
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
