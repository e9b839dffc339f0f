package dev.sheaf.models.store;

import java.io.IOException;

/** A file was read and does not hold what the store wrote. */
final class DamageException extends IOException {
  private static final long serialVersionUID = 1L;

  DamageException(String message) {
    super(message);
  }

  DamageException(String message, Throwable cause) {
    super(message, cause);
  }
}
