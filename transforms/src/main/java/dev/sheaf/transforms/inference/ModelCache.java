package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The loaded models of this JVM within a budget of bytes, shared by all DoFn instances, and empty
 * when there are none.
 *
 * <p>The budget is the largest that any transform in the JVM asked for; templates count in it. One
 * thread loads a model; others that want the same one wait for it. Who finds its model pays one
 * read of a field: the models lie in a ring, and eviction goes round it and drops those that nobody
 * asked for since it last came by (the "second chance" page replacement of F. J. Corbató, 1968). A
 * model that is in use when it is dropped is closed by its last user.
 */
final class ModelCache {
  private static final ModelCache SHARED = new ModelCache();
  private static final long LIMIT_MINUTES = 10;

  private final AtomicLong evictions = new AtomicLong();
  private final AtomicLong drops = new AtomicLong();
  private final AtomicLong heldBytes = new AtomicLong();
  private final Templates templates = new Templates(heldBytes, this::replace);
  private final Map<Key, FutureTask<CachedModel>> models = new ConcurrentHashMap<>();

  /** All loaded models, in no order; guarded by itself, as are the fields below. */
  private final List<CachedModel> ring = new ArrayList<>();

  private int hand;
  private int members;
  private volatile long budgetBytes;

  /** Which bytes, on which device. */
  record Key(String digest, ExecutionProvider provider) {}

  /** Reads the bytes of a model that is not in the cache. */
  @FunctionalInterface
  interface Loader {
    LoadedModel load(Templates templates);
  }

  static ModelCache shared() {
    return SHARED;
  }

  /** Makes the budget at least {@code bytes} and the cache live until it is left. */
  void join(long bytes) {
    synchronized (ring) {
      members++;
      budgetBytes = Math.max(budgetBytes, bytes);
    }
  }

  /** Whoever joined leaves; the last one closes everything. */
  void leave() {
    synchronized (ring) {
      members--;
      if (members == 0) {
        budgetBytes = 0;
        while (!ring.isEmpty()) {
          drop(ring.size() - 1);
        }
        templates.clear();
      }
    }
  }

  /** The model and who loaded it. */
  record Found(CachedModel.Lease lease, boolean loadedNow) {}

  /** A model that the caller must release; loaded by {@code loader} where it is not there yet. */
  Found acquire(Key key, Loader loader) {
    while (true) {
      FutureTask<CachedModel> mine =
          new FutureTask<>(() -> new CachedModel(key, loader.load(templates)));
      FutureTask<CachedModel> task = models.putIfAbsent(key, mine);
      boolean loads = task == null;
      if (task == null) {
        task = mine;
        mine.run();
      }
      CachedModel cached = result(key, task);
      CachedModel.Lease lease = cached.lease();
      if (loads) {
        add(cached);
      }
      if (lease != null) {
        return new Found(lease, loads);
      }
      models.remove(key, task);
    }
  }

  /** Has a model that many rows ask for, and that is in use, go over to its template. */
  void share(LoadedModel.Alone model) {
    templates.share(model);
  }

  private CachedModel result(Key key, FutureTask<CachedModel> task) {
    try {
      return task.get(LIMIT_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      models.remove(key, task);
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("a model was not loaded", e);
    } catch (TimeoutException e) {
      throw new StoreException(
          "cannot load a model: another thread did not load it in " + LIMIT_MINUTES + " minutes",
          new java.io.IOException(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          "interrupted while another thread loaded a model", new java.io.IOException(e));
    }
  }

  private void add(CachedModel cached) {
    synchronized (ring) {
      ring.add(cached);
      heldBytes.addAndGet(cached.bytes());
      // Twice around at most: first they lose their mark, then they go; the new one goes last.
      for (int steps = 2 * ring.size(); steps > 0 && ring.size() > 1 && isOver(); steps--) {
        hand = hand >= ring.size() ? 0 : hand;
        CachedModel next = ring.get(hand);
        if (next == cached || next.takeUsed()) {
          hand++;
        } else {
          evict(hand);
        }
      }
      if (isOver()) {
        evict(ring.indexOf(cached));
      }
    }
  }

  /** Goes over to the same model in another form; false if it is not in the cache. */
  private boolean replace(LoadedModel before, LoadedModel by) {
    synchronized (ring) {
      for (CachedModel cached : ring) {
        if (cached.model() == before) {
          heldBytes.addAndGet(by.byteSize() - before.byteSize());
          cached.replace(by);
          // Afterwards: who has the count from now on has seen the new form.
          drops.incrementAndGet();
          return true;
        }
      }
      return false;
    }
  }

  private boolean isOver() {
    return heldBytes.get() > budgetBytes;
  }

  private void evict(int place) {
    evictions.incrementAndGet();
    drop(place);
  }

  private void drop(int place) {
    CachedModel dropped = ring.get(place);
    CachedModel last = ring.remove(ring.size() - 1);
    if (last != dropped) {
      ring.set(place, last);
    }
    models.remove(dropped.key());
    heldBytes.addAndGet(-dropped.bytes());
    dropped.drop();
    drops.incrementAndGet();
  }

  /** How many loaded models went, for whatever reason. */
  long drops() {
    return drops.get();
  }

  /** Whether it matters which models are in use, because others may have to go. */
  boolean fillsUp() {
    return heldBytes.get() > budgetBytes / 2;
  }

  /**
   * Makes room for a model that nobody asks for yet, at the cost of those that nobody asked for
   * lately; false if there is too little.
   */
  boolean makeRoom(long bytes) {
    if (hasRoom(bytes)) {
      return true;
    }
    synchronized (ring) {
      for (int place = ring.size() - 1; place >= 0 && !hasRoom(bytes); place--) {
        if (!ring.get(place).isUsed()) {
          evict(place);
        }
      }
    }
    return hasRoom(bytes);
  }

  private boolean hasRoom(long bytes) {
    return heldBytes.get() + bytes <= budgetBytes - budgetBytes / 8;
  }

  /** Evictions since the last call. */
  long takeEvictions() {
    return evictions.getAndSet(0);
  }

  /** What the models and templates in the cache take. */
  long heldBytes() {
    return heldBytes.get();
  }

  /** The budget of now. */
  long budgetBytes() {
    return budgetBytes;
  }

  /** How many models are loaded. */
  int size() {
    synchronized (ring) {
      return ring.size();
    }
  }
}
