package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.ModelRef;
import dev.sheaf.models.store.ModelScope;
import dev.sheaf.models.store.ResolvedModels;
import dev.sheaf.models.store.StoreException;
import java.io.IOException;
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

  Generation(ResolvedModels resolved) {
    this.resolved = resolved;
  }

  /** Goes on from the one that served until now; to be called once, before it serves. */
  void follow(Generation previous) {
    before.putAll(previous.before);
    previous.chosen.forEach(
        (key, model) -> {
          if (model.hasServed()) {
            before.put(key, model);
          }
          CachedModel replaced = model.cached();
          ChosenModel next = chosen.get(key);
          if (replaced != null && (next == null || next.cached() != replaced)) {
            replaced.takeUsed();
          }
        });
    before.keySet().removeIf(key -> resolved.find(key).isEmpty());
  }

  /** The last model of a key that scored rows before this generation; null if there is none. */
  @Nullable ChosenModel before(String storeKey) {
    return before.get(storeKey);
  }

  /** The keys that are scored by a loaded model at the moment, as the store knows them. */
  List<String> inUse() {
    return chosen.entrySet().stream()
        .filter(entry -> isInUse(entry.getValue()) || isInUse(before.get(entry.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isInUse(@Nullable ChosenModel model) {
    CachedModel cached = model == null ? null : model.cached();
    return model != null && model.hasServed() && cached != null && cached.model() != null;
  }

  String token() {
    return resolved.token();
  }

  /**
   * Reads a model and opens it.
   *
   * @throws ModelUnusableException when the model is missing or damaged, or is none
   * @throws StoreException when it may be read or opened another time
   */
  LoadedModel open(ModelRef ref, Templates templates, ExecutionProvider provider) {
    try {
      return templates.open(resolved.load(ref), provider);
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.OUTAGE) {
        throw e;
      }
      throw new ModelUnusableException(ref, e);
    } catch (RuntimeException e) {
      if (LoadFault.isPassing(e)) {
        throw new StoreException(
            "cannot load " + ModelUnusableException.describe(ref) + " now: " + e.getMessage(),
            new IOException(e.toString()));
      }
      throw new ModelUnusableException(ref, e);
    }
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
    return ref == null ? null : chosen.computeIfAbsent(storeKey, key -> new ChosenModel(ref));
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
