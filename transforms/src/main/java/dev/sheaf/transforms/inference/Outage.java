package dev.sheaf.transforms.inference;

import dev.sheaf.models.store.StoreException;
import java.io.CharConversionException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.zip.ZipException;

/** Tells a store that cannot be reached for a while from a file that is damaged for good. */
final class Outage {
  private static final List<Class<? extends IOException>> DAMAGE =
      List.of(
          NoSuchFileException.class,
          FileNotFoundException.class,
          EOFException.class,
          ZipException.class,
          CharConversionException.class,
          CharacterCodingException.class);

  /** What the store says of bytes that it has read and that are not those that were written. */
  private static final List<String> DAMAGE_IN_WORDS =
      List.of("was changed: its digest is", "it is cut short: ");

  private Outage() {}

  /**
   * Whether the file system failed, so that the same call may succeed later: an {@link IOException}
   * is among the causes, and none of them says that a file is missing or damaged. In doubt it is an
   * outage, which fails loudly, and not a bad model, which costs a key its rows.
   */
  static boolean isBehind(StoreException failure) {
    boolean reading = false;
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (isDamage(cause)) {
        return false;
      }
      reading |= cause instanceof IOException;
    }
    return reading;
  }

  private static boolean isDamage(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    boolean inWords =
        cause.getClass() == IOException.class
            && DAMAGE_IN_WORDS.stream().anyMatch(message::contains);
    return inWords || DAMAGE.stream().anyMatch(type -> type.isInstance(cause));
  }
}
