package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.ModelTemplate;
import dev.sheaf.models.onnx.TemplateSession;
import java.util.function.Consumer;

/**
 * A template's session, used by the models whose weights are loaded and by the threads that have
 * buffers for it, and closed when the last of them lets go.
 */
final class SharedTemplate {
  private final TemplateSession session;
  private final Consumer<SharedTemplate> onClose;
  private final boolean mixed;
  private int users;

  SharedTemplate(TemplateSession session, Consumer<SharedTemplate> onClose) {
    this.session = session;
    this.onClose = onClose;
    this.mixed = session.template().rows() == ModelTemplate.Rows.MIXED;
    this.users = 1;
  }

  TemplateSession session() {
    return session;
  }

  /** Whether rows of different models go through it in one call. */
  boolean isMixed() {
    return mixed;
  }

  /** Takes part in the session; false when it is closed already. */
  synchronized boolean retain() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  void release() {
    synchronized (this) {
      users--;
      if (users > 0) {
        return;
      }
    }
    session.close();
    onClose.accept(this);
  }
}
