package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import org.jspecify.annotations.Nullable;

/**
 * Where the models of the keys that came lately are; of one thread.
 *
 * <p>From a key to its weights it is a long way through maps and objects that all threads share,
 * and with many keys each step of it waits for memory. Here it is a slot, a route, and the weights.
 * All routes are forgotten when another generation serves or the cache has dropped any model, so
 * that they never say anything else than the long way would, nor keep what was dropped.
 */
final class KeyTable {
  private static final int FEWEST_SLOTS = 1 << 10;
  private static final int MOST_SLOTS = 1 << 17;

  /** 2^64 divided by the golden ratio: spreads neighbours over the upper bits. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /** Characters of a key that a code holds beside their number. */
  private static final int SHORT_KEY = 7;

  /** In place of the number of characters: the rest is a hash. */
  private static final long LONG_KEY = 0xFFL << 56;

  private @Nullable Route[] slots = new Route[FEWEST_SLOTS];
  private @Nullable Generation generation;
  private long drops;
  private boolean settled;
  private int kept;
  private int replaced;

  /**
   * The way to a loaded model.
   *
   * @param code of the key that it belongs to
   * @param template what its rows go through together with those of other models, and its weights;
   *     null if they do not
   */
  record Route(
      long code,
      ChosenModel chosen,
      CachedModel cached,
      @Nullable SharedTemplate template,
      @Nullable ModelWeights weights) {}

  /**
   * Begins to look up rows. While the cache drops models, no route is kept: it would not last.
   *
   * @param dropsSoFar how many models the cache has dropped
   */
  void begin(Generation serving, long dropsSoFar) {
    settled = dropsSoFar == drops;
    letGo(dropsSoFar);
    if (serving != generation) {
      generation = serving;
      forget();
    }
  }

  /** Lets go of all models if the cache has dropped any. */
  void letGo(long dropsSoFar) {
    if (dropsSoFar != drops) {
      drops = dropsSoFar;
      forget();
    }
  }

  private void forget() {
    if (kept > 0) {
      slots = new Route[FEWEST_SLOTS];
    }
    kept = 0;
    replaced = 0;
  }

  /** The same for the same key; for keys of up to seven Latin letters for no other. */
  static long code(String key) {
    int length = key.length();
    if (length <= SHORT_KEY) {
      long code = length;
      int all = 0;
      for (int i = 0; i < length; i++) {
        char letter = key.charAt(i);
        code = (code << Byte.SIZE) | (letter & 0xFF);
        all |= letter;
      }
      if (all <= 0xFF) {
        return code;
      }
    }
    return LONG_KEY | (key.hashCode() & 0xFFFF_FFFFL);
  }

  /** The route of a key; null if none is kept. */
  @Nullable Route find(long code, String key) {
    Route route = slots[slot(code)];
    if (route == null || route.code != code) {
      return null;
    }
    boolean isHash = (code & LONG_KEY) == LONG_KEY;
    return isHash && !route.chosen.modelKey().equals(key) ? null : route;
  }

  /** The long way to a model; null if it is not loaded. */
  @Nullable Route route(long code, ChosenModel chosen) {
    CachedModel cached = chosen.cached();
    LoadedModel model = cached == null ? null : cached.model();
    if (cached == null || model == null) {
      return null;
    }
    return model instanceof Weighted weighted && model.isMixed()
        ? new Route(code, chosen, cached, weighted.template(), weighted.weights())
        : new Route(code, chosen, cached, null, null);
  }

  /** Keeps the route to a key's own model, in place of another. */
  void keep(Route route) {
    if (!settled) {
      return;
    }
    kept++;
    Route before = slots[slot(route.code)];
    if (before != null && before.code != route.code && ++replaced > slots.length / 2) {
      grow();
    }
    slots[slot(route.code)] = route;
  }

  private int slot(long code) {
    return (int) ((code * SPREAD) >>> (Long.numberOfLeadingZeros(slots.length) + 1));
  }

  private void grow() {
    replaced = 0;
    if (slots.length == MOST_SLOTS) {
      return;
    }
    @Nullable Route[] before = slots;
    slots = new Route[2 * before.length];
    for (Route route : before) {
      if (route != null) {
        slots[slot(route.code)] = route;
      }
    }
  }
}
