package dev.sheaf.models.store;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says what serves: one version, and for some keys another one.
 *
 * <p>Rolling back one key is an override, rolling back all of them is another version; either is
 * one small write by {@link ModelStore#promote}.
 *
 * @param version serves every key that has no override
 * @param overrides per key, the version that serves it instead
 */
public record Alias(VersionId version, Map<String, VersionId> overrides) implements Serializable {

  /** Copies the overrides and leaves out those that say nothing. */
  public Alias {
    overrides.keySet().forEach(Keys::check);
    SortedMap<String, VersionId> sorted = new TreeMap<>(overrides);
    VersionId main = version;
    sorted.values().removeIf(main::equals);
    overrides = Collections.unmodifiableSortedMap(sorted);
  }

  /** Serves all keys from one version. */
  public static Alias to(VersionId version) {
    return new Alias(version, Map.of());
  }

  /** The same alias with one key served from another version. */
  public Alias withOverride(String key, VersionId other) {
    SortedMap<String, VersionId> changed = new TreeMap<>(overrides);
    changed.put(key, other);
    return new Alias(version, changed);
  }

  /** The version that serves a key, whether or not it has a model for it. */
  public VersionId versionOf(String key) {
    return overrides.getOrDefault(key, version);
  }
}
