package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the models of the keys that came lately are; of one thread.
 *
 * <p>From a key to its weights it is a long way through maps and objects that all threads share,
 * and with many keys each step of it waits for memory. Here it is a slot, a route, and the weights.
 * A route counts as long as the same generation serves and the cache has dropped no model, so that
 * it never says anything else than the long way would.
 */
final class KeyTable {
  private static final int FEWEST_SLOTS = 1 << 10;
  private static final int MOST_SLOTS = 1 << 17;

  /** Knuth's multiplier, which spreads neighbours over the upper bits. */
  private static final int SPREAD = 0x9E3779B9;

  /** Characters of a key that a code holds beside their number. */
  private static final int SHORT_KEY = 7;

  /** In place of the number of characters: the rest is a hash. */
  private static final long LONG_KEY = 0xFFL << 56;

  private @Nullable Route[] slots = new Route[FEWEST_SLOTS];
  private @Nullable Generation generation;
  private long drops;
  private int replaced;

  /**
   * The way to a loaded model.
   *
   * @param code of the key that it belongs to
   * @param drops how many models the cache had dropped when it was found
   * @param template what its rows go through together with those of other models, and its weights;
   *     null if they do not
   */
  record Route(
      long code,
      long drops,
      ChosenModel chosen,
      CachedModel cached,
      @Nullable SharedTemplate template,
      @Nullable ModelWeights weights) {}

  /** From here on routes count that were kept of this generation after the cache's last drop. */
  void begin(Generation serving, long dropsSoFar) {
    if (serving != generation) {
      generation = serving;
      forget();
    }
    drops = dropsSoFar;
  }

  /** Lets go of the models that the cache has dropped, if there are any. */
  void letGo(long dropsSoFar) {
    if (dropsSoFar != drops) {
      drops = dropsSoFar;
      forget();
    }
  }

  private void forget() {
    Arrays.fill(slots, null);
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

  /** The route of a key; null if none is kept that counts. */
  @Nullable Route find(long code, String key) {
    Route route = slots[slot(code)];
    if (route == null || route.code != code || route.drops != drops) {
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
        ? new Route(code, drops, chosen, cached, weighted.template(), weighted.weights())
        : new Route(code, drops, chosen, cached, null, null);
  }

  /** Keeps the route to a key's own model, in place of another. */
  void keep(Route route) {
    Route before = slots[slot(route.code)];
    if (before != null && before.code != route.code && ++replaced > slots.length / 2) {
      grow();
    }
    slots[slot(route.code)] = route;
  }

  private int slot(long code) {
    int hash = (int) (code ^ (code >>> 32)) * SPREAD;
    return hash >>> (Integer.numberOfLeadingZeros(slots.length) + 1);
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
