package dev.sheaf.transforms.failure;

/**
 * Says why one row cannot be used; the row leaves by the error output with this message.
 *
 * <p>It carries no stack trace: it names a fault of the data, and there may be millions of them.
 */
public final class BadRowException extends Exception {
  private static final long serialVersionUID = 1L;

  public BadRowException(String reason) {
    super(reason, null, false, false);
  }

  public BadRowException(String reason, Throwable cause) {
    super(reason, cause, false, false);
  }

  /** The reason, never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
