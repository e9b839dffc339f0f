package dev.sheaf.models.store;

import java.io.CharConversionException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Says what could not be done with a model store, and with which file.
 *
 * <p>Its message is one line made for the person who runs the job; the cause, where there is one,
 * is what the file system said.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final List<Class<? extends IOException>> DAMAGE =
      List.of(
          DamageException.class,
          NoSuchFileException.class,
          FileNotFoundException.class,
          EOFException.class,
          ZipException.class,
          CharConversionException.class,
          CharacterCodingException.class);

  /** Why something could not be done. */
  public enum Reason {
    /** The file system failed: the same call may succeed later. */
    OUTAGE,
    /** A file is missing, or does not hold what was written: the same call fails again. */
    DAMAGE,
    /** What was asked for is not valid, whatever the files hold. */
    REFUSAL
  }

  private final Reason reason;

  /** Says what could not be done: the rule, the value found, the valid values. */
  public StoreException(String message) {
    super(message);
    this.reason = Reason.REFUSAL;
  }

  /** Says what could not be done and keeps what the file system said. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
    this.reason = reason(cause);
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

  /** Why it could not be done, so that callers know whether to try again. */
  public Reason reason() {
    return reason;
  }

  /**
   * It is an outage if an {@link IOException} or an interrupt is among the causes and none of them
   * says that a file is missing or damaged: in doubt a file system that fails, which is told of
   * loudly, and not a bad model, which costs a key its rows.
   */
  private static Reason reason(Throwable failure) {
    boolean reading = false;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      for (Class<? extends IOException> damage : DAMAGE) {
        if (damage.isInstance(cause)) {
          return Reason.DAMAGE;
        }
      }
      reading |= cause instanceof IOException || cause instanceof InterruptedException;
    }
    return reading ? Reason.OUTAGE : Reason.DAMAGE;
  }
}
