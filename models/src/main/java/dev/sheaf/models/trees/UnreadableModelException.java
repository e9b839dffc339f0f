package dev.sheaf.models.trees;

/** A model file is damaged, or holds something that cannot be converted exactly. */
public final class UnreadableModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public UnreadableModelException(String message) {
    super(message);
  }

  public UnreadableModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
