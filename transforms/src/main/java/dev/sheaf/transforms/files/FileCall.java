package dev.sheaf.transforms.files;

import java.io.IOException;

/**
 * A call of one of Beam's file systems.
 *
 * <p>The clients under some of them throw unchecked exceptions for a server that is busy or an
 * object that is missing, as S3's does. To a store these are faults of the file system, which may
 * pass, and not bugs.
 */
@FunctionalInterface
interface FileCall<T> {
  T make() throws IOException;

  /** Makes the call; whatever goes wrong is an IOException. */
  static <T> T of(FileCall<T> call) throws IOException {
    try {
      return call.make();
    } catch (RuntimeException e) {
      throw new IOException(e.toString(), e);
    }
  }

  /** As {@link #of}, for a call that gives nothing. */
  static void run(Action call) throws IOException {
    of(
        () -> {
          call.make();
          return true;
        });
  }

  /** A call that gives nothing. */
  @FunctionalInterface
  interface Action {
    void make() throws IOException;
  }
}
