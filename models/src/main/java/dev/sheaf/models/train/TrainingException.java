package dev.sheaf.models.train;

import org.jspecify.annotations.Nullable;

/** A model could not be trained on the given rows; the message says why. */
public final class TrainingException extends Exception {
  private static final long serialVersionUID = 1L;

  public TrainingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Of a label that is NaN or infinite. */
  static TrainingException ofLabel(double label) {
    return new TrainingException(
        "a label is " + label + ": only finite numbers can be learned", null);
  }

  /** The message of what was thrown, or its text if it has none. */
  static String messageOf(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.toString() : message;
  }
}
