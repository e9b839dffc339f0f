package dev.sheaf.models.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Files of this machine, or of a disk that it mounts.
 *
 * <p>A write goes to a hidden file beside its target, is forced to the disk, and takes the target's
 * name in one atomic step; the folder is forced to the disk after it.
 */
final class LocalStoreFiles implements StoreFiles {
  static final LocalStoreFiles INSTANCE = new LocalStoreFiles();
  private static final int BUFFER_BYTES = 1 << 16;

  private LocalStoreFiles() {}

  @Override
  public SeekableByteChannel open(String file) throws IOException {
    return FileChannel.open(Path.of(file), StandardOpenOption.READ);
  }

  @Override
  public void write(String file, Content content) throws IOException {
    Path target = Path.of(file).toAbsolutePath();
    Path folder = target.resolveSibling("");
    Files.createDirectories(folder);
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(folder);
  }

  @Override
  public OptionalLong size(String file) throws IOException {
    try {
      return OptionalLong.of(Files.size(Path.of(file)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public List<String> foldersHolding(String folder, String name) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(Path.of(folder))) {
      for (Path child : children) {
        if (Files.isRegularFile(child.resolve(name))) {
          names.add(child.getFileName().toString());
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (NotDirectoryException e) {
      throw new IOException(folder + " is not a folder", e);
    }
    names.sort(null);
    return names;
  }

  @Override
  public List<String> filesIn(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(Path.of(folder))) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (!name.startsWith(".") && Files.isRegularFile(child)) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (NotDirectoryException e) {
      throw new IOException(folder + " is not a folder", e);
    }
    names.sort(null);
    return names;
  }

  @Override
  public void checkWritable(String folder) throws IOException {
    Path path = Path.of(folder);
    Files.createDirectories(path);
    Path probe = path.resolve(".probe." + UUID.randomUUID() + ".tmp");
    Files.createFile(probe);
    Files.delete(probe);
  }

  // Not every system lets a folder be opened; where it does not, the name is as safe as it gets.
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      return;
    }
  }
}
