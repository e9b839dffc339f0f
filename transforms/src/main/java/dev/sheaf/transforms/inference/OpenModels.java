package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxModel;
import dev.sheaf.models.onnx.TensorSession;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of general models that are open in this JVM, one for each model and content, shared
 * by all DoFn instances: the first who asks opens it while others wait, the last who lets go closes
 * it.
 */
final class OpenModels {
  private static final OpenModels SHARED = new OpenModels(TensorSession::open);

  private final ConcurrentMap<Key, Shared> open = new ConcurrentHashMap<>();
  private final Function<OnnxModel, TensorSession> opener;

  /**
   * A model with what its file held.
   *
   * @param content tells one content of the location from another; empty where nobody asks
   */
  record Key(OnnxModel model, String content) {}

  /** A session and how many use it; closed for good when nobody does. */
  private static final class Shared {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable TensorSession session;
    private int users;
    private boolean dropped;
  }

  OpenModels(Function<OnnxModel, TensorSession> opener) {
    this.opener = opener;
  }

  static OpenModels shared() {
    return SHARED;
  }

  /** Whether anybody has a model open, whatever its content. */
  boolean isOpen(OnnxModel model) {
    return open.keySet().stream().anyMatch(key -> key.model().equals(model));
  }

  /** How many sessions are open. */
  int size() {
    return open.size();
  }

  /**
   * A session that the caller must let go; opened now where nobody has it open.
   *
   * @throws IllegalStateException if the thread is interrupted while another one opens the model
   */
  Lease acquire(Key key) {
    while (true) {
      Shared shared = open.computeIfAbsent(key, absent -> new Shared());
      Interrupts.lock(shared.lock, "the model " + key.model().id());
      try {
        if (shared.dropped) {
          continue;
        }
        TensorSession session = shared.session;
        boolean opens = session == null;
        if (session == null) {
          try {
            session = opener.apply(key.model());
          } catch (RuntimeException | Error e) {
            shared.dropped = true;
            open.remove(key, shared);
            throw e;
          }
          shared.session = session;
        }
        shared.users++;
        return new Lease(this, key, shared, session, opens);
      } finally {
        shared.lock.unlock();
      }
    }
  }

  /** The right to use a session until it is closed. */
  static final class Lease implements AutoCloseable {
    private final OpenModels owner;
    private final Key key;
    private final Shared shared;
    private final TensorSession session;
    private final boolean openedNow;
    private boolean closed;

    private Lease(
        OpenModels owner, Key key, Shared shared, TensorSession session, boolean openedNow) {
      this.owner = owner;
      this.key = key;
      this.shared = shared;
      this.session = session;
      this.openedNow = openedNow;
    }

    TensorSession session() {
      return session;
    }

    /** Whether this lease is the one for which the session was opened. */
    boolean openedNow() {
      return openedNow;
    }

    /** Lets go; a second time does nothing. */
    @Override
    public void close() {
      shared.lock.lock();
      try {
        if (closed) {
          return;
        }
        closed = true;
        shared.users--;
        if (shared.users == 0) {
          shared.dropped = true;
          owner.open.remove(key, shared);
          session.close();
        }
      } finally {
        shared.lock.unlock();
      }
    }
  }
}
