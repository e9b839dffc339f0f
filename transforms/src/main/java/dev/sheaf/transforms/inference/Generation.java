package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ResolvedModels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What serves at one moment; never changes but for what is found out about it. */
final class Generation {
  private static final Logger LOG = LoggerFactory.getLogger(Generation.class);

  private final ResolvedModels resolved;
  private final Map<String, ChosenModel> chosen = new ConcurrentHashMap<>();

  /** The last model of each key that scored rows, from before this generation. */
  private final Map<String, ChosenModel> before = new ConcurrentHashMap<>();

  private final Map<String, Optional<String>> groupColumns = new ConcurrentHashMap<>();

  /**
   * What serves from now on.
   *
   * @param previous what served before; null for the first
   */
  Generation(ResolvedModels resolved, @Nullable Generation previous) {
    this.resolved = resolved;
    if (previous != null) {
      before.putAll(previous.before);
      previous.chosen.forEach(
          (key, model) -> {
            if (model.hasServed()) {
              before.put(key, model);
            }
          });
      before.values().forEach(ChosenModel::forgetBefore);
      before.keySet().removeIf(key -> resolved.find(key).isEmpty());
    }
  }

  String token() {
    return resolved.token();
  }

  byte[] load(ModelRef ref) {
    return resolved.load(ref);
  }

  /** The model of a row's key; null if it has none. */
  @Nullable ChosenModel ofKey(String text) {
    return find(!text.isEmpty() && text.charAt(0) == '@' ? ModelScope.key(text).storeKey() : text);
  }

  /** The model that the store knows by a key; null if there is none. */
  @Nullable ChosenModel find(String storeKey) {
    ChosenModel known = chosen.get(storeKey);
    if (known != null) {
      return known;
    }
    // Keys without a model are not kept: there is no end of them, and the index answers at once.
    ModelRef ref = resolved.find(storeKey).orElse(null);
    return ref == null
        ? null
        : chosen.computeIfAbsent(storeKey, key -> new ChosenModel(ref, before.get(key)));
  }

  /**
   * The column that groups are by, as those who trained their models spelled it: without regard to
   * case where that is unambiguous, an exact match first; null if no model is for such a group.
   */
  @Nullable String groupColumn(String name) {
    return groupColumns
        .computeIfAbsent(name, absent -> Optional.ofNullable(findGroupColumn(absent)))
        .orElse(null);
  }

  private @Nullable String findGroupColumn(String name) {
    SortedSet<String> columns = ModelScope.groupColumns(resolved.keys());
    if (columns.contains(name)) {
      return name;
    }
    List<String> alike =
        columns.stream().filter(name::equalsIgnoreCase).collect(Collectors.toList());
    if (alike.size() != 1) {
      LOG.warn(
          "no fallback to groups by {} in {}: {}; there are models of groups by {}",
          name,
          resolved.token(),
          alike.isEmpty() ? "there is no model of such a group" : "more than one column is meant",
          columns);
    }
    return alike.size() == 1 ? alike.get(0) : null;
  }
}
