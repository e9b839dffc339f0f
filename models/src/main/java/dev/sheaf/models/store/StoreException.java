package dev.sheaf.models.store;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/**
 * Says what could not be done with a model store, and with which file.
 *
 * <p>Its message is one line made for the person who runs the job; the cause, where there is one,
 * is what the file system said.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what could not be done: the rule, the value found, the valid values. */
  public StoreException(String message) {
    super(message);
  }

  /** Says what could not be done and keeps what the file system said. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what could not be done with a file, why, and keeps the cause. */
  static StoreException of(String what, String file, Exception cause) {
    String why =
        cause instanceof NoSuchFileException
            ? "it is not there"
            : cause instanceof AccessDeniedException
                ? "access is denied"
                : String.valueOf(cause.getMessage());
    return new StoreException("cannot " + what + " " + file + ": " + why, cause);
  }
}
