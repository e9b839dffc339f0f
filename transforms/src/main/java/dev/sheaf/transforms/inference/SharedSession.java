package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelSession;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A session shared by threads and owned by the cache. It is closed when the cache has dropped it
 * and the last one who uses it has let go.
 */
final class SharedSession {
  private final ModelSession session;
  private final AtomicInteger users = new AtomicInteger(1);

  SharedSession(ModelSession session) {
    this.session = session;
  }

  ModelSession session() {
    return session;
  }

  /** Takes part in the session; false when it is closed already. */
  boolean retain() {
    return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      session.close();
    }
  }
}
