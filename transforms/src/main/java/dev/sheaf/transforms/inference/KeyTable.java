package dev.sheaf.transforms.inference;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the models of the keys that came lately are; of one thread.
 *
 * <p>From a key to its model it is a long way through maps and objects that all threads share, and
 * with many keys each step of it waits for memory. Here it is a look into a slot. All is forgotten
 * when another generation serves or the cache has dropped any model, so that the table never says
 * anything else than the long way would, nor keeps what was dropped.
 */
final class KeyTable {
  private static final int FEWEST_SLOTS = 1 << 10;
  private static final int MOST_SLOTS = 1 << 17;

  /** Slots beside each other that a key may be in. */
  private static final int BUCKET = 4;

  /** 2^64 divided by the golden ratio: spreads neighbours over the upper bits. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /** Characters of a key that a code holds beside their number. */
  private static final int SHORT_KEY = 7;

  /** In place of the number of characters: the rest is a hash. */
  private static final long LONG_KEY = 0xFFL << 56;

  /** The place of each slot's model and 1 more; 0 if it is free. */
  private int[] slots = new int[FEWEST_SLOTS];

  /** The code of the key that the model at each place is for. */
  private long[] codes = new long[FEWEST_SLOTS];

  private int used;
  private final NearModels models = new NearModels();

  /** Models that others fall back to. */
  private final Map<ChosenModel, Integer> shared = new HashMap<>();

  private @Nullable Generation generation;
  private long drops;
  private boolean settled;

  /** The models at the places that are found. */
  NearModels models() {
    return models;
  }

  /**
   * Begins to look up rows. While the cache drops models no key is kept: it would not last.
   *
   * @param dropsSoFar how many models the cache has dropped
   */
  void begin(Generation serving, long dropsSoFar) {
    settled = dropsSoFar == drops;
    letGo(dropsSoFar);
    models.free();
    if (serving != generation || models.isWasteful()) {
      generation = serving;
      forget();
    }
  }

  /** Lets go of all models if the cache has dropped any, or if none was kept because it had. */
  void letGo(long dropsSoFar) {
    if (dropsSoFar != drops || !settled) {
      drops = dropsSoFar;
      forget();
    }
  }

  private void forget() {
    if (slots.length > FEWEST_SLOTS) {
      slots = new int[FEWEST_SLOTS];
      codes = new long[FEWEST_SLOTS];
    } else if (used > 0) {
      Arrays.fill(slots, 0);
    }
    used = 0;
    models.clear();
    shared.clear();
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

  /** The place of a key's model; {@link NearModels#NONE} if it is not known. */
  int find(long code, String key) {
    int home = home(code);
    for (int i = 0; i < BUCKET; i++) {
      int place = slots[home ^ i] - 1;
      if (place >= 0 && codes[place] == code) {
        boolean isHash = (code & LONG_KEY) == LONG_KEY;
        return isHash && !models.modelKey(place).equals(key) ? NearModels.NONE : place;
      }
    }
    return NearModels.NONE;
  }

  /** Keeps a key's own model; its place, or {@link NearModels#NONE} if it is not loaded. */
  int keep(long code, ChosenModel model) {
    return keepAt(models.add(model), code);
  }

  /** Keeps a key's own model, which is in use; its place. */
  int keep(long code, ChosenModel model, CachedModel.Lease inUse) {
    return keepAt(models.add(model, inUse.cached(), inUse.model()), code);
  }

  private int keepAt(int place, long code) {
    if (place == NearModels.NONE || !settled) {
      return place;
    }
    if (place >= codes.length) {
      codes = Arrays.copyOf(codes, 2 * place);
    }
    codes[place] = code;
    int slot = slotFor(code);
    if (slots[slot] == 0) {
      used++;
    } else {
      models.drop(slots[slot] - 1);
    }
    slots[slot] = place + 1;
    return place;
  }

  /**
   * Keeps a model that several keys may share; its place, or {@link NearModels#NONE} if it is not
   * loaded.
   */
  int keepShared(ChosenModel model) {
    int known = findShared(model);
    if (known != NearModels.NONE) {
      return known;
    }
    int place = models.add(model);
    if (place != NearModels.NONE) {
      shared.put(model, place);
    }
    return place;
  }

  /** The place of a model that several keys may share; {@link NearModels#NONE} if it has none. */
  int findShared(ChosenModel model) {
    return shared.getOrDefault(model, NearModels.NONE);
  }

  /** Keeps a model that several keys may share, which is in use; its place. */
  int keepShared(ChosenModel model, CachedModel.Lease inUse) {
    int place = models.add(model, inUse.cached(), inUse.model());
    shared.put(model, place);
    return place;
  }

  /** The slot that has a code, or else a free one, or else one whose key is to go. */
  private int slotFor(long code) {
    while (true) {
      int home = home(code);
      int free = -1;
      for (int i = 0; i < BUCKET; i++) {
        int slot = home ^ i;
        int place = slots[slot] - 1;
        if (place >= 0 && codes[place] == code) {
          return slot;
        } else if (place < 0 && free < 0) {
          free = slot;
        }
      }
      // Full although most slots are free: the codes are unlucky, and more slots would not help.
      boolean grows = slots.length < MOST_SLOTS && used > slots.length / BUCKET;
      if (free >= 0 || !grows) {
        return free >= 0 ? free : home;
      }
      grow();
    }
  }

  private int home(long code) {
    return (int) ((code * SPREAD) >>> (Long.numberOfLeadingZeros(slots.length) + 1));
  }

  private void grow() {
    int[] before = slots;
    slots = new int[2 * before.length];
    for (int kept : before) {
      if (kept != 0) {
        int slot = slotFor(codes[kept - 1]);
        slots[slot] = kept;
      }
    }
  }
}
