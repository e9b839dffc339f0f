package dev.sheaf.models.trees;

import io.github.metarank.lightgbm4j.LGBMBooster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads LightGBM's native code from a folder of this JVM's own.
 *
 * <p>Left to itself lightgbm4j unpacks it under one fixed name in {@code java.io.tmpdir}, writing
 * over the file that another JVM has mapped, which then dies of a segmentation fault. Call {@link
 * #load()} before touching any other class of lightgbm4j.
 */
public final class NativeLightgbm {
  private static final String TEMPORARY = "java.io.tmpdir";

  private static boolean loaded;

  private NativeLightgbm() {}

  /**
   * Loads the native code, once.
   *
   * @throws LinkageError if it cannot be loaded: on Linux it needs libgomp.so.1
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    String before = System.getProperty(TEMPORARY, "");
    try {
      Path folder = Files.createTempDirectory("lightgbm");
      folder.toFile().deleteOnExit();
      System.setProperty(TEMPORARY, folder.toString());
      try {
        LGBMBooster.loadNative();
      } finally {
        System.setProperty(TEMPORARY, before);
        clear(folder);
      }
      loaded = true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack LightGBM's native code", e);
    }
  }

  /** What is loaded stays mapped where a system lets files go; elsewhere they go at the end. */
  private static void clear(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!file.toFile().delete()) {
          file.toFile().deleteOnExit();
        }
      }
    }
  }
}
