package dev.sheaf.models.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.OptionalLong;

/**
 * The few things a model store asks of a file system.
 *
 * <p>Files and folders are named by their full location, as text with {@code /} between names. All
 * methods may be called by many threads at once.
 */
public interface StoreFiles {

  /**
   * The files behind a location: this machine's for a path, else those that a {@link
   * StoreFilesProvider} brings for its URI scheme.
   *
   * @param location as {@link ModelStore#location()} gives it
   * @throws StoreException if no provider knows the scheme
   */
  static StoreFiles at(String location) {
    return Locations.filesOf(location);
  }

  /** The files of this machine and of the disks that it mounts, by their paths. */
  static StoreFiles local() {
    return LocalStoreFiles.INSTANCE;
  }

  /**
   * Opens a file for reading at any position. One that is replaced while it is open gives what it
   * was, or on some object stores fails or ends early: see {@link #read}.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  SeekableByteChannel open(String file) throws IOException;

  /**
   * Reads a whole file as it was at one moment, however often it is replaced meanwhile.
   *
   * @param limit the most bytes that it may have
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it has more bytes, or cannot be read
   */
  default byte[] read(String file, long limit) throws IOException {
    return StoreText.readAll(this, file, limit);
  }

  /**
   * Writes a file so that under its name there is, at any moment and after a crash, either what was
   * there before or the whole new content. Folders that are missing are made. Of two that write the
   * same file at once, the one that ends last wins, whole. If {@code content} throws, nothing
   * changes.
   */
  void write(String file, Content content) throws IOException;

  /** The size of a file in bytes; empty if there is none. */
  OptionalLong size(String file) throws IOException;

  /**
   * The names, sorted, of the folders directly in {@code folder} that hold a file named {@code
   * name}; empty if {@code folder} does not exist.
   */
  List<String> foldersHolding(String folder, String name) throws IOException;

  /**
   * The names, sorted, of the files directly in {@code folder}; empty if it does not exist. Names
   * that begin with a dot are left out: files that are being written have such names.
   */
  List<String> filesIn(String folder) throws IOException;

  /**
   * Proves that files can be made in a folder by making one, and the folder, and deleting the file.
   */
  void checkWritable(String folder) throws IOException;

  /** Writes the bytes of a file; called once per attempt. */
  @FunctionalInterface
  interface Content {
    /** Writes everything to the stream and leaves it open. */
    void writeTo(OutputStream out) throws IOException;
  }
}
